/**
 * Lives of a cluster, each with a kill in every phase, beside another cluster that must not notice. KEELSON_CHAOS_SEED is the
 * number of the first life: it repeats a run, or goes on where another ended. KEELSON_CHAOS_LIVES says how many lives (each takes
 * some ten minutes on two cores; as many as there are victims have every pair of victim and phase).
 */
import { expect, test } from '@jest/globals';
import { describeWith } from '../fixtures/needs.ts';
import { coverage, drawLife, inWords, isWorld, phases, strike, type Kill, type Phase } from './chaos.ts';
import { cloudListing, doubled, type Listed } from './cloud-listing.ts';
import { holdingsOf, nothingLeft } from './host-view.ts';
import { eventually, Keelson, type Ran } from './keelson.ts';
import { serverOf, Workload } from './machines.ts';
import { noOrphans } from './orphans.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

const seed = Number(process.env['KEELSON_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const lives = Number(process.env['KEELSON_CHAOS_LIVES'] ?? 6);
/** Within how many seconds the kill of a phase comes: about as long as the phase takes when nobody dies. */
const lasting: Readonly<Record<Phase, number>> = { create: 70, scale: 70, upgrade: 150, delete: 40 };
const patience = 900_000;

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, `chaos, seed ${seed}`, () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const [bystander, workload] = [new Workload(keelson), new Workload(keelson, 'demo-2')];
  let before: readonly Listed[] = [];
  const patch = (body: object): Promise<Ran> => keelson.kubectl('management', ['-n', workload.namespace, 'patch', 'cluster', workload.name, '--type', 'merge', '-p', JSON.stringify({ spec: { topology: body } })]);
  const image = (version: string) => [{ name: 'network', value: { externalNetwork: { name: 'external' }, nodeCidr: '10.21.0.0/24' } }, { name: 'controlPlane', value: { flavor: 'k.small', image: `keelson-node-${version}`, zones: ['az1', 'az2', 'az3'] } }, { name: 'worker', value: { flavor: 'k.medium' } }, { name: 'bastion', value: { enabled: false } }];
  const accepted = (what: string, act: () => Promise<Ran>) => eventually(what, 300_000, async () => ((await act()).code === 0 ? true : undefined));

  /** The bystander's phases alone: what the cluster at work is in the middle of, it goes on with by itself. */
  const upAgain = () => eventually('up', patience, async () => ((await keelson.run(['up'])).code === 0 ? true : undefined));

  const acts: Readonly<Record<Phase, () => Promise<unknown>>> = {
    create: async () => {
      await eventually('up', patience, async () => ((await keelson.run(['up', '--clusters', '2', '--workers', '1', '--kubernetes-version', 'v1.35.4'])).code === 0 ? true : undefined));
      return workload.settled({ controlPlanes: 1, workers: 1 }, patience);
    },
    scale: async () => {
      await accepted('scaling', () => patch({ controlPlane: { replicas: 3 } }));
      return workload.settled({ controlPlanes: 3, workers: 1 }, patience);
    },
    upgrade: async () => {
      await accepted('upgrade', () => patch({ version: 'v1.36.3', variables: image('v1.36.3') }));
      return workload.settled({ controlPlanes: 3, workers: 1 }, patience, (machine) => machine.spec.version === 'v1.36.3');
    },
    delete: async () => {
      await accepted('deletion', () => keelson.kubectl('management', ['-n', workload.namespace, 'delete', 'cluster', workload.name, '--wait=false', '--ignore-not-found']));
      await eventually('the cluster is gone', patience, async () => ((await workload.cluster()) === undefined ? true : undefined));
    },
  };

  const live = async (kill: Kill): Promise<void> => {
    const isOver = new AbortController();
    const holdings = kill.phase === 'delete' ? holdingsOf((await workload.machines()).map(serverOf)) : undefined;
    const struck = strike(keelson, workload, kill, isOver.signal).then(async (killed) => {
      if (isWorld(kill.victim)) await upAgain();
      return killed;
    });
    struck.catch(() => undefined);
    await acts[kill.phase]();
    isOver.abort();
    console.log(`${inWords(kill)}: ${await struck} killed`);
    // The kill may have come at the very end: the phase ends again as it did.
    await acts[kill.phase]();
    await noOrphans(keelson.state, async () => new Set((await cloudListing(keelson.state)).filter(({ kind }) => kind === 'servers').map(({ id }) => id)));
    const listing = await cloudListing(keelson.state);
    expect(doubled(listing)).toEqual([]);
    await bystander.settled({ controlPlanes: 1, workers: 1 }, patience);
    if (!holdings) return expect(listing.filter(({ kind }) => kind === 'servers')).toHaveLength(3 + (await workload.machines()).length);
    expect(listing).toEqual(before);
    await nothingLeft(holdings, keelson.state);
  };

  test('a fleet with one cluster', async () => {
    expect((await keelson.run(['up', '--workers', '1', '--kubernetes-version', 'v1.35.4'], 3_600_000)).code).toBe(0);
    before = await cloudListing(keelson.state);
  }, 3_700_000);

  console.log(coverage(seed, lives));
  const kills = Array.from({ length: lives }, (_, life) => drawLife(seed + life, lasting)).flatMap((drawn, life) => drawn.map((kill) => [life + 1, inWords(kill), kill] as const));
  test.each(kills)('life %i, %s', async (_life, _words, kill) => live(kill), phases.length * patience);
});
