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
});
