import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertmanagerConfig, defaultRouting, receiversOf, type RoutingOptions } from '../../monitoring/routes/config.ts';
import { alertsOf, groupsFor, ruleGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { accessAlertTests } from './access-cases.ts';
import { certificateAlertTests, certificateRecordTests } from './certificate-cases.ts';
import { networkAlertTests, networkRecordTests } from './network-cases.ts';
import { alertTests as otherAlertTests, recordTests as otherRecordTests } from './rule-cases.ts';

const alertTests = [...otherAlertTests, ...certificateAlertTests, ...networkAlertTests, ...accessAlertTests];
const recordTests = [...otherRecordTests, ...certificateRecordTests, ...networkRecordTests];

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
    const rules = await write('rules.yaml', renderGroups(ruleGroups, { runbookBase: 'https://runbooks' }));
    const path = await write(`${name}.yaml`, { rule_files: [rules], evaluation_interval: '1m', tests });
    const { status, output } = run('promtool', ['test', 'rules', path]);
    if (status !== 0) throw new Error(output);
  };
  // One start of promtool for all cases: its output names the one that fails.
  test(`${recordTests.length} cases of recorded series`, () => ruleTest('record', recordTests));
  test(`${alertTests.length} cases of alerts`, () => ruleTest('alert', alertTests));

  test('every alert has a case in which it fires and one in which it does not', () => {
    const expected = alertsOf(ruleGroups).map(({ alert, severity }) => `${alert} ${severity}`).sort();
    const cases = alertTests.flatMap(({ alert_rule_test: tests }) => tests);
    const firing = new Set(cases.flatMap(({ alertname, exp_alerts: alerts }) => alerts.map(({ exp_labels: labels }) => `${alertname} ${labels['severity']}`)));
    expect([...firing].sort()).toEqual(expected);
    for (const { alert } of alertsOf(ruleGroups)) expect(cases.some((one) => one.alertname === alert && one.exp_alerts.length === 0)).toBe(true);
  });

  test('a broken rule does not pass', async () => {
    const [first] = alertTests;
    await expect(ruleTest('broken', [{ ...first, alert_rule_test: [{ ...first!.alert_rule_test.at(-1)!, exp_alerts: [] }] }])).rejects.toThrow('FAILED');
  });
});

describeWith({ tools: ['amtool'] }, 'amtool', () => {
  const options: RoutingOptions = { ...defaultRouting, pagerUrl: 'http://pager.example/hook', noticesUrl: 'http://notices.example/hook' };

  test.each([options, { ...options, noticesUrl: '' }, defaultRouting])('reads the configuration %#', async (routing) => {
    const path = await write('alertmanager.yaml', alertmanagerConfig(routing));
    expect(run('amtool', ['check-config', path])).toMatchObject({ status: 0 });
  });

  test.each([['page'], ['notify'], ['none']])('sends severity %s where our own walk of the tree does', async (severity) => {
    const config = alertmanagerConfig(options);
    const path = await write('alertmanager.yaml', config);
    const { output } = run('amtool', ['config', 'routes', 'test', `--config.file=${path}`, `severity=${severity}`, 'team=platform']);
    expect(output.trim().split(',')).toEqual(receiversOf(config.route, { severity, team: 'platform' }));
  });
});
