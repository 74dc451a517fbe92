import { type ChildProcess, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resources } from '../../../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { tempFolder, writeChart } from '../../helm/charts.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { chaosChart, chaosValues, statuses } from './chaos.ts';
import { appsOf } from './one-cluster.ts';

const repository = join(import.meta.dirname, '../../../..');
const names = ['k0', 'k1', 'k2', 'k3'];

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'an operator that is killed or frozen while it works', () => {
  let api: ApiServer;
  let folder: string;
  let apps: ReturnType<typeof appsOf>;
  const alive = new Set<ChildProcess>();

  beforeAll(async () => {
    folder = await tempFolder();
    api = await startApiServer();
    apps = appsOf(api);
    await installKinds(api);
    await writeChart(folder, 'chaos', chaosChart, chaosValues);
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
  }, 100_000);
  afterAll(async () => {
    for (const child of alive) child.kill('SIGKILL');
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function operator(identity: string): ChildProcess {
    const args = ['operator', `--kubeconfig=${folder}/kubeconfig`, `--charts-dir=${folder}`, `--helm=${join(toolsBin, 'helm')}`, '--metrics-port=0', '--health-port=0'];
    const child = spawn(process.execPath, [join(repository, 'provisioner/cli/main.ts'), ...args], { env: { PATH: process.env['PATH'], POD_NAME: identity, KEELSON_LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'] });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    return child;
  }
  const say = async (greeting: string) => {
    for (const name of names) await apps.patch(name, { spec: { values: { greeting } } });
  };
  const greetings = () => Promise.all(names.map(async (name) => ((await api.client.get(resources.configMaps, { namespace: 'apps', name: `${name}-a` })) as { data?: { greeting: string } } | undefined)?.data?.greeting));
  const uids = () => Promise.all(names.map(async (name) => (await api.client.get(resources.configMaps, { namespace: 'apps', name: `${name}-a` }))?.metadata.uid));
  const settle = (greeting: string) => eventually(async () => {
    const all = await Promise.all(names.map((name) => apps.get(name)));
    return (await greetings()).every((one) => one === greeting) && all.every((app) => app?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') && app.status.observedGeneration === app.metadata.generation);
  }, 300_000);

  it('killed again and again: the declared state in the end, nothing made anew, nothing stuck', async () => {
    for (const [i, name] of names.entries()) await apps.create(name, { cluster: 'demo', chart: 'chaos', values: { greeting: 'zero' }, dependsOn: i === 0 ? [] : [names[i - 1]] });
    let first: (string | undefined)[] | undefined;
    for (const [round, afterMs] of [2500, 3500, 5000, 7000].entries()) {
      const child = operator(`killed-${round}`);
      await new Promise((resolve) => setTimeout(resolve, afterMs + 20_000 * (round === 0 ? 0 : 1)));
      child.kill('SIGKILL');
      first = (await uids()).includes(undefined) ? first : (first ?? (await uids()));
      await say(`round ${round}`);
    }
    const last = operator('last');
    await settle('round 3');
    for (const name of names) expect(await statuses(api, name)).toEqual(['deployed']);
    if (first) expect(await uids()).toEqual(first);
    last.kill('SIGTERM');
    await new Promise((resolve) => last.once('exit', resolve));
  }, 600_000);

  it('frozen: another leads, and the one that thaws ends instead of working beside it', async () => {
    const holder = async () => ((await api.client.get(resources.leases, { namespace: 'keelson-system', name: 'keelson-operator' }))?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity;
    const one = operator('one');
    await eventually(async () => (await holder()) === 'one', 90_000);
    const two = operator('two');
    await say('before the frost');
    await new Promise((resolve) => setTimeout(resolve, 600));
    one.kill('SIGSTOP');
    await eventually(async () => (await holder()) === 'two', 90_000);
    await say('after it');
    const ended = new Promise((resolve) => one.once('exit', resolve));
    one.kill('SIGCONT');
    await settle('after it');
    await ended;
    for (const name of names) {
      expect(await statuses(api, name)).toEqual(['deployed']);
      await apps.remove(name);
    }
    for (const name of names) await apps.gone(name);
    expect(await api.client.list(resources.secrets, { namespace: 'apps', labelSelector: 'owner=helm' })).toMatchObject({ items: [] });
    two.kill('SIGTERM');
    await new Promise((resolve) => two.once('exit', resolve));
    expect(await api.client.get(resources.clusters, { namespace, name: 'demo' })).toBeDefined();
  }, 600_000);
});
