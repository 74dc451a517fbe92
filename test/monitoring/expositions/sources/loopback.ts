/** What runs on one machine without being a node: API server and etcd, their controllers, the exporters, the watchers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { resources } from '../../../../provisioner/kube/resources.ts';
import type { KubeObject, Resource } from '../../../../provisioner/kube/types.ts';
import { pinOf, type ToolName } from '../../../../sandbox/tools/pins.ts';
import { startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { freePort } from '../../../fixtures/free-port.ts';
import { template } from '../../../fixtures/helm.ts';
import { Program } from '../../pair/processes.ts';
import { startRealCluster } from '../../real-cluster.ts';
import { eventually, read, readSelfSigned, showing, type Recorded } from './source.ts';

const of = (group: string, version: string, plural: string, kind: string, namespaced = false): Resource => ({ group, version, plural, kind, namespaced });
const admission = 'admissionregistration.k8s.io';

export async function loopback(folder: string): Promise<Recorded[]> {
  const api = await startApiServer();
  const undo: (() => Promise<unknown>)[] = [() => api.stop()];
  try {
    const real = await startRealCluster({ folder, api, nodes: 3, podsPerNode: 10 });
    undo.push(() => real.stop());
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    await trouble(api);
    const run = async (tool: string, args: (port: number) => readonly string[]): Promise<number> => {
      const port = await freePort();
      const program = new Program(tool, args(port), join(folder, `${tool}.log`));
      program.start();
      undo.push(() => program.kill());
      return port;
    };
    const targets = new Map(real.scrapes.map((scrape) => [jobOf(scrape), targetOf(scrape)]));
    const at = (job: string): string => `http://${targets.get(job) ?? ''}/metrics`;
    // Before a scheduler finds a node for pods that are to have none.
    const state = await showing('kube-state-metrics', 'kube_pod_status_unschedulable', () => read(at('kube-state-metrics')));
    const delegated = ['--authentication-skip-lookup=true', '--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics', '--leader-elect=false'];
    const kube = (port: number): string[] => [`--kubeconfig=${folder}/kubeconfig`, `--secure-port=${port}`, '--bind-address=127.0.0.1', ...delegated];
    const scheduler = await run('kube-scheduler', kube);
    const manager = await run('kube-controller-manager', kube);
    for (const name of ['ca', 'cert', 'key']) await writeFile(join(folder, name), { ca: api.ca.cert, cert: api.adminCertificate.cert, key: api.adminCertificate.key }[name] ?? '', { mode: 0o600 });
    await monitoringKinds(api);
    const operator = await run('prometheus-operator', (port) => [`--apiserver=${api.url}`, `--ca-file=${folder}/ca`, `--cert-file=${folder}/cert`, `--key-file=${folder}/key`, `--web.listen-address=127.0.0.1:${port}`]);
    const { alertmanager, prometheus } = await watchers(folder, run);
    const ofApi = async (): Promise<string> => (await api.client.request({ method: 'GET', path: '/metrics' })).body.toString();
    const insecurely = (port: number) => (): Promise<string> => readSelfSigned(`https://127.0.0.1:${port}/metrics`);
    return [
      recorded('kube-apiserver', await showing('the API server', 'aggregator_unavailable_apiservice', ofApi)),
      recorded('etcd', await read(at('etcd'))),
      recorded('kube-scheduler', await showing('the scheduler', 'scheduler_pending_pods', insecurely(scheduler))),
      recorded('kube-controller-manager', await showing('the controller manager', 'workqueue_depth', insecurely(manager))),
      recorded('kube-state-metrics', state + (await read(at('kube-state-metrics-self')))),
      { component: 'node-exporter', version: versionOf('node_exporter'), text: await read(at('node-exporter')) },
      recorded('coredns', await showing('CoreDNS', 'coredns_cache_hits_total', () => read(at('coredns')))),
      { component: 'cert-exporter', version: '0.1.0', text: await read(at('cert-exporter')) },
      { component: 'net-exporter', version: '0.1.0', text: await showing('net-exporter', 'net_exporter_peer_up', () => read(at('net-exporter'))) },
      recorded('prometheus-operator', await showing('prometheus-operator', 'prometheus_operator_reconcile_operations_total', () => read(`http://127.0.0.1:${operator}/metrics`))),
      recorded('alertmanager', await showing('Alertmanager', 'alertmanager_notifications_total', () => read(`http://127.0.0.1:${alertmanager}/metrics`))),
      recorded('prometheus', (await showing('Prometheus', 'prometheus_tsdb_head_samples_appended_total', () => read(`http://127.0.0.1:${prometheus}/metrics`))) + (await stored(prometheus, ['ALERTS']))),
      recorded('scrape', await stored(prometheus, ['up', 'scrape_samples_post_metric_relabeling', 'scrape_duration_seconds']), 'prometheus'),
    ];
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

const versionOf = (tool: string): string => pinOf(tool as ToolName).version;
const recorded = (component: string, text: string, tool = component): Recorded => ({ component, version: versionOf(tool), text });
const jobOf = (scrape: object): string => (scrape as { job_name: string }).job_name;
const targetOf = (scrape: object): string => (scrape as { static_configs: { targets: string[] }[] }).static_configs[0]?.targets[0] ?? '';

/** A webhook that does not answer, twice; a policy that denies; an aggregated API that nobody serves; a Job that failed. */
async function trouble({ client }: ApiServer): Promise<void> {
  const away = (failurePolicy: string, resource: string) => ({ name: `${failurePolicy.toLowerCase()}.example.com`, clientConfig: { url: 'https://127.0.0.1:1/' }, failurePolicy, sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 1, rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] }] });
  await client.create(resources.validatingWebhookConfigurations, { apiVersion: `${admission}/v1`, kind: 'ValidatingWebhookConfiguration', metadata: { name: 'away' }, webhooks: [away('Fail', 'podtemplates'), away('Ignore', 'endpoints')] } as KubeObject);
  await client.create(of(admission, 'v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy'), { apiVersion: `${admission}/v1`, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'never' }, spec: { matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['replicationcontrollers'] }] }, validations: [{ expression: 'false' }] } } as KubeObject);
  await client.create(of(admission, 'v1', 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding'), { apiVersion: `${admission}/v1`, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'never' }, spec: { policyName: 'never', validationActions: ['Deny'] } } as KubeObject);
  await client.create(of('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService'), { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.metrics.k8s.io' }, spec: { group: 'metrics.k8s.io', version: 'v1beta1', service: { namespace: 'default', name: 'away' }, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true } } as KubeObject);
  const attempt = (plural: string, kind: string, body: object): Promise<unknown> => client.create(of('', 'v1', plural, kind, true), { apiVersion: 'v1', kind, metadata: { namespace: 'default', name: `x-${Math.random().toString(36).slice(2, 8)}` }, ...body } as KubeObject).catch((error: unknown) => error);
  await eventually('policy and webhooks judge', async () => {
    await attempt('podtemplates', 'PodTemplate', { template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } } });
    await attempt('endpoints', 'Endpoints', {});
    await attempt('replicationcontrollers', 'ReplicationController', { spec: { replicas: 0, selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } } } });
    const text = (await client.request({ method: 'GET', path: '/metrics' })).body.toString();
    return ['apiserver_admission_webhook_fail_open_count', 'apiserver_admission_webhook_rejection_count', 'apiserver_validating_admission_policy_check_total'].every((name) => text.includes(`${name}{`)) ? true : undefined;
  });
  const job = { namespace: 'web', name: 'failed' };
  const jobs = of('batch', 'v1', 'jobs', 'Job', true);
  await client.create(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: job, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } } as KubeObject);
  await client.patch(jobs, job, { type: 'merge', subresource: 'status', body: { status: { startTime: new Date().toISOString(), failed: 1 } } });
}

