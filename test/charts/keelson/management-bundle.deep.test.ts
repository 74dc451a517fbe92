/**
 * The management cluster as a target of its own bundle: the operator with the rights and settings that the chart gives it, the
 * real bundle, the real Helm, a real API server. Nothing runs pods here; that workloads become healthy is played.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseBundle } from '../../../charts/keelson/bundle/release-bundle.ts';
import { findCondition, type KubeClient, type KubeObject, resources, sleep, systemClock } from '../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../provisioner/operators/app/app-object.ts';
import { accountKubeconfig } from '../../fixtures/account-kubeconfig.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { chartPath, helm } from '../../fixtures/helm.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { rolledOut } from '../../fixtures/rolled-out.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';

const repository = join(import.meta.dirname, '../../..');
const namespace = 'keelson-system';
const expected = releaseBundle().spec.apps.filter(({ clusters }) => clusters.includes('management')).map(({ name }) => name);
/** Its APIService is looked after by the API server, which finds no metrics-server behind it. */
const neverReady = 'metrics-server';

describeWith({ tools: [...apiServerNeeds.tools, 'helm'] }, 'the bundle of the management cluster', () => {
  let api: ApiServer;
  let folder: string;
  let operator: ChildProcess | undefined;
  const played = new AbortController();
  let play: Promise<void> | undefined;
  let log = '';

  beforeAll(async () => {
    api = await startApiServer();
    folder = await mkdtemp(join(tmpdir(), 'keelson-management-'));
    await writeFile(join(folder, 'admin'), api.kubeconfig, { mode: 0o600 });
    // Clusters and their kinds are there before anything is given a bundle.
    await helm(['install', 'cluster-api', chartPath('cluster-api'), '--namespace', 'capi-system', '--create-namespace'], { KUBECONFIG: join(folder, 'admin'), HOME: folder });
    await install('bundle.management.enabled=true');
    play = playHealth(api.client, played.signal);
    operator = await start();
  }, 120_000);

  afterAll(async () => {
    await stop();
    played.abort();
    await play;
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function install(...set: readonly string[]): Promise<void> {
    await helm(['upgrade', '--install', 'keelson', chartPath('keelson'), '--namespace', namespace, '--create-namespace', ...set.flatMap((one) => ['--set', one])], { KUBECONFIG: join(folder, 'admin'), HOME: folder });
  }

  /** As the chart's Deployment starts it: its service account, and the files of its ConfigMaps. */
  async function start(): Promise<ChildProcess> {
    await writeFile(join(folder, 'operator'), await accountKubeconfig(api, 'keelson-operator'), { mode: 0o600 });
    const { items } = await api.client.list<KubeObject & { data?: Record<string, string> }>(resources.configMaps, { namespace });
    const settings = items.find(({ data }) => data?.['bundle-settings.yaml'] !== undefined)?.data?.['bundle-settings.yaml'] ?? '';
    await writeFile(join(folder, 'bundle-settings.yaml'), settings);
    const child = spawn(process.execPath, [
      join(repository, 'provisioner/cli/main.ts'), 'operator', '--kubeconfig', join(folder, 'operator'), '--charts-dir', join(repository, 'charts'),
      '--helm', join(toolsBin, 'helm'), '--bundles-dir', join(repository, 'charts/keelson/files/bundles'), '--bundle-settings', join(folder, 'bundle-settings.yaml'), '--metrics-port', '0', '--health-port', '0',
    ], { env: { PATH: process.env['PATH'], HOME: folder, POD_NAME: 'test' }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    return child;
  }

  async function stop(): Promise<void> {
    const child = operator;
    operator = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  const app = (name: string) => api.client.get<AppObject>(resources.apps, { namespace, name: `management-${name}` });
  const said = async (name: string) => {
    const found = await app(name);
    return { revision: found?.status?.release?.revision, ready: findCondition(found?.status?.conditions, 'Ready') };
  };
  const until = (name: string, isSo: (is: Awaited<ReturnType<typeof said>>) => boolean, withinMs = 120_000) => eventually(async () => {
    const is = await said(name);
    if (isSo(is)) return is;
    throw new Error(`${name}: ${JSON.stringify(is)}\n${log.slice(-2000)}`);
  }, withinMs);

  it('has every app that is for it, installed in order, healthy', async () => {
    for (const name of expected) await until(name, ({ revision, ready }) => revision === 1 && (name === neverReady || ready?.status === 'True'));
    const { items } = await api.client.list<AppObject>(resources.apps);
    expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(expected.map((name) => `management-${name}`).toSorted());
    const after = (name: string) => Date.parse(findCondition(items.find(({ metadata }) => metadata.name === `management-${name}`)?.status?.conditions, 'Ready')?.lastTransitionTime ?? '');
    expect(after('node-exporter')).toBeGreaterThanOrEqual(after('prometheus-operator'));
  }, 300_000);

  it('is made in the name of the account that the chart gives the right to, not of the operator', async () => {
    const bindings = await api.client.get<KubeObject & { subjects?: unknown }>(resources.clusterRoleBindings, { name: 'keelson-management-bundle' });
    expect(bindings?.subjects).toEqual([{ kind: 'ServiceAccount', name: 'keelson-apps', namespace }]);
    await api.client.delete(resources.clusterRoleBindings, { name: 'keelson-management-bundle' });
    await api.client.patch(resources.apps, { namespace, name: 'management-node-exporter' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/requested-at': 'without rights' } } } });
    await until('node-exporter', ({ ready }) => ready?.status === 'False' && ready.message.includes(`system:serviceaccount:${namespace}:keelson-apps`), 30_000);
    await install('bundle.management.enabled=true');
    expect(await api.client.get(resources.clusterRoleBindings, { name: 'keelson-management-bundle' })).toBeDefined();
    await until('node-exporter', ({ ready }) => ready?.status === 'True');
  }, 120_000);

  it('what somebody deletes of it comes back', async () => {
    const before = await api.client.get(resources.daemonSets, { namespace, name: 'node-exporter' });
    expect(before).toBeDefined();
    await api.client.delete(resources.daemonSets, { namespace, name: 'node-exporter' });
    await api.client.patch(resources.apps, { namespace, name: 'management-node-exporter' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/requested-at': 'with rights' } } } });
    await eventually(async () => {
      const now = await api.client.get(resources.daemonSets, { namespace, name: 'node-exporter' });
      return now !== undefined && now.metadata.uid !== before?.metadata.uid;
    });
  }, 60_000);

  it('leaves out what its settings leave out, and takes nothing else along', async () => {
    await stop();
    await install('bundle.management.enabled=true', 'bundle.management.without.net-exporter=measured by others');
    operator = await start();
    const { ready } = await until('net-exporter', (is) => is.ready?.reason === 'LeftOut');
    expect(ready?.message).toBe('measured by others');
    expect((await said('node-exporter')).ready?.reason).not.toBe('LeftOut');
  }, 120_000);
});

/** Deployments and DaemonSets are told as rolled out, until the signal. */
async function playHealth(client: KubeClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { metadata, spec } of (await client.list<KubeObject & { spec: { replicas?: number } }>(resources.deployments)).items) {
      await client.patch(resources.deployments, metadata, { type: 'merge', subresource: 'status', body: { status: rolledOut(spec.replicas ?? 1, metadata.generation) } }).catch(() => undefined);
    }
    for (const { metadata } of (await client.list(resources.daemonSets)).items) {
      await client.patch(resources.daemonSets, metadata, { type: 'merge', subresource: 'status', body: { status: { observedGeneration: metadata.generation, currentNumberScheduled: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1, numberReady: 1, numberMisscheduled: 0 } } }).catch(() => undefined);
    }
    await sleep(300, { clock: systemClock, signal }).catch(() => undefined);
  }
}
