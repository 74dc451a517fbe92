/** What `keelson sandbox break` breaks is the right page in the pager, and goes when it is mended: the timelines of examples/pages. The commands of runbooks that only look get an answer there, and what is scraped arrives. PAGES_OF, a regular expression, plays only timelines whose name it matches; "runbooks" and "scrapes" are the names of the others. */
import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { PagesAnswer } from '../../sandbox/pager/index.ts';
import { WorldClient } from '../../sandbox/world/index.ts';
import { describeWith } from '../fixtures/needs.ts';
import { eventually, Keelson, repository } from './keelson.ts';
import { runbookCommands } from './runbook-commands.ts';
import { queried, scrapedComponents } from './scraped.ts';

const folder = join(repository, 'examples/pages');
/** Told at once, also of a cluster that was just made. */
const early = ['clock', 'cert'];
const timelines = [...early, 'node', 'zone', 'dns', 'api'];

test('every timeline is played', () => expect(readdirSync(folder).sort()).toEqual(timelines.map((name) => `${name}.yaml`).sort()));

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'a fleet with its pager', () => {
  const keelson = new Keelson();
  const wanted = new RegExp(process.env['PAGES_OF'] ?? '.');

  afterAll(async () => {
    await keelson.run(['down']);
    await rm(keelson.stateHome, { recursive: true, force: true });
  }, 120_000);

  test('up', async () => expect((await keelson.run(['up'], 2_400_000)).code).toBe(0), 2_500_000);

  if (wanted.test('runbooks')) runbookCommands(keelson);
  if (wanted.test('scrapes')) scrapedComponents(keelson);

  /** For ten minutes after its machines were made a cluster hides what an upgrade may cause. */
  const settled = (): Promise<true> => eventually('demo is not under way any more', 900_000, async () => ((await queried(keelson, 'management', 'ALERTS{alertname=~"Cluster(Creating|Upgrading)"}')).length === 0 ? true : undefined));

  /** The page of a lost zone needs an API server elsewhere; Cluster API chooses its zone. */
  const timelineOf = async (name: string): Promise<string> => {
    const file = join(folder, `${name}.yaml`);
    if (name !== 'zone') return file;
    const { items } = await keelson.json<{ items: { spec: { failureDomain?: string } }[] }>('management', ['-n', 'org-demo', 'get', 'machines', '-l', 'cluster.x-k8s.io/control-plane']);
    if (items[0]?.spec.failureDomain !== 'az2') return file;
    const other = join(keelson.stateHome, 'zone.yaml');
    await writeFile(other, readFileSync(file, 'utf8').replaceAll('az2', 'az3').replaceAll('machineDeployments/1/', 'machineDeployments/2/').replaceAll('readyNodes: 4', 'readyNodes: 5'));
    return other;
  };

  /** Alerts that began to page since then, with how often: "NodeUnreachable ×1". */
  const pagedSince = async (began: Date): Promise<string[]> => {
    const relay = (await new WorldClient(keelson.state).status()).relays.find(({ name }) => name === 'pager');
    const { pages } = (await (await fetch(`http://${relay!.address}/api/pages`)).json()) as PagesAnswer;
    const severe = pages.filter(({ severity }) => severity === 'page').flatMap(({ alert, labels, episodes }) => episodes.filter(({ firedAt }) => new Date(firedAt) >= began).map(() => `${alert} of ${labels['node'] ?? labels['zone'] ?? labels['cluster_id'] ?? ''}`));
    return severe.sort();
  };

  test.each(timelines.filter((name) => wanted.test(name)))('%s', async (name) => {
    if (!early.includes(name)) await settled();
    const began = new Date();
    const { code, stderr } = await keelson.run(['sandbox', 'scenario', await timelineOf(name)], 1_800_000);
    console.log(`${name}: ${(await pagedSince(began)).join(', ')}`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await keelson.run(['sandbox', 'faults'])).stdout).toBe('nothing is broken\n');
  }, 2_800_000);
});
