/** What `keelson sandbox break` breaks is the right page in the pager, and goes when it is mended: the timelines of examples/pages. The commands of runbooks that only look get an answer there. PAGES_OF, a regular expression, plays only timelines whose name it matches; "runbooks" is the name of the commands. */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { describeWith } from '../fixtures/needs.ts';
import { eventually, Keelson, repository } from './keelson.ts';
import { runbookCommands } from './runbook-commands.ts';

const folder = join(repository, 'examples/pages');
/** A wrong clock is told at once, also of a cluster that was just made. */
const timelines = ['clock', 'dns', 'api'];

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

  /** For ten minutes after its machines were made a cluster hides what an upgrade may cause. */
  const settled = (): Promise<true> => eventually('demo is not under way any more', 900_000, async () => {
    const { stdout, code } = await keelson.kubectl('management', ['get', '--raw', '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=ALERTS{alertname=%22ClusterUpgrading%22}']);
    return code === 0 && (JSON.parse(stdout) as { data: { result: unknown[] } }).data.result.length === 0 ? true : undefined;
  });

  test.each(timelines.filter((name) => wanted.test(name)))('%s', async (name) => {
    if (name !== 'clock') await settled();
    const { code, stderr } = await keelson.run(['sandbox', 'scenario', join(folder, `${name}.yaml`)], 1_800_000);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await keelson.run(['sandbox', 'faults'])).stdout).toBe('nothing is broken\n');
  }, 2_800_000);
});
