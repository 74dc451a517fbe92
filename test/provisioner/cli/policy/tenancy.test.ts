import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildProgram } from '../../../../provisioner/cli/program.ts';

const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\nrules: [{ apiGroups: [""], resources: ["*"], verbs: [get] }]\n';
const budget = '---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: b, namespace: team }\nspec: { maxUnavailable: 0, unhealthyPodEvictionPolicy: AlwaysAllow, selector: {} }\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-tenancy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(input: string, ...args: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  let code = 0;
  const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
  const context = { env: {}, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield input; })(), stdout: stream, stderr: stream, setExitCode: (value: number) => void (code = value) };
  await buildProgram(context as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'policy', 'tenancy', ...args]);
  return { out, code };
}

test('the table names object, place, rule and fix, and the command fails', async () => {
  const { out, code } = await run(role + budget);
  expect(code).toBe(1);
  expect(out).toBe(`PodDisruptionBudget team/b  (-:6)
  error   budget/blocks-drain  spec.maxUnavailable maxUnavailable is 0: nothing may ever be evicted
          Write maxUnavailable: 1, and no budget for a single replica.
  warning budget/selects-nothing  spec.selector no workload of namespace team among these objects has such labels
          Take the labels of the workload's pod template, or give the file of the workload too.

ClusterRole all  (-:1)
  error   rbac/wildcard  rules[0] grants "*": also what the next release of Kubernetes or a new CRD brings
          Name the verbs, resources and groups that are used.

2 objects checked, 2 errors, 1 warning
`);
});

test('JSON is one array of findings', async () => {
  const { out } = await run(role, '--output', 'json');
  expect(JSON.parse(out)).toEqual([expect.objectContaining({ rule: 'rbac/wildcard', path: 'rules[0]', object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'all' } })]);
});

test('SARIF names every rule that was checked', async () => {
  const sarif = JSON.parse((await run(role, '--output', 'sarif')).out) as { runs: { tool: { driver: { rules: { id: string }[] } }; results: unknown[] }[] };
  expect(sarif.runs[0]!.results).toHaveLength(1);
  expect(sarif.runs[0]!.tool.driver.rules.map(({ id }) => id)).toEqual(expect.arrayContaining(['quota/exceeded', 'budget/blocks-drain', 'rbac/wildcard', 'rbac/bare-group']));
});

test('what is meant is allowed by a file, and then all is well', async () => {
  const file = join(folder, 'allowed.yaml');
  await writeFile(file, '- { object: ClusterRole all, rule: rbac/wildcard, reason: upstream }\n');
  expect(await run(role, '--allowed', file)).toEqual({ out: '1 object checked, 0 errors, 0 warnings\n', code: 0 });
});

test('a file of allowances without a reason is refused', async () => {
  const file = join(folder, 'bad.yaml');
  await writeFile(file, '- { object: ClusterRole all, rule: rbac/wildcard }\n');
  await expect(run(role, '--allowed', file)).rejects.toMatchObject({ code: 'CLI_BAD_OPTION', message: expect.stringContaining('0.reason') });
});
