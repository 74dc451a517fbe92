import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { federationScrapeConfig } from '../../monitoring/federation.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import type { KubeObject, Resource } from '../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../fixtures/api-server.ts';
import { chartPath, helm, template, type Manifest } from '../fixtures/helm.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

const monitoring = (plural: string, kind: string, version = 'v1'): Resource => ({ group: 'monitoring.coreos.com', version, plural, kind, namespaced: true });
const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

/** The real operator turns our objects into configurations that the real checkers read. */
describeWith({ tools: [...apiServerNeeds.tools, 'helm', 'prometheus-operator', 'promtool', 'amtool'] }, 'charts monitoring, workload-monitoring, cert-exporter in a real API server', () => {
  let api: ApiServer;
  let folder: string;
  let operator: ChildProcess;
  const install = (chart: string, into: string, args: readonly string[] = []): Promise<string> =>
    helm(['install', chart, chartPath(chart), '--namespace', into, '--create-namespace', ...args], { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder });

  beforeAll(async () => {
    api = await startApiServer();
    folder = await mkdtemp(join(tmpdir(), 'keelson-monitoring-'));
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    for (const [file, content] of [['ca', api.ca.cert], ['cert', api.adminCertificate.cert], ['key', api.adminCertificate.key]] as const) await writeFile(join(folder, file), content, { mode: 0o600 });
    await install('prometheus-operator', 'keelson-system');
    // Both kinds of cluster in one API server: two namespaces, whose cluster-wide names must not meet.
    await install('monitoring', 'keelson-system', ['--set', 'pager.url=http://pager.example/hook', '--set', 'identity.cluster_id=mgmt', '--set', 'prometheus.scrapeInterval=5s', '--set', 'rules.for.CertificateExpiresSoon=10s', '--set', 'routing.groupWait=1s']);
    await api.client.create(resources.namespaces, namespace('workload'));
    for (const manifest of await template('workload-monitoring', 'workload')) await api.client.request({ method: 'POST', path: collection(manifest), query: { fieldValidation: 'Strict' }, headers: { 'content-type': 'application/json' }, body: JSON.stringify(manifest) });
    await install('cert-exporter', 'keelson-system', ['--set', 'serviceMonitor.enabled=true', '--set', 'networkPolicy.enabled=true']);
    await api.client.create(resources.namespaces, namespace('org-demo'));
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'demo-federation', namespace: 'keelson-system' }, stringData: { token: 'token-of-the-reader', 'ca.crt': api.ca.cert } });
    const scrape = federationScrapeConfig({
      cluster: 'demo', namespace: 'keelson-system', endpoint: '198.51.100.20:6443', identity: { cluster_id: 'demo', organization: 'demo' }, interval: '5s',
      tokenSecret: { name: 'demo-federation', key: 'token' }, caSecret: { name: 'demo-federation', key: 'ca.crt' },
    });
    await api.client.create(monitoring('scrapeconfigs', 'ScrapeConfig', 'v1alpha1'), scrape as unknown as KubeObject);
    operator = spawn(join(toolsBin, 'prometheus-operator'), [`--apiserver=${api.url}`, `--ca-file=${folder}/ca`, `--cert-file=${folder}/cert`, `--key-file=${folder}/key`, '--web.listen-address=127.0.0.1:0'], { stdio: 'ignore' });
  }, 240_000);
  afterAll(async () => {
    operator?.kill('SIGKILL');
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  /** A key of a Secret that the operator writes, once it holds all of these. */
  const written = async (secret: { namespace: string; name: string }, key: string, wanted: readonly string[] = []): Promise<string> => {
    const endsAt = Date.now() + 60_000;
    for (;;) {
      const found = await api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, secret);
      const data = found?.data[key];
      const text = data ? gunzipSync(Buffer.from(data, 'base64')).toString() : '';
      if (text && wanted.every((part) => text.includes(part))) return text;
      if (Date.now() > endsAt) throw new Error(`${secret.namespace}/${secret.name} lacks ${wanted.filter((part) => !text.includes(part)).join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const check = async (tool: string, args: readonly string[], content: string): Promise<void> => {
    const path = join(folder, `${tool}.yaml`);
    await writeFile(path, content);
    const { status, stdout, stderr } = spawnSync(join(toolsBin, tool), [...args, path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${stdout}${stderr}\n${content}`);
  };

  test.each(['prometheus-operator', 'monitoring', 'workload-monitoring', 'cert-exporter', 'net-exporter'])('helm lint of %s', async (chart) => {
    await expect(helm(['lint', '--strict', chartPath(chart)])).resolves.toContain('0 chart(s) failed');
  });

  test.each([
    ['monitoring', ['--set', 'pager.url=ftp://x']], ['monitoring', ['--set', 'pagr.url=http://x']], ['monitoring', ['--set', 'prometheus.scrapeInterval=often']],
    ['workload-monitoring', ['--set', 'prometheus.storage=much']], ['cert-exporter', ['--set', 'files.directories={relative}']], ['cert-exporter', ['--set', 'files.intervalSeconds=0']], ['net-exporter', ['--set', 'mesh.ownZonePeers=0']],
  ])('%s refuses %p', async (chart, args) => {
    await expect(template(chart, 'x', args)).rejects.toThrow("values don't meet the specifications");
  });

  test.each<[string, string[]]>([
    ['cert-exporter', []], ['cert-exporter', ['--set', 'files.enabled=false']], ['cert-exporter', ['--set', 'secrets.enabled=false']], ['cert-exporter', ['--set', 'secrets.namespaces={org-demo,org-demo}', '--set', 'serviceMonitor.enabled=true']],
    ['cert-exporter', ['--set', 'configMaps.enabled=true,caBundles.enabled=true,certificates.enabled=true,cluster.replicas=2,rules.enabled=true,tls.secretName=t,serviceMonitor.enabled=true,networkPolicy.enabled=true', '--set-json', 'endpoints.targets=[{"address":"a:1"}]']],
    ['workload-monitoring', ['--set', 'federation.enabled=false', '--set', 'scrape.kubelet.enabled=false']], ['workload-monitoring', ['--set', 'prometheus.storage=10Gi', '--set', 'prometheus.storageClassName=fast']],
    ['monitoring', ['--set', 'notices.url=https://x', '--set', 'alertmanager.replicas=3', '--set', 'priorityClassName=system-cluster-critical']], ['prometheus-operator', ['--set', 'crds.enabled=false']],
  ])('every object of %s %p is valid, no field unknown', async (chart, args) => {
    for (const manifest of await template(chart, 'org-demo', args)) {
      const { status, body } = await api.client.request({
        method: 'POST', path: collection(manifest), query: { dryRun: 'All', fieldValidation: 'Strict' }, headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-dry` } }),
      });
      expect([manifest.kind, manifest.metadata.name, status, status < 300 ? '' : body.toString()]).toEqual([manifest.kind, manifest.metadata.name, 201, '']);
    }
  });

  describe('Pod Security', () => {
    beforeAll(async () => void (await api.client.create(resources.namespaces, namespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' }))));
    const violations = async (spec: unknown): Promise<string[]> => {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'restricted' }, spec };
      const { status, body } = await api.client.request({ method: 'POST', path: '/api/v1/namespaces/restricted/pods', query: { dryRun: 'All' }, headers: { 'content-type': 'application/json' }, body: JSON.stringify(pod) });
      const { message = '' } = JSON.parse(body.toString()) as { message?: string };
      return status === 201 ? [] : [...message.matchAll(/(?:: |, )([a-zA-Z ]+?)(?: \(|=| != )/g)].map(([, what]) => what!);
    };
    const podSpecs = (manifests: readonly Manifest[]): unknown[] =>
      manifests.flatMap((manifest) => (['Deployment', 'DaemonSet', 'StatefulSet'].includes(manifest.kind) ? [(manifest['spec'] as { template: { spec: unknown } }).template.spec] : []));

    test.each<[string, string[]]>([['prometheus-operator', []], ['workload-monitoring', ['--set', 'controlPlaneMetrics.enabled=false']], ['net-exporter', []], ['cert-exporter', ['--set', 'files.enabled=false']], ['cert-exporter', ['--set', 'files.enabled=false,secrets.enabled=false,tls.secretName=t', '--set-json', 'endpoints.targets=[{"address":"a:1"}]']]])('pods of %s %p pass restricted', async (chart, args) => {
      const specs = podSpecs(await template(chart, 'x', args));
      expect(specs.length).toBeGreaterThan(0);
      for (const spec of specs) expect(await violations(spec)).toEqual([]);
    });

    test('the relay to the control plane is on the network of its node, and restricted in all else', async () => {
      const [spec] = podSpecs((await template('workload-monitoring', 'x')).filter(({ kind }) => kind === 'DaemonSet'));
      expect(await violations(spec)).toEqual(['host namespaces', 'hostPort']);
    });

    test('the pods that read files of the node waive exactly three checks', async () => {
      const [spec] = podSpecs(await template('cert-exporter', 'x', ['--set', 'secrets.enabled=false']));
      expect(await violations(spec)).toEqual(['restricted volume types', 'runAsNonRoot', 'runAsUser']);
    });

    test.each([['keelson-system', 'prometheus-keelson'], ['workload', 'prometheus-keelson'], ['keelson-system', 'alertmanager-keelson']])('the pods that the operator makes in %s of %s pass restricted', async (where, name) => {
      const endsAt = Date.now() + 60_000;
      let set: KubeObject | undefined;
      while (!(set = await api.client.get(resources.statefulSets, { namespace: where, name }))) {
        if (Date.now() > endsAt) throw new Error(`${where}/${name} was not made`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      for (const spec of podSpecs([set as unknown as Manifest])) expect(await violations(spec)).toEqual([]);
    });
  });

  test('Prometheus reads the configuration of the management side, federation included', async () => {
    const config = await written({ namespace: 'keelson-system', name: 'prometheus-keelson' }, 'prometheus.yaml.gz', ['job_name: scrapeConfig/keelson-system/demo-federation']);
    expect(config).toContain('/api/v1/namespaces/keelson-system/services/keelson-federation:http/proxy/federate');
    expect(config).not.toContain('prometheus_replica:');
    // promtool opens every file that is named, and these exist in the pod only.
    await check('promtool', ['check', 'config', '--syntax-only'], config.replaceAll(/^\s*rule_files:\n(\s*- .*\n)*/gm, ''));
  });

  test('Prometheus reads the configuration of a workload cluster, with API server and kubelets', async () => {
    // The controller manager, which is not here, fills the token in; until then the operator leaves out who names it.
    await api.client.patch(resources.secrets, { namespace: 'workload', name: 'keelson-prometheus-token' }, { type: 'merge', body: { stringData: { token: 'token-of-prometheus', 'ca.crt': api.ca.cert } } });
    const jobs = ['workload/keelson-apiserver', 'workload/keelson-kubelet', 'workload/keelson-federation', 'keelson-system/cert-exporter'];
    const config = await written({ namespace: 'workload', name: 'prometheus-keelson' }, 'prometheus.yaml.gz', jobs.map((job) => `job_name: serviceMonitor/${job}/0`));
    await check('promtool', ['check', 'config', '--syntax-only'], config.replaceAll(/^\s*rule_files:\n(\s*- .*\n)*/gm, ''));
  });

  test('Alertmanager reads its configuration and sends pages to the pager', async () => {
    const config = await written({ namespace: 'keelson-system', name: 'alertmanager-keelson-generated' }, 'alertmanager.yaml.gz');
    await check('amtool', ['check-config'], config);
    const routed = spawnSync(join(toolsBin, 'amtool'), ['config', 'routes', 'test', `--config.file=${join(folder, 'amtool.yaml')}`, 'severity=page'], { encoding: 'utf8' });
    expect(routed.stdout.trim()).toBe('pager');
    expect(config).toContain('http://pager.example/hook');
    expect(config).toContain('group_wait: 1s');
  });

  test('rules carry what only values know', async () => {
    const rule = await api.client.get<KubeObject & { spec: { groups: { rules: { alert?: string; record?: string; for?: string; labels: Record<string, string>; annotations?: Record<string, string> }[] }[] } }>(monitoring('prometheusrules', 'PrometheusRule'), { namespace: 'keelson-system', name: 'keelson' });
    const rules = rule!.spec.groups.flatMap((group) => group.rules);
    expect(new Set(rules.filter(({ record }) => record).map(({ labels }) => labels['cluster_id']))).toEqual(new Set(['mgmt']));
    expect(rules.filter(({ alert }) => alert === 'CertificateExpiresSoon').map((one) => one.for)).toEqual(['10s', '10s']);
    expect(rules.find(({ alert }) => alert === 'TargetsDown')).toMatchObject({ for: '15m', annotations: { runbook_url: 'https://github.com/keelson/keelson/blob/main/docs/runbooks/TargetsDown.md' } });
    await check('promtool', ['check', 'rules', '--lint=all', '--lint-fatal'], JSON.stringify({ groups: rule!.spec.groups }));
  });

  test('no ScrapeConfig is taken from another namespace, nor without our label', async () => {
    for (const metadata of [{ name: 'stranger', namespace: 'org-demo', labels: { 'keelson.dev/federation': 'true' } }, { name: 'stranger', namespace: 'keelson-system' }]) {
      await api.client.create(monitoring('scrapeconfigs', 'ScrapeConfig', 'v1alpha1'), { apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'ScrapeConfig', metadata, spec: { staticConfigs: [{ targets: ['stranger:80'] }] } });
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await written({ namespace: 'keelson-system', name: 'prometheus-keelson' }, 'prometheus.yaml.gz')).not.toContain('stranger');
  });
});

/** Path of the collection that a manifest is created in. */
function collection({ apiVersion, kind, metadata }: Manifest): string {
  const plural = { NetworkPolicy: 'networkpolicies', Prometheus: 'prometheuses' }[kind] ?? `${kind.toLowerCase()}s`;
  const isClusterWide = ['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'CustomResourceDefinition'].includes(kind);
  const scope = isClusterWide ? '' : `/namespaces/${metadata.namespace}`;
  return `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}${scope}/${plural}`;
}
