/** The operator is killed again and again in the midst of its work, with a real API server and a real pair of Alertmanagers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { Alertmanager, type ListedSilence } from '../../../../provisioner/operators/silences/alertmanager.ts';
import { keyIn } from '../../../../provisioner/operators/silences/mark.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { installKinds, namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { alertmanagers } from './alertmanagers.ts';

const kills = 25;
const inAnHour = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');
const silence = (i: number): KubeObject => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'Silence', metadata: { name: `s-${i}`, namespace },
  spec: { owner: 'anna', reason: 'something is replaced', expiresAt: inAnHour, matchers: [{ name: 'node', value: `w-${i}` }] },
});

describeWith({ tools: ['etcd', 'kube-apiserver', 'alertmanager'] }, 'silences, with an operator that is killed', () => {
  let api: ApiServer;
  let pair: Awaited<ReturnType<typeof alertmanagers>>;
  let folder: string;
  let operator: ChildProcess | undefined;

  beforeAll(async () => {
    [api, pair, folder] = await Promise.all([startApiServer(), alertmanagers(2), mkdtemp(join(tmpdir(), 'silences-killed-'))]);
    await installKinds(api);
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
  }, 150_000);
  afterAll(async () => {
    await kill();
    await pair?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (): void => void (operator = spawn(process.execPath, [join(import.meta.dirname, 'operator-process.ts'), join(folder, 'kubeconfig'), pair.all.map(({ url }) => url).join(',')], { stdio: 'ignore', env: {} }));
  async function kill(): Promise<void> {
    const gone = operator && operator.exitCode === null ? new Promise((resolve) => operator?.once('close', resolve)) : undefined;
    operator?.kill('SIGKILL');
    await gone;
  }
  const listed = (): Promise<ListedSilence[][]> => Promise.all(pair.all.map(({ url }) => new Alertmanager(url).silences(new AbortController().signal)));
  const names = (list: readonly ListedSilence[]): string[] => list.map((one) => keyIn(one)?.split('/')[2] ?? `by hand: ${one.comment}`).sort();

  test('whenever it dies, in the end each Alertmanager holds every silence once, none that is gone, and those of people', async () => {
    await new Alertmanager(pair.all[0]!.url).put({ matchers: [{ name: 'a', value: 'b', isRegex: false }], startsAt: new Date().toISOString(), endsAt: inAnHour, createdBy: 'bert', comment: 'mine' }, new AbortController().signal);
    let seenPartial = 0;
    for (let i = 0; i < kills; i++) {
      for (let j = 0; j < 4; j++) await api.client.create(resources.silences, silence(4 * i + j));
      if (i > 0) await api.client.delete(resources.silences, { namespace, name: `s-${4 * i - 1}` });
      start();
      // From before its first look at the API server to well into its work.
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1200));
      await kill();
      const counts = (await listed()).map((list) => list.length);
      if (counts[0] !== counts[1] || counts[0] !== 1 + 4 * (i + 1) - i) seenPartial++;
    }
    console.log(`${kills} kills, ${seenPartial} of them in the midst`);
    start();
    const expected = (await api.client.list<KubeObject>(resources.silences, { namespace })).items.map(({ metadata }) => metadata.name).concat('by hand: mine').sort();
    await eventually(async () => (await listed()).every((list) => JSON.stringify(names(list)) === JSON.stringify(expected)), 60_000);
    expect(expected).toHaveLength(4 * kills - (kills - 1) + 1);
  }, 300_000);
});
