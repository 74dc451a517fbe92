/** The pages of net-exporter in a real browser: what one node sees, and the whole mesh. Three exporters on loopback addresses, and a peer that is not there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../exporters/core/clock.ts';
import { schema } from '../../../exporters/net/config.ts';
import { settled } from '../../../exporters/net/environment.ts';
import { runNetExporter } from '../../../exporters/net/exporter.ts';
import { Browser } from '../../fixtures/browser.ts';
import { describeWith } from '../../fixtures/needs.ts';

const port = 18_420;
const evil = '<img src=x onerror=document.title=1>';
/** The discard prefix (RFC 6666): no route, or nothing comes back. An address of loopback would refuse, which is an answer. */
const peers = [
  { node: 'a1', zone: 'a', address: '127.0.42.1' }, { node: 'a2', zone: 'a', address: '127.0.42.2' },
  { node: evil, zone: 'b', address: '127.0.42.3' }, { node: 'dead', zone: 'b', address: '100::4' },
];

function start({ node, address }: (typeof peers)[number], signal: AbortSignal): { listening: Promise<void>; done: Promise<void> } {
  let done: Promise<void> = Promise.resolve();
  const listening = new Promise<void>((resolve, reject) => {
    const config = schema.parse({
      address: `${address}:${port}`, intervalSeconds: 1, node: { name: node }, logLevel: 'error',
      mesh: { port, udpPort: port + 1, timeoutSeconds: 0.2, spacingMs: 5, peers },
      service: { enabled: false }, dns: { enabled: false, timeoutSeconds: 0.5 },
    });
    const quiet = (): void => undefined;
    done = runNetExporter({
      config: settled(config, {}, ''), apiServer: undefined, version: '0.1.0', client: () => Promise.reject(new Error('not asked for')), readFile: () => Promise.reject(new Error('not asked for')),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet }, clock: systemClock, random: Math.random, onListening: () => resolve(),
    }, signal);
    done.catch(reject);
  });
  return { listening, done };
}

describeWith({ commands: ['chromium'] }, 'the pages of net-exporter in Chromium', () => {
  const stop = new AbortController();
  const browser = new Browser();
  let profile: string;
  let running: Promise<void>[] = [];
  const page = (path: string): string => `http://127.0.42.1:${port}${path}`;
  const cells = (id: string): Promise<string[][]> => browser.evaluate(`[...document.querySelectorAll('#${id} tr')].slice(1).map((row) => [...row.cells].map((cell) => cell.textContent))`);

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'chromium-'));
    const started = peers.filter(({ node }) => node !== 'dead').map((peer) => start(peer, stop.signal));
    await Promise.all(started.map(({ listening }) => listening));
    running = started.map(({ done }) => done);
    await browser.start(profile);
    // Two rounds and more: a verdict holds when what it rests on was seen twice.
    for (let left = 120; left > 0 && !(await (await fetch(page('/metrics'))).text()).includes('verdict="peer_down",subject="dead"'); left--) await new Promise((resolve) => setTimeout(resolve, 250));
  }, 120_000);
  afterAll(async () => {
    await browser.stop();
    stop.abort();
    await Promise.all(running);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  test('the row of the node: every peer with its state, and what is wrong', async () => {
    await browser.open(page('/'));
    const found = Object.fromEntries((await cells('peers')).map(([node = '', zone = '', state = '', roundTrip = '', , loss = '']) => [node, { zone, state, isTimed: / ms$/.test(roundTrip), loss }]));
    expect(found).toEqual({
      a2: { zone: 'a', state: 'ok', isTimed: true, loss: '0 %' }, [evil]: { zone: 'b', state: 'ok', isTimed: true, loss: '0 %' },
      dead: { zone: 'b', state: 'no answer', isTimed: false, loss: '100 %' },
    });
    expect(await browser.evaluate(`document.querySelector('#findings').innerText`)).toMatch(/peer_down\s+dead/);
  }, 60_000);

  test('names full of HTML are text, and the style applies under the policy that forbids scripts', async () => {
    expect(await browser.evaluate('document.title')).toBe('net-exporter');
    expect(await browser.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
    expect(await browser.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`)).toBe('collapse');
  }, 60_000);
  describe('the matrix', () => {
    const sign = (from: string, to: string): Promise<string | null> => browser.evaluate(`(([from, to]) => [...document.querySelectorAll('#heatmap g')].find((g) => g.dataset.from === from && g.dataset.to === to)?.querySelector('text')?.textContent ?? '')(${JSON.stringify([from, to])})`);
    beforeAll(() => browser.open(page('/matrix')), 60_000);

    test('has a cell for each pair that is watched, asked from the peers themselves, and says who did not answer', async () => {
      const pairs = await browser.evaluate<[string, string][]>(`[...document.querySelectorAll('#heatmap g')].map((g) => [g.dataset.from, g.dataset.to])`);
      const there = ['a1', 'a2', evil];
      expect(pairs.sort()).toEqual(there.flatMap((from) => peers.map(({ node }) => node).filter((to) => to !== from).map((to) => [from, to])).sort());
      expect(await browser.evaluate('document.body.innerText')).toMatch(/3 nodes answered, 1 did not: dead/);
    }, 60_000);

    test('marks what is wrong by a sign, not by a colour alone', async () => {
      expect([await sign('a1', 'a2'), await sign('a2', 'dead'), await sign(evil, 'dead')]).toEqual(['', '×', '×']);
    }, 60_000);

    test('is drawn: cells have a size, a colour, a place of their own, and words under the pointer', async () => {
      const drawn = await browser.evaluate<{ fill: string; x: number; y: number; width: number; title: string }[]>(`[...document.querySelectorAll('#heatmap g')].map((g) => { const rect = g.querySelector('rect'); const { x, y, width } = rect.getBoundingClientRect(); return { fill: getComputedStyle(rect).fill, x, y, width, title: g.querySelector('title').textContent }; })`);
      expect(new Set(drawn.map(({ x, y }) => `${x} ${y}`)).size).toBe(9);
      for (const { fill, width, title } of drawn) {
        expect(width).toBeGreaterThan(5);
        expect(fill).toMatch(/^rgb\(/);
        expect(title).toMatch(/ → .*: (nothing comes back|.* ms, loss)/);
      }
    }, 60_000);

    test('says the same in words: to a screen reader as a table, and by zones', async () => {
      expect(await browser.evaluate(`(({ role, ariaLabel }) => [role, ariaLabel])(document.querySelector('#heatmap'))`)).toEqual(['img', expect.stringContaining('table') as string]);
      expect((await cells('nodes')).find(([from]) => from === 'a1 (a)')).toContain('nothing comes back');
      const zones = await cells('zones');
      expect(zones.map(([from]) => from)).toEqual(['a', 'b']);
      expect(zones[0]![1]).toMatch(/^[0-9.]+ ms, loss 0 %$/);
      expect(zones[0]![2]).toContain('2 of 4 dead');
    }, 60_000);

    test('a node whose name is HTML is text here too', async () => {
      expect(await browser.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
      expect(await browser.evaluate('document.title')).toBe('net-exporter: matrix');
    }, 60_000);
  });
});
