/**
 * What a workload Prometheus scrapes, from the real programs: API server and etcd with objects in them, kube-state-metrics,
 * node-exporter, CoreDNS, cert-exporter, net-exporter. What only a machine has, kubelets, is in the sandbox.
 */
import { Resolver } from 'node:dns/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schema } from '../../exporters/cert/config.ts';
import { runCertExporter } from '../../exporters/cert/exporter.ts';
import { systemClock } from '../../exporters/core/clock.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../provisioner/kube/types.ts';
import { makeCertificate } from '../exporters/cert/make-certificate.ts';
import { startWith } from '../exporters/net/running-exporter.ts';
import type { ApiServer } from '../fixtures/api-server.ts';
import { freePort } from '../fixtures/free-port.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { Program } from './pair/processes.ts';

export const realClusterNeeds = ['kube-state-metrics', 'node_exporter', 'coredns'] as const;

export interface RealCluster {
  /** For the Prometheus that scrapes it. */
  readonly scrapes: readonly object[];
  stop(): Promise<void>;
}

export interface RealClusterOptions {
  readonly folder: string;
  readonly api: ApiServer;
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Nothing is wrong in it; else some of everything is not well, so that what is only recorded of faults is recorded. */
  readonly isWell?: boolean;
}

const zoneOf = (i: number): string => ['a', 'b', 'c'][i % 3] ?? 'a';
const day = 86_400_000;
/** Requests that fill the API server. */
const atOnce = 16;

export async function startRealCluster(options: RealClusterOptions): Promise<RealCluster> {
  const { folder, api, nodes, isWell = false } = options;
  await fill(options);
  const programs: Program[] = [];
  const run = (tool: string, args: readonly string[]): void => {
    const program = new Program(tool, args, join(folder, `${tool}.log`));
    program.start();
    programs.push(program);
  };
  const [state, telemetry, machine, dns, dnsMetrics] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
  await writeFile(join(folder, 'state-kubeconfig'), api.kubeconfig, { mode: 0o600 });
  run('kube-state-metrics', [`--kubeconfig=${folder}/state-kubeconfig`, '--host=127.0.0.1', `--port=${state}`, '--telemetry-host=127.0.0.1', `--telemetry-port=${telemetry}`,
    '--metric-labels-allowlist=nodes=[topology.kubernetes.io/zone]', '--resources=daemonsets,deployments,horizontalpodautoscalers,jobs,leases,namespaces,nodes,persistentvolumeclaims,persistentvolumes,poddisruptionbudgets,pods,resourcequotas,services,statefulsets']);
  run('node_exporter', [`--web.listen-address=127.0.0.1:${machine}`]);
  await writeFile(join(folder, 'Corefile'), `.:${dns} {\n  bind 127.0.0.1\n  prometheus 127.0.0.1:${dnsMetrics}\n  cache 30\n  hosts {\n    10.0.0.1 kubernetes.default.svc.cluster.local\n    fallthrough\n  }\n  forward . 127.0.0.1:1\n}\n`);
  run('coredns', ['-conf', join(folder, 'Corefile')]);
  const stop = new AbortController();
  const cert = await startCertExporter(folder, { certificateDays: isWell ? [200, 300] : [5, 200, 300], signal: stop.signal });
  const net = await startNetExporters(dns, isWell);
  const asking = setInterval(() => void ask(dns, isWell ? ['kubernetes.default.svc.cluster.local'] : names), 500);

  const of = (job_name: string, port: number, labels: object = {}): object => ({ job_name, static_configs: [{ targets: [`127.0.0.1:${port}`], labels }] });
  /** Each node has an exporter; here it is always the same machine that answers. */
  const perNode = (job_name: string, port: number): object => ({
    job_name, static_configs: Array.from({ length: nodes }, (_, i) => ({ targets: [`127.0.0.1:${port}`], labels: { node: `node-${i}` } })),
    relabel_configs: [{ source_labels: ['node'], target_label: 'instance' }],
  });
  return {
    scrapes: [
      { ...of('kube-state-metrics', state), honor_labels: true }, of('kube-state-metrics-self', telemetry), of('coredns', dnsMetrics),
      perNode('node-exporter', machine), perNode('cert-exporter', cert), { job_name: 'net-exporter', static_configs: [{ targets: [net.target], labels: { node: 'node-0' } }] },
      { job_name: 'etcd', static_configs: [{ targets: [new URL(api.etcdUrl).host], labels: { node: 'node-0' } }] },
      { job_name: 'apiserver', scheme: 'https', static_configs: [{ targets: [`127.0.0.1:${api.port}`] }], tls_config: { insecure_skip_verify: true }, authorization: { credentials: api.adminToken } },
    ],
    stop: async () => {
      clearInterval(asking);
      stop.abort();
      await Promise.all([net.stop(), ...programs.map((program) => program.kill())]);
    },
  };
}

