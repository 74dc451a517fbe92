/** A real API server with our charts' CRDs, the real Cluster API core manager as a process (all four, where they are asked for), and our extension in this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appDefinition } from '../../../provisioner/api/app.ts';
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Condition, KubeObject, Resource } from '../../../provisioner/kube/types.ts';
import { immutableFieldsPolicy } from '../../../provisioner/topology/admission/immutable-fields.ts';
import { classObjects } from '../../../provisioner/topology/class/objects.ts';
import { type ClassVersion, classVersions } from '../../../provisioner/topology/class/versions.ts';
import { extensionConfig } from '../../../provisioner/topology/extension/extension-config.ts';
import { startTopologyExtension, type TopologyExtension } from '../../../provisioner/topology/extension/run.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import type { PemPair } from '../../fixtures/certificates.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { template, type Manifest } from '../../fixtures/helm.ts';
import { toolsBin } from '../../fixtures/tools-bin.ts';

/** By the label cluster.x-k8s.io/provider of the chart's objects. */
const managers = {
  'cluster-api': { tool: 'capi-core-manager', flags: ['--feature-gates=ClusterTopology=true,RuntimeSDK=true'] },
  'bootstrap-kubeadm': { tool: 'capi-kubeadm-bootstrap-manager', flags: ['--feature-gates=KubeadmBootstrapFormatIgnition=true'] },
  'control-plane-kubeadm': { tool: 'capi-kubeadm-control-plane-manager', flags: ['--feature-gates=ClusterTopology=true,KubeadmBootstrapFormatIgnition=true'] },
  'infrastructure-openstack': { tool: 'capo-manager', flags: [] },
} as const;
type Provider = keyof typeof managers;

export const managementPlaneNeeds = { tools: [...apiServerNeeds.tools, 'helm', 'capi-core-manager'] } as const;
/** For a plane that is whole. */
export const wholePlaneNeeds = { tools: [...managementPlaneNeeds.tools, ...Object.values(managers).map(({ tool }) => tool), 'kube-controller-manager'] } as const;

export interface ManagementPlane {
  readonly client: KubeClient;
  /** File of an admin kubeconfig. */
  readonly kubeconfig: string;
  readonly extension: TopologyExtension;
  /** End of a manager's log. */
  log(provider?: Provider): string;
  /** Port of a manager's metrics, plain HTTP. */
  metricsPort(provider: Provider): number;
  /** SIGKILL, and the way back: the hooks of a plane whose extension is away meet a closed port. */
  kill(provider: Provider): Promise<void>;
  startAgain(provider: Provider): Promise<void>;
  /** Starts those that ended by themselves. */
  reviveManagers(): Promise<void>;
  /** Puts a serving certificate where the extension looks for it, as the kubelet does when the operator renewed it. */
  giveExtension(pair: PemPair): Promise<void>;
  /** Another one beside it, with the same certificate, on a port of its own. The caller stops it. */
  anotherExtension(drainMs?: number): Promise<TopologyExtension>;
  killExtension(): Promise<void>;
  /** @param versions of the class that it then answers for; default: those of the plane */
  startExtensionAgain(versions?: readonly ClassVersion[]): Promise<void>;
  readonly api: ApiServer;
  stop(): Promise<void>;
}

export interface ManagementPlaneOptions {
  /** All four managers and the garbage collector: Clusters become machines. Default: core alone. */
  readonly isWhole?: boolean;
  /** Versions of the class, published and answered for. Default: those of the release. */
  readonly versions?: readonly ClassVersion[];
}