/** prometheus-operator waits for its kinds. */
async function monitoringKinds({ client }: ApiServer): Promise<void> {
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'observed' } });
  for (const manifest of await template('prometheus-operator', 'keelson-system')) if (manifest.kind === 'CustomResourceDefinition') await client.create(resources.customResourceDefinitions, manifest as unknown as KubeObject);
  const prometheuses = of('monitoring.coreos.com', 'v1', 'prometheuses', 'Prometheus', true);
  await eventually('the kinds of prometheus-operator', async () => client.create(prometheuses, { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', metadata: { name: 'x', namespace: 'observed' }, spec: {} } as KubeObject));
}

/** A Prometheus with a rule, an alert that fires, a remote write that nobody takes; an Alertmanager with a receiver that fails. */
async function watchers(folder: string, run: (tool: string, args: (port: number) => readonly string[]) => Promise<number>): Promise<{ alertmanager: number; prometheus: number }> {
  const write = async (name: string, content: object): Promise<string> => {
    await writeFile(join(folder, name), stringify(content, { version: '1.1' }));
    return join(folder, name);
  };
  const gossip = await freePort();
  const routing = await write('alertmanager.yaml', { route: { receiver: 'r', group_wait: '0s' }, receivers: [{ name: 'r', webhook_configs: [{ url: 'http://127.0.0.1:1/', send_resolved: false }] }] });
  const alertmanager = await run('alertmanager', (port) => [`--config.file=${routing}`, `--storage.path=${folder}/am`, `--web.listen-address=127.0.0.1:${port}`, `--cluster.listen-address=127.0.0.1:${gossip}`]);
  const rules = await write('rules.yaml', { groups: [{ name: 'g', interval: '1s', rules: [{ alert: 'A', expr: 'vector(1)', labels: { severity: 'page', team: 'platform', area: 'nodes', cluster_id: 'c' } }] }] });
  const config = await write('prometheus.yaml', {
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' }, rule_files: [rules], remote_write: [{ url: 'http://127.0.0.1:1/', name: 'away' }],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] }, scrape_configs: [{ job_name: 'am', static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }],
  });
  return { alertmanager, prometheus: await run('prometheus', (port) => [`--config.file=${config}`, `--storage.tsdb.path=${folder}/tsdb`, `--web.listen-address=127.0.0.1:${port}`]) };
}

/** Series that Prometheus writes itself, as an exposition: they are gauges, and have the labels of their target. */
async function stored(port: number, names: readonly string[]): Promise<string> {
  const lines = await Promise.all(names.map((name) => eventually(`${name} in Prometheus`, async () => {
    const { data } = JSON.parse(await read(`http://127.0.0.1:${port}/api/v1/series?match[]=${name}`)) as { data: Record<string, string>[] };
    const targets = ['__name__', 'job', 'instance'];
    return data.length ? `# TYPE ${name} gauge\n${data.map((labels) => `${name}{${Object.entries(labels).filter(([label]) => !targets.includes(label)).map(([label, value]) => `${label}="${value}"`).join(',')}} 1`).join('\n')}\n` : undefined;
  })));
  return lines.join('');
}