/** A name that is there, and one that is not: outer servers are dead, which is SERVFAIL. */
const names = ['kubernetes.default.svc.cluster.local', 'kubernetes.default.svc.cluster.local', 'example.org'];

async function ask(port: number, asked: readonly string[]): Promise<void> {
  const resolver = new Resolver({ timeout: 300, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await Promise.allSettled(asked.map((name) => resolver.resolve4(name)));
}

async function startCertExporter(folder: string, { certificateDays, signal }: { readonly certificateDays: readonly number[]; readonly signal: AbortSignal }): Promise<number> {
  await mkdir(join(folder, 'pki'));
  for (const [i, days] of certificateDays.entries()) await writeFile(join(folder, `pki/${i}.crt`), (await makeCertificate({ serial: `0${i + 1}`, notBefore: new Date(Date.now() - 60 * day), notAfter: new Date(Date.now() + days * day) })).cert);
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const config = schema.parse({ address: '127.0.0.1:0', files: { directories: [join(folder, 'pki')] }, secrets: { enabled: false } });
  return new Promise((onListening, reject) => {
    runCertExporter({ config, version: '0', workerEntry: new URL('../../exporters/cert/main.ts', import.meta.url), client: () => Promise.reject(new Error('not asked for')), log: silent, clock: systemClock, random: Math.random, onListening }, signal).catch(reject);
  });
}

/** The discard prefix (RFC 6666): nothing comes back, while an address of loopback would refuse. */
const silence = '100::4';

/** One that looks at two peers: another one, and, where not all is well, a node that does not answer. All have the same UDP port, so each has an address of its own. */
async function startNetExporters(dns: number, isWell: boolean): Promise<{ readonly target: string; stop(): Promise<void> }> {
  const other = await startWith({ address: '127.0.0.1:0', node: { name: 'node-1', zone: 'b' }, mesh: { enabled: false, udpPort: await freePort() } });
  const peers = (isWell ? [1] : [1, 2]).map((i) => ({ node: `node-${i}`, zone: zoneOf(i), address: i === 1 ? '127.0.0.1' : silence }));
  const one = await startWith({
    address: '127.0.0.3:0', intervalSeconds: 2, node: { name: 'node-0', zone: 'a' }, mesh: { peers, port: other.http, udpPort: other.udp, timeoutSeconds: 0.2, spacingMs: 5 },
    dns: { enabled: true, servers: [{ name: 'service', address: '127.0.0.1', port: dns, role: 'service' }], names: ['kubernetes.default.svc.cluster.local'], timeoutSeconds: 0.5 },
  });
  return { target: `127.0.0.3:${one.http}`, stop: async () => void (await Promise.all([one.stop(), other.stop()])) };
}

/** Nodes, pods and what keeps them, as a cluster of this size has them; some of it is not well, where not all is. */
async function fill({ api: { client }, nodes, podsPerNode, isWell = false }: RealClusterOptions): Promise<void> {
  for (const name of ['keelson-system', 'web']) await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await inParallel(nodes, atOnce, async (i) => {
    const name = `node-${i}`;
    await client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zoneOf(i) } }, spec: i === 1 && !isWell ? { unschedulable: true } : {} } as KubeObject);
    const conditions = ['Ready', 'DiskPressure'].map((type) => ({ type, status: (type === 'Ready') === (i !== 2 || isWell) ? 'True' : 'False', reason: 'R', message: '', lastHeartbeatTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' }));
    const room = { cpu: '8', memory: '16Gi', pods: '110' };
    await client.patch(resources.nodes, { name }, { type: 'merge', subresource: 'status', body: { status: { conditions, capacity: room, allocatable: room, nodeInfo: { kubeletVersion: 'v1.36.3' } } } });
  });
  await inParallel(nodes * podsPerNode, atOnce, async (i) => {
    const ref = { namespace: i % 5 === 0 ? 'keelson-system' : 'web', name: `pod-${i}` };
    const isPending = !isWell && i % 50 === 7;
    const container = { name: 'c', image: 'x', resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } } };
    await client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: ref, spec: { nodeName: isPending ? undefined : `node-${i % nodes}`, containers: [container] } } as KubeObject);
    const isBroken = !isWell && i % 20 === 3;
    const state = isBroken ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const ready = { type: 'Ready', status: isBroken ? 'False' : 'True' };
    const conditions = isPending ? [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] : [ready];
    await client.patch(resources.pods, ref, { type: 'merge', subresource: 'status', body: { status: { phase: isPending ? 'Pending' : 'Running', conditions, containerStatuses: [{ name: 'c', image: 'x', imageID: '', ready: !isBroken, restartCount: isBroken ? 9 : 0, state }] } } });
  });
  await workloads(client, isWell);
}

