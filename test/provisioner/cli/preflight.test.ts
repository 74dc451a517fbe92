/** `keelson preflight` as a person runs it, against the simulated cloud. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { buildProgram } from '../../../provisioner/cli/program.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';

const example = join(import.meta.dirname, '../../../examples/cluster.yaml');
let folder: string;
let cloud: Running;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-preflight-'));
  cloud = await start(recorded());
  await writeFile(join(folder, 'clouds.yaml'), stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson'] } }));
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

async function run(env: Record<string, string>, ...args: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  let code = 0;
  const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
  const context = { env, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield ''; })(), stdout: stream, stderr: stream, setExitCode: (value: number) => void (code = value) };
  await buildProgram(context as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'preflight', ...args]);
  return { out, code };
}
const env = (): Record<string, string> => ({ OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml') });

test('a cloud that has everything', async () => expect(await run(env(), example)).toEqual({ out: '1 Cluster checked, 0 errors, 0 warnings\n', code: 0 }));

test('what is missing, with field and remedy, and exit code 1', async () => {
  cloud.cloud.state.nova.quotas[(await cloud.member.projectId())!] = { cores: 2 };
  const { out, code } = await run(env(), example);
  expect(code).toBe(1);
  expect(out).toContain('Cluster org-demo/demo  (');
  expect(out).toContain('error   cloud/quota  spec.topology the whole cluster needs 16 cores; the project may have 2 and uses 0\n          raise the quota to 16, or make the cluster smaller\n');
});

test('an entry that clouds.yaml has not is a finding, a file without a Cluster wrong usage', async () => {
  expect(await run(env(), example, '--cloud', 'other')).toMatchObject({ code: 1, out: expect.stringContaining('clouds.yaml has no cloud "other"; it has openstack') });
  await expect(run(env(), join(folder, 'clouds.yaml'))).rejects.toMatchObject({ code: 'CLI_MANIFEST_BROKEN' });
  await expect(run(env(), example, '--clouds', '/nonexistent')).rejects.toMatchObject({ code: 'CLI_FILE_UNREADABLE', message: expect.stringContaining('--clouds /nonexistent') });
  await expect(run({}, '--management')).rejects.toMatchObject({ code: 'CLI_BAD_OPTION' });
});
