/** One workload cluster of the test: a real Prometheus with the recorded family, the federation proxy, and its place in the API server. */
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { groupsFor } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { runFederationProxy } from '../../../provisioner/federation-proxy/proxy.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { startFaultyProxy, type FaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { Program } from './processes.ts';

/** Below the scrape timeout, as in the chart: 9 s of 10 s. */
const proxyTimeoutMs = 1200;

export interface WorkloadCluster {
  readonly name: string;
  readonly prometheus: Program;
  readonly prometheusUrl: string;
  /** In front of the API server: this cluster's way can break alone. */
  readonly way: FaultyProxy;
  readonly token: string;
  /** Other rules in place of the forged ones; its Prometheus reads them when it is told to. */
  forge(rules: readonly object[]): Promise<unknown>;
  stop(): Promise<void>;
}

export interface WorkloadOptions {
  readonly name: string;
  readonly folder: string;
  readonly api: ApiServer;
  /** Scrape jobs beside the Prometheus itself. */
  readonly scrapes?: readonly object[];
  /** Rules beside the family: what a hostile cluster records. */
  readonly forged?: readonly object[];
  /** Prometheus duration; default 2s. */
  readonly interval?: string;
}

export async function startWorkloadCluster({ name, folder, api, scrapes = [], forged = [], interval = '2s' }: WorkloadOptions): Promise<WorkloadCluster> {
  const port = await freePort();
  const file = async (of: string, content: unknown): Promise<string> => {
    await writeFile(join(folder, `${name}-${of}`), stringify(content, { version: '1.1' }));
    return join(folder, `${name}-${of}`);
  };
  const family = renderGroups(groupsFor('workload'), { runbookBase: '' });
  const forge = (own: readonly object[]): Promise<string> => file('rules.yaml', { groups: [...family.groups.map((group) => ({ ...group, interval })), { name: 'forged', interval, rules: own }] });
  const rules = await forge(forged);
  const config = await file('prometheus.yaml', {
    global: { scrape_interval: interval, evaluation_interval: interval }, rule_files: [rules],
    scrape_configs: [{ job_name: 'prometheus', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }, ...scrapes],
  });
  const prometheus = new Program('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${folder}/${name}-data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, `${name}.log`));
  prometheus.start();

  const stop = new AbortController();
  const address = outerAddress();
  let done: Promise<void> = Promise.resolve();
  const { queries } = await new Promise<{ queries: number }>((onListening, reject) => {
    done = runFederationProxy({ upstream: `http://127.0.0.1:${port}`, listen: `${address}:0`, metricsListen: '127.0.0.1:0', healthListen: '127.0.0.1:0', timeoutMs: proxyTimeoutMs, onListening }, stop.signal);
    done.catch(reject);
  });
  const token = await placeInApiServer(api, { namespace: name, address, port: queries });
  const way = await startFaultyProxy(api);
  return {
    name, prometheus, way, token, forge, prometheusUrl: `http://127.0.0.1:${port}`,
    stop: async () => {
      await prometheus.kill();
      stop.abort();
      await Promise.all([done, way.stop()]);
    },
  };
}

/** The API server proxies to no loopback address. */
function outerAddress(): string {
  const address = Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  if (!address) throw new Error('the API server proxies to no loopback address, and there is no other one');
  return address;
}

/** Service, addresses (by hand: no controller runs) and a reader with its token, in a namespace that stands for the cluster. */
async function placeInApiServer({ client }: ApiServer, { namespace, address, port }: { namespace: string; address: string; port: number }): Promise<string> {
  const metadata = { name: 'keelson-federation', namespace };
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 9090, targetPort: port }] } });
  await client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'proxy', image: 'x' }] } });
  await client.patch(resources.pods, metadata, { type: 'merge', subresource: 'status', body: { status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] } } });
  await client.create(resources.endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [{ addresses: [{ ip: address, targetRef: { kind: 'Pod', ...metadata } }], ports: [{ name: 'http', port }] }] });
  const rbac = 'rbac.authorization.k8s.io';
  const reader = { name: 'keelson-federation-reader', namespace };
  const of = (plural: string, kind: string, group = rbac) => ({ group, version: 'v1', plural, kind, namespaced: true });
  await client.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: reader });
  await client.create(of('roles', 'Role'), { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: reader, rules: [{ apiGroups: [''], resources: ['services/proxy'], resourceNames: ['keelson-federation:http'], verbs: ['get'] }] } as KubeObject);
  await client.create(of('rolebindings', 'RoleBinding'), { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: reader, roleRef: { apiGroup: rbac, kind: 'Role', name: reader.name }, subjects: [{ kind: 'ServiceAccount', ...reader }] } as KubeObject);
  const { body } = await client.request({
    method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts/${reader.name}/token`, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } }),
  });
  return (JSON.parse(body.toString()) as { status: { token: string } }).status.token;
}