async function workloads(client: ApiServer['client'], isWell: boolean): Promise<void> {
  const template = (name: string): object => ({ selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'x' }] } } });
  for (const [namespace, name, available] of [['keelson-system', 'prometheus-operator', 1], ['keelson-system', 'kube-state-metrics', 0], ['web', 'shop', 1], ['web', 'blog', 2]] as const) {
    await client.create(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: 2, ...template(name) } } as KubeObject);
    await client.patch(resources.deployments, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: { replicas: 2, readyReplicas: isWell ? 2 : available, availableReplicas: isWell ? 2 : available } } });
  }
  const less = isWell ? 0 : 1;
  for (const [plural, kind, status] of [['daemonsets', 'DaemonSet', { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberMisscheduled: 0, numberReady: 3 - less, numberAvailable: 3 - less }], ['statefulsets', 'StatefulSet', { replicas: 2, readyReplicas: 2 - less }]] as const) {
    const resource = { group: 'apps', version: 'v1', plural, kind, namespaced: true };
    await client.create(resource, { apiVersion: 'apps/v1', kind, metadata: { name: 'store', namespace: 'web' }, spec: { ...(kind === 'StatefulSet' ? { replicas: 2, serviceName: 'store' } : {}), ...template('store') } } as KubeObject);
    await client.patch(resource, { namespace: 'web', name: 'store' }, { type: 'merge', subresource: 'status', body: { status } });
  }
  const of = (plural: string, kind: string, group: string, version = 'v1') => ({ group, version, plural, kind, namespaced: true });
  const web = (name: string): { name: string; namespace: string } => ({ name, namespace: 'web' });
  await client.create(of('poddisruptionbudgets', 'PodDisruptionBudget', 'policy'), { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: web('shop'), spec: { minAvailable: 2, selector: { matchLabels: { app: 'shop' } } } } as KubeObject);
  await client.patch(of('poddisruptionbudgets', 'PodDisruptionBudget', 'policy'), web('shop'), { type: 'merge', subresource: 'status', body: { status: { disruptionsAllowed: isWell ? 1 : 0, expectedPods: 2, currentHealthy: 2 - less, desiredHealthy: isWell ? 1 : 2 } } });
  await client.create(of('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'autoscaling', 'v2'), { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: web('shop'), spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' } } } as KubeObject);
  await client.patch(of('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'autoscaling', 'v2'), web('shop'), { type: 'merge', subresource: 'status', body: { status: { desiredReplicas: isWell ? 1 : 2, currentReplicas: 2, conditions: [] } } });
  await client.create(of('resourcequotas', 'ResourceQuota', ''), { apiVersion: 'v1', kind: 'ResourceQuota', metadata: web('all'), spec: { hard: { pods: '10' } } } as KubeObject);
  await client.patch(of('resourcequotas', 'ResourceQuota', ''), web('all'), { type: 'merge', subresource: 'status', body: { status: { hard: { pods: '10' }, used: { pods: isWell ? '5' : '9' } } } });
  await client.create(of('persistentvolumeclaims', 'PersistentVolumeClaim', ''), { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: web('data'), spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } as KubeObject);
  await client.patch(of('persistentvolumeclaims', 'PersistentVolumeClaim', ''), web('data'), { type: 'merge', subresource: 'status', body: { status: { phase: isWell ? 'Bound' : 'Pending' } } });
  for (const name of ['kube-controller-manager', 'kube-scheduler']) await client.create(of('leases', 'Lease', 'coordination.k8s.io'), { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-system' }, spec: { holderIdentity: 'x', leaseDurationSeconds: 15, renewTime: new Date().toISOString().replace(/\.(\d{3})Z$/, '.$1000Z') } } as KubeObject);
}
