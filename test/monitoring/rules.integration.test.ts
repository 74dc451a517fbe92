import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertsOf, certificateGroups, groupsFor, networkGroups, ruleGroups } from '../../monitoring/rules/index.ts';
import { recordedGroups } from '../../monitoring/recorded/index.ts';
import { accessAlerts } from '../../monitoring/rules/access.ts';
import { organizationAlerts } from '../../monitoring/rules/organizations.ts';
import { topologyAlerts } from '../../monitoring/rules/topology.ts';
import { upAlerts, upRecords } from '../../monitoring/rules/up.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { accessAlertTests } from './access-cases.ts';
import { certificateAlertTests, certificateRecordTests } from './certificate-cases.ts';
import { networkAlertTests, networkRecordTests } from './network-cases.ts';
import { expected } from './cases/index.ts';
import { recordedTests } from './recorded-cases.ts';
import { alertTests as otherAlertTests, completed, recordTests as otherRecordTests } from './rule-cases.ts';

const alertTests = [...otherAlertTests, ...certificateAlertTests, ...networkAlertTests, ...accessAlertTests].map(completed);
const recordTests = [...otherRecordTests, ...certificateRecordTests, ...networkRecordTests, ...recordedTests];

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rules-'))));
afterAll(() => rm(folder, { recursive: true }));

const run = (tool: string, args: readonly string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(join(toolsBin, tool), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
};
const write = async (name: string, content: unknown): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, stringify(content, { version: '1.1' }));
  return path;
};

describeWith({ tools: ['promtool'] }, 'promtool', () => {
  test.each(['workload', 'management'] as const)('checks the rules of the %s side and finds nothing', async (place) => {
    const path = await write(`${place}.yaml`, renderGroups(groupsFor(place), { runbookBase: 'https://runbooks' }));
    expect(run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', path])).toMatchObject({ status: 0 });
  });

  const ruleTest = async (name: string, tests: readonly object[]): Promise<void> => {
    const rules = await write('rules.yaml', renderGroups([...certificateGroups, ...networkGroups, upRecords, ...recordedGroups, upAlerts, topologyAlerts, accessAlerts, organizationAlerts], { runbookBase: 'https://runbooks', boardBase: 'https://boards' }));
    const path = await write(`${name}.yaml`, { rule_files: [rules], evaluation_interval: '1m', tests });
    const { status, output } = run('promtool', ['test', 'rules', path]);
    if (status !== 0) throw new Error(output);
  };
  // One start of promtool for all cases: its output names the one that fails.
  test(`${recordTests.length} cases of recorded series`, () => ruleTest('record', recordTests));
  test(`${alertTests.length} cases of alerts`, () => ruleTest('alert', alertTests));

  test('every alert has a case in which it fires and one in which it does not', () => {
    // It always fires.
    const all = alertsOf(ruleGroups).filter(({ alert }) => alert !== 'Watchdog');
    const tried = alertTests.flatMap(({ alert_rule_test: tests }) => tests);
    const firing = new Set([...Object.keys(expected), ...tried.flatMap(({ alertname, exp_alerts: alerts }) => alerts.map(({ exp_labels: labels }) => `${alertname} ${labels['severity']}`))]);
    expect([...firing].sort()).toEqual(all.map(({ alert, severity }) => `${alert} ${severity}`).sort());
    // Those of cases/ have both by the way they are written.
    for (const { alert, severity } of all) expect(`${alert} ${severity}` in expected || tried.some((one) => one.alertname === alert && one.exp_alerts.length === 0)).toBe(true);
  });

  test('a broken rule does not pass', async () => {
    const [first] = alertTests;
    await expect(ruleTest('broken', [{ ...first, alert_rule_test: [{ ...first!.alert_rule_test.at(-1)!, exp_alerts: [] }] }])).rejects.toThrow('FAILED');
  });
});
