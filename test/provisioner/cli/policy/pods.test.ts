import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { buildProgram } from '../../../../provisioner/cli/program.ts';

const good = 'securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: [ALL] }, seccompProfile: { type: RuntimeDefault } }';
const deployment = `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: team }\nspec: { template: { metadata: { labels: { app: web } }, spec: { hostNetwork: true, containers: [{ name: a, ${good}, ports: [{ hostPort: 80 }] }] } } }\n`;
const pod = `---\napiVersion: v1\nkind: Pod\nmetadata: { name: fine }\nspec: { containers: [{ name: a, ${good} }] }\n`;
const service = '---\napiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: team }\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-pods-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(input: string, ...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const result = { out: '', err: '', code: 0 };
  const stream = (key: 'out' | 'err') => ({ write: (text: string) => ((result[key] += text), true), isTTY: false, columns: 120 });
  const context = { env: {}, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield input; })(), stdout: stream('out'), stderr: stream('err'), setExitCode: (value: number) => void (result.code = value) };
  await buildProgram(context as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'policy', 'pods', ...args]);
  return result;
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const exception = (checks: string, expires = '2999-01-01T00:00:00Z') => `- { namespace: team, kind: Deployment, name: web, checks: [${checks}], reason: a reason that is long enough, owner: team, ticket: T-1, expires: ${JSON.stringify(expires)} }\n`;

test('JSON is one array with one element per object, in order', async () => {
  const { out, code } = await run(deployment + pod + service, '--level', 'restricted', '--version', 'v1.36', '--output', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual([
    {
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'team', name: 'web' },
      level: 'privileged',
      allowed: false,
      violations: [
        { check: 'hostNamespaces', path: 'spec.template.spec.hostNetwork', found: true, fix: 'remove hostNetwork; reach the pod through a Service' },
        { check: 'hostPorts', path: 'spec.template.spec.containers[0].ports[0].hostPort', found: 80, fix: 'remove hostPort; expose the pod with a Service' },
      ],
    },
    { object: { apiVersion: 'v1', kind: 'Pod', name: 'fine' }, level: 'restricted', allowed: true, violations: [] },
    { object: { apiVersion: 'v1', kind: 'Service', namespace: 'team', name: 'web' }, level: 'restricted', allowed: true, violations: [] },
  ]);
});

test('the table names object, file, line, path, value and fix', async () => {
  const path = await file('web.yaml', `# two objects\n${pod}${'---\n'}${deployment}`);
  const { out, code } = await run('', path, '--level', 'baseline');
  expect(code).toBe(1);
  expect(out).toBe(`Deployment team/web  (${path}:8)
  error   hostNamespaces  spec.template.spec.hostNetwork is true
          remove hostNetwork; reach the pod through a Service
  error   hostPorts  spec.template.spec.containers[0].ports[0].hostPort is 80
          remove hostPort; expose the pod with a Service

2 objects against baseline latest checked, 2 errors, 0 warnings
`);
});

test('all is well: exit code 0', async () => {
  expect(await run(pod, '-')).toEqual({ out: '1 object against restricted latest checked, 0 errors, 0 warnings\n', err: '', code: 0 });
});

test('SARIF has the file and line of each violation, and all 19 checks as rules', async () => {
  const path = await file('sarif.yaml', deployment);
  const { out, code } = await run('', path, '--output', 'sarif');
  const [result] = (JSON.parse(out) as { runs: { results: object[]; tool: { driver: { rules: object[] } } }[] }).runs;
  expect([code, result!.tool.driver.rules.length, result!.results.length]).toEqual([1, 19, 2]);
  expect(result!.results[0]).toMatchObject({ ruleId: 'hostNamespaces', level: 'error', locations: [{ physicalLocation: { region: { startLine: 1 } } }] });
});

test('exceptions waive what they name, and nothing else', async () => {
  expect((await run(deployment, '--exceptions', await file('one.yaml', exception('hostNamespaces')))).out).toMatch(/hostPorts(?![^]*hostNamespaces)/);
  expect(await run(deployment, '--exceptions', await file('both.yaml', exception('hostNamespaces, hostPorts')))).toMatchObject({ code: 0 });
});

test('an expired exception is refused, with what to do', async () => {
  const expired = await file('expired.yaml', exception('hostPorts', '2020-01-01T00:00:00Z'));
  await expect(run(deployment, '--exceptions', expired)).rejects.toThrow(/expired\.yaml: exception for Deployment team\/web expired at 2020-01-01T00:00:00Z: remove it, or renew it with its owner team/);
});

test('the smallest exception is printed, and the chart refuses it until people have filled in their part', async () => {
  const { out, code } = await run(deployment + pod, '--suggest-exception');
  expect(code).toBe(0);
  expect(parse(out)).toEqual([{ namespace: 'team', kind: 'Deployment', name: 'web', labels: {}, checks: ['hostNamespaces', 'hostPorts'], reason: '?', who: [], owner: '?', ticket: '?', expires: '?' }]);
  await expect(run(deployment, '--exceptions', await file('open.yaml', out))).rejects.toThrow(/exceptions: 0\.reason/);
});

test('exceptions that are too wide, unused or over are listed', async () => {
  const list = exception('hostPorts, hostNamespaces, privileged') + exception('hostPorts', '2020-01-01T00:00:00Z') + exception('privileged') + exception('hostPorts').replace('name: web', 'name: gone') + exception('hostPorts');
  const { out, code } = await run(deployment, '--exceptions', await file('wide.yaml', list), '--review-exceptions', '--output', 'json');
  expect(code).toBe(1);
  expect((JSON.parse(out) as { state: string; unneeded: string[] }[]).map(({ state, unneeded }) => [state, unneeded])).toEqual([
    ['tooWide', ['privileged']], ['expired', ['hostPorts']], ['unused', ['privileged']], ['unused', ['hostPorts']], ['needed', []],
  ]);
});

test('a further kind is judged by the path that is given for it', async () => {
  const rollout = deployment.replace('apps/v1', 'argoproj.io/v1alpha1').replace('kind: Deployment', 'kind: Rollout');
  expect((await run(rollout)).code).toBe(0);
  expect((await run(rollout, '--kind', 'Rollout.argoproj.io=spec.template')).code).toBe(1);
  await expect(run(rollout, '--kind', 'rollout')).rejects.toMatchObject({ code: 'commander.invalidArgument' });
});

test.each([
  ['a version that does not exist', ['--version', '2'], deployment, 'CLI_BAD_OPTION', /"2" is not a version/],
  ['a version before the table', ['--version', 'v1.24'], deployment, 'CLI_BAD_OPTION', /the oldest is v1\.25/],
  ['an object that no API server takes', [], deployment.replace('hostNetwork: true', 'hostNetwork: "yes"'), 'CLI_MANIFEST_BROKEN', /-:1: Deployment: spec\.hostNetwork must be a boolean, found "yes"/],
  ['a file that is not there', ['no-such-file.yaml'], '', 'CLI_FILE_UNREADABLE', /no-such-file/],
  ['a list of exceptions that is not there', ['--exceptions', 'no-such-list.yaml'], deployment, 'CLI_FILE_UNREADABLE', /no-such-list/],
])('%s is wrong usage', async (_, args, input, code, message) => {
  await expect(run(input, ...args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown as string });
});