/** @param settings of the ExtensionConfig; without them nothing waits for an operator, and none runs */
export async function startManagementPlane(settings: Readonly<Record<string, string>> = {}, options: ManagementPlaneOptions = {}): Promise<ManagementPlane> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.reverse()) await step();
  };
  try {
    return { ...(await start(undo, settings, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(undo: (() => unknown)[], settings: Readonly<Record<string, string>>, { isWhole = false, versions = classVersions }: ManagementPlaneOptions): Promise<Omit<ManagementPlane, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-topology-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const api = await startApiServer(isWhole ? { controllers: ['garbage-collector-controller'] } : {});
  undo.push(() => api.stop());
  const certs = join(folder, 'certs');
  await mkdir(certs);
  const pair = await api.ca.issue({ commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server' });
  const give = async (to: string, { cert, key }: PemPair): Promise<void> => {
    await writeFile(join(to, 'tls.crt'), cert);
    await writeFile(join(to, 'tls.key'), key);
  };
  await give(certs, pair);
  const extensionCerts = join(folder, 'extension-certs');
  await mkdir(extensionCerts);
  await give(extensionCerts, pair);
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);

  const providers = isWhole ? (Object.keys(managers) as Provider[]) : (['cluster-api'] as const);
  const running = new Map<Provider, Manager>();
  for (const provider of providers) running.set(provider, new Manager(provider, folder, { webhook: await freePort(), health: await freePort(), metrics: await freePort() }));
  await installCharts(api, new Map([...running].map(([provider, { ports }]) => [provider, ports.webhook])));
  undo.push(() => { for (const manager of running.values()) manager.kill(); });
  await Promise.all([...running.values()].map((manager) => manager.start()));

  const startExtension = (port: number, drainMs = 0, answersFor = versions): Promise<TopologyExtension> =>
    startTopologyExtension({ port, certDir: extensionCerts, metricsPort: 0, healthPort: 0, host: '127.0.0.1', log: silentLog, drainMs, versions: answersFor });
  const hooksPort = await freePort();
  let extension = await startExtension(hooksPort);
  undo.push(() => extension.stop());
  await publishClass(api, { hooksPort, settings, versions });
  return {
    client: api.client, api, kubeconfig: join(folder, 'kubeconfig'), extension,
    log: (provider = 'cluster-api') => running.get(provider)?.log() ?? '',
    metricsPort: (provider) => running.get(provider)?.ports.metrics ?? 0,
    kill: async (provider) => running.get(provider)?.kill(),
    startAgain: async (provider) => running.get(provider)?.start(),
    reviveManagers: async () => { await Promise.all([...running.values()].filter(({ hasEnded }) => hasEnded).map((manager) => manager.start())); },
    giveExtension: (given) => give(extensionCerts, given),
    anotherExtension: (drainMs) => startExtension(0, drainMs),
    killExtension: () => extension.stop(),
    startExtensionAgain: async (answersFor) => { extension = await startExtension(hooksPort, 0, answersFor); },
  };
}

class Manager {
  readonly ports: { readonly webhook: number; readonly health: number; readonly metrics: number };
  readonly #provider: Provider;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(provider: Provider, folder: string, ports: Manager['ports']) {
    this.#provider = provider;
    this.#folder = folder;
    this.ports = ports;
  }

  /** Resolves when it is ready. @throws with the end of its log when it ends before */
  async start(): Promise<void> {
    const { tool, flags } = managers[this.#provider];
    const log = openSync(this.#logFile, 'a');
    const started = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', join(toolsBin, tool),
      `--kubeconfig=${this.#folder}/kubeconfig`, `--webhook-port=${this.ports.webhook}`, `--webhook-cert-dir=${this.#folder}/certs`, `--health-addr=127.0.0.1:${this.ports.health}`,
      `--diagnostics-address=127.0.0.1:${this.ports.metrics}`, '--insecure-diagnostics=true', '--v=2', '--skip-crd-migration-phases=StorageVersionMigration', '--skip-crd-migration-phases=CleanupManagedFields', ...flags,
    ], { stdio: ['ignore', log, log], env: { ...process.env, POD_NAMESPACE: 'capi-system', POD_NAME: 'manager', POD_UID: '0' } });
    this.#process = started;
    process.once('exit', () => started.kill('SIGKILL'));
    const { health } = this.ports;
    await until(tool, async () => (started.exitCode === null ? (await fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))?.ok : Promise.reject(new Error(this.log()))));
  }

  get hasEnded(): boolean {
    return this.#process?.exitCode !== null;
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  log(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-4000);
  }

  get #logFile(): string {
    return join(this.#folder, `${this.#provider}.log`);
  }
}

/** CRDs as they are, and that of Apps, which a deleted cluster waits for; of the webhooks only those of managers that run here, called by URL. */
async function installCharts(api: ApiServer, webhookPorts: ReadonlyMap<string, number>): Promise<void> {
  const caBundle = Buffer.from(api.ca.cert).toString('base64');
  const manifests = await template('cluster-api', 'capi-system');
  for (const crd of manifests.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
    const { conversion: _conversion, ...spec } = crd['spec'] as { conversion?: unknown };
    await api.client.create(resources.customResourceDefinitions, { ...crd, spec });
  }
  await api.client.create(resources.customResourceDefinitions, appDefinition() as unknown as KubeObject);
  await until('every CRD', async () => {
    const { items } = await api.client.list<KubeObject & { status?: { conditions?: Condition[] } }>(resources.customResourceDefinitions);
    return items.every(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'));
  });
  const configurations: Record<string, Resource> = { MutatingWebhookConfiguration: resources.mutatingWebhookConfigurations, ValidatingWebhookConfiguration: resources.validatingWebhookConfigurations };
  for (const manifest of manifests) {
    const resource = configurations[manifest.kind];
    const webhookPort = webhookPorts.get(manifest.metadata.labels?.['cluster.x-k8s.io/provider'] ?? '');
    if (!resource || webhookPort === undefined) continue;
    const webhooks = (manifest['webhooks'] as { clientConfig: { service: { path: string } } }[]).map((webhook) => ({
      ...webhook, clientConfig: { url: `https://127.0.0.1:${webhookPort}${webhook.clientConfig.service.path}`, caBundle },
    }));
    await api.client.create(resource, { ...(manifest as Manifest), webhooks });
  }
}

/** Only tests apply these by hand: Helm does it elsewhere. */
const policies: readonly Resource[] = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].map((kind) => ({ group: 'admissionregistration.k8s.io', version: 'v1', kind, plural: `${kind.toLowerCase().replace(/y$/, 'ie')}s`, namespaced: false }));

async function publishClass(api: ApiServer, { hooksPort, settings, versions }: { hooksPort: number; settings: Readonly<Record<string, string>>; versions: readonly ClassVersion[] }): Promise<void> {
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-demo' } });
  const byKind = new Map<string, Resource>([...Object.values(resources), ...policies].map((resource) => [resource.kind, resource]));
  const config = { ...extensionConfig(), spec: { clientConfig: { url: `https://127.0.0.1:${hooksPort}`, caBundle: Buffer.from(api.ca.cert).toString('base64') }, namespaceSelector: {}, settings } };
  for (const object of [config, ...classObjects(versions), ...immutableFieldsPolicy()] as KubeObject[]) await api.client.apply(byKind.get(object.kind)!, object, { fieldManager: 'test', force: true });
}

/** Polls until the answer is truthy; rejects after two minutes, or as many as are given, with what it waited for. */
export async function until<T>(what: string, read: () => Promise<T | undefined>, minutes = 2): Promise<T> {
  const endsAt = Date.now() + minutes * 60_000;
  while (Date.now() < endsAt) {
    const value = await read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come within ${minutes} minutes`);
}
