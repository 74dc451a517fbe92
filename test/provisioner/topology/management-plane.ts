/** A real API server with our charts' CRDs, the real Cluster API core manager as a process, and our extension in this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Condition, KubeObject, Resource } from '../../../provisioner/kube/types.ts';
import { immutableFieldsPolicy } from '../../../provisioner/topology/admission/immutable-fields.ts';
import { classObjects } from '../../../provisioner/topology/class/objects.ts';
import { extensionConfig } from '../../../provisioner/topology/extension/extension-config.ts';
import { startTopologyExtension, type TopologyExtension } from '../../../provisioner/topology/extension/run.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { template, type Manifest } from '../../fixtures/helm.ts';
import { toolsBin } from '../../fixtures/needs.ts';

export const managementPlaneNeeds = { tools: [...apiServerNeeds.tools, 'helm', 'capi-core-manager'] } as const;

export interface ManagementPlane {
  readonly client: KubeClient;
  /** File of an admin kubeconfig. */
  readonly kubeconfig: string;
  readonly extension: TopologyExtension;
  /** End of the manager's log. */
  log(): string;
  stop(): Promise<void>;
}

/** @param settings of the ExtensionConfig; without them nothing waits for an operator, and none runs */
export async function startManagementPlane(settings: Readonly<Record<string, string>> = {}): Promise<ManagementPlane> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.reverse()) await step();
  };
  try {
    return { ...(await start(undo, settings)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(undo: (() => unknown)[], settings: Readonly<Record<string, string>>): Promise<Omit<ManagementPlane, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-topology-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const api = await startApiServer();
  undo.push(() => api.stop());
  const certs = join(folder, 'certs');
  await mkdir(certs);
  const pair = await api.ca.issue({ commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server' });
  await writeFile(join(certs, 'tls.crt'), pair.cert);
  await writeFile(join(certs, 'tls.key'), pair.key);
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);

  const [webhookPort, healthPort] = [await freePort(), await freePort()];
  await installCharts(api, webhookPort);
  const manager = startManager(folder, [
    `--kubeconfig=${folder}/kubeconfig`, `--webhook-port=${webhookPort}`, `--webhook-cert-dir=${certs}`, `--health-addr=127.0.0.1:${healthPort}`,
    '--diagnostics-address=0', '--feature-gates=ClusterTopology=true,RuntimeSDK=true', '--v=2', '--skip-crd-migration-phases=StorageVersionMigration,CleanupManagedFields',
  ]);
  undo.push(() => manager.kill('SIGKILL'));
  const log = (): string => readFileSync(join(folder, 'manager.log'), 'utf8').slice(-4000);
  await until('the manager', async () => (manager.exitCode === null ? (await fetch(`http://127.0.0.1:${healthPort}/readyz`).catch(() => undefined))?.ok : Promise.reject(new Error(log()))));

  const extension = await startTopologyExtension({ port: 0, certDir: certs, metricsPort: 0, healthPort: 0, host: '127.0.0.1', log: silentLog, drainMs: 0 });
  undo.push(() => extension.stop());
  await publishClass(api, extension.ports.hooks, settings);
  return { client: api.client, kubeconfig: join(folder, 'kubeconfig'), extension, log };
}

/** CRDs as they are; of the webhooks only those of core, which runs here, called by URL. */
async function installCharts(api: ApiServer, webhookPort: number): Promise<void> {
  const caBundle = Buffer.from(api.ca.cert).toString('base64');
  const manifests = await template('cluster-api', 'capi-system');
  for (const crd of manifests.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
    const { conversion: _conversion, ...spec } = crd['spec'] as { conversion?: unknown };
    await api.client.create(resources.customResourceDefinitions, { ...crd, spec });
  }
  await until('every CRD', async () => {
    const { items } = await api.client.list<KubeObject & { status?: { conditions?: Condition[] } }>(resources.customResourceDefinitions);
    return items.every(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'));
  });
  const configurations: Record<string, Resource> = { MutatingWebhookConfiguration: resources.mutatingWebhookConfigurations, ValidatingWebhookConfiguration: resources.validatingWebhookConfigurations };
  for (const manifest of manifests) {
    const resource = configurations[manifest.kind];
    if (!resource || manifest.metadata.labels?.['cluster.x-k8s.io/provider'] !== 'cluster-api') continue;
    const webhooks = (manifest['webhooks'] as { clientConfig: { service: { path: string } } }[]).map((webhook) => ({
      ...webhook, clientConfig: { url: `https://127.0.0.1:${webhookPort}${webhook.clientConfig.service.path}`, caBundle },
    }));
    await api.client.create(resource, { ...(manifest as Manifest), webhooks });
  }
}

/** Only tests apply these by hand: Helm does it elsewhere. */
const policies: readonly Resource[] = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].map((kind) => ({ group: 'admissionregistration.k8s.io', version: 'v1', kind, plural: `${kind.toLowerCase().replace(/y$/, 'ie')}s`, namespaced: false }));

async function publishClass(api: ApiServer, hooksPort: number, settings: Readonly<Record<string, string>>): Promise<void> {
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-demo' } });
  const byKind = new Map<string, Resource>([...Object.values(resources), ...policies].map((resource) => [resource.kind, resource]));
  const config = { ...extensionConfig(), spec: { clientConfig: { url: `https://127.0.0.1:${hooksPort}`, caBundle: Buffer.from(api.ca.cert).toString('base64') }, namespaceSelector: {}, settings } };
  for (const object of [config, ...classObjects(), ...immutableFieldsPolicy()] as KubeObject[]) await api.client.apply(byKind.get(object.kind)!, object, { fieldManager: 'test', force: true });
}

function startManager(folder: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(folder, 'manager.log'), 'a');
  const manager = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', join(toolsBin, 'capi-core-manager'), ...args], { stdio: ['ignore', log, log], env: { ...process.env, POD_NAMESPACE: 'capi-system' } });
  process.once('exit', () => manager.kill('SIGKILL'));
  return manager;
}

/** Polls until the answer is truthy; rejects after two minutes with what it waited for. */
export async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  const endsAt = Date.now() + 120_000;
  while (Date.now() < endsAt) {
    const value = await read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come within two minutes`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
