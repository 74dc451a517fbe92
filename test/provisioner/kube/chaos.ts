/** Faults of every kind, drawn at random, against a controller that must have everything right once they end. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KubeClient, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { type Fault, type FaultyProxy, isWatch, startFaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { configMap } from './config-map.ts';
import { copier, copiesAreRight } from './copier.ts';
import { FastClock } from './fast-clock.ts';
import { until } from './until.ts';

const faults: readonly Fault[] = [
  { kind: 'status', status: 401 },
  { kind: 'status', status: 410, body: '{"reason":"Expired","code":410}' },
  { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'event', event: { type: 'ERROR', object: { code: 410, reason: 'Expired' } } },
  { kind: 'reset', afterBytes: 0 },
  { kind: 'reset', afterBytes: 60 },
  { kind: 'halfOpen', afterBytes: 0 },
  { kind: 'halfOpen', afterBytes: 60 },
  { kind: 'slow', chunkBytes: 40, pauseMs: 2 },
  { kind: 'cut', afterBytes: 60 },
];
const draw = fc.record({ fault: fc.constantFrom(...faults), onWatch: fc.boolean(), times: fc.integer({ min: 1, max: 4 }), sweep: fc.constantFrom('none', 'reset', 'freeze') });
type Draw = typeof draw extends fc.Arbitrary<infer T> ? T : never;
/** From which so many strike whatever was drawn. */
const enoughDraws = 10;

/** @param lives one after the other against one API server, each drawn from a seed of its own: many short ones end in many states, a long one meets itself */
export function describeChaos({ lives, draws, seed, withinMs }: { readonly lives: number; readonly draws: number; readonly seed: number; readonly withinMs: number }): void {
  describeWith(apiServerNeeds, `chaos of ${lives} × ${draws} faults`, () => {
    test('a controller keeps reconciling through faults of every kind, undoes what others did meanwhile, and leaves nothing behind', async () => {
      const api = await startApiServer();
      try {
        for (let i = 0; i < lives; i++) await live(api, { draws, seed: seed + i });
      } finally {
        await api.stop();
      }
    }, withinMs);
  });
}

async function live(api: ApiServer, { draws, seed }: { readonly draws: number; readonly seed: number }): Promise<void> {
  const proxy = await startFaultyProxy(api);
  const clock = new FastClock(20);
  const client = new KubeClient({ server: proxy.url, ca: api.ca.cert, token: () => Promise.resolve(api.adminToken), userAgent: 'keelson-test', clock });
  const { controller, reflectors } = copier({ client, namespace: 'default', clock });
  const stop = new AbortController();
  const done = controller.start(stop.signal);
  try {
    const struck: Record<string, number> = {};
    for (const [i, drawn] of fc.sample(draw, { numRuns: draws, seed }).entries()) {
      const before = proxy.struck;
      inject(proxy, drawn);
      await disturb(api.client, i, drawn);
      // Some strike nothing: the request they wait for does not come while others are in force.
      await until('it strikes', () => proxy.struck > before, 500).catch(() => undefined);
      struck[drawn.fault.kind] = (struck[drawn.fault.kind] ?? 0) + proxy.struck - before;
    }
    console.log(`seed ${seed}, ${draws} draws, requests struck while each was the last drawn: ${JSON.stringify(struck)}`);
    if (draws >= enoughDraws) expect(proxy.struck).toBeGreaterThan(draws / 3);
    proxy.heal();
    await until(`seed ${seed}: every source has its copy and no copy is left over`, () => copiesAreRight(api.client, 'default'), 60_000);
    stop.abort();
    await done;
    await Promise.all(reflectors.map((reflector) => reflector.whenStopped()));
    client.close();
    await until(`seed ${seed}: all timers are gone`, () => clock.pending === 0);
    await until(`seed ${seed}: all sockets are closed`, () => proxy.connections === 0);
  } finally {
    stop.abort();
    client.close();
    await proxy.stop();
  }
}

function inject(proxy: FaultyProxy, { fault, onWatch, times, sweep }: Draw): void {
  // An event in answer to anything but a watch would be a server that lies, which no client survives.
  const isForWatch = onWatch || fault.kind === 'event';
  proxy.inject({ fault, times, when: (request) => isWatch(request) === isForWatch });
  if (sweep === 'reset') proxy.resetAll();
  if (sweep === 'freeze') proxy.freezeAll();
}

/** Past the proxy: a source changes, a copy is deleted, now and then a source is. */
async function disturb(client: KubeClient, i: number, drawn: Draw): Promise<void> {
  const { configMaps } = resources;
  await client.apply(configMaps, configMap('default', `s${i % 3}`, { i: String(i), drawn: JSON.stringify(drawn) }, { role: 'source' }), { fieldManager: 'test', force: true });
  await client.delete(configMaps, { namespace: 'default', name: `copy-of-s${(i + 1) % 3}` });
  if (i % 5 === 4) await client.delete(configMaps, { namespace: 'default', name: `s${(i + 2) % 3}` });
}
