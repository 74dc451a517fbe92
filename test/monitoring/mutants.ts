/** Rules that were changed a little, and whether a case breaks: what outlives all cases is a hole in them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { secondsOf } from '../../monitoring/detection.ts';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert, RuleGroup } from '../../monitoring/rules/model.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { toolsBin } from '../fixtures/tools-bin.ts';
import { accessAlertTests } from './access-cases.ts';
import { keyOf, promtoolTests } from './cases/case.ts';
import { cases, expected } from './cases/index.ts';
import { rulesFor } from './cases/promtool.ts';
import { certificateAlertTests } from './certificate-cases.ts';
import { networkAlertTests } from './network-cases.ts';
import { alertTests as otherAlertTests, completed, type AlertCase } from './rule-cases.ts';

export interface Mutant {
  readonly of: Alert;
  /** What was changed, for people. */
  readonly what: string;
  readonly changed: Alert;
}

const written = [...otherAlertTests, ...certificateAlertTests, ...networkAlertTests, ...accessAlertTests].map(completed);

/** All that is tried of an alert, of every severity. */
function testsOf({ alert }: Alert): AlertCase[] {
  const own = cases.filter((one) => one.alert === alert).flatMap((one) => promtoolTests(one, expected));
  return [...own, ...written.filter(({ alert_rule_test: tests }) => tests.some(({ alertname }) => alertname === alert)).map((test) => ({ ...test, alert_rule_test: test.alert_rule_test.filter(({ alertname }) => alertname === alert) }))];
}

/** The last threshold a quarter higher and lower, the comparison turned, `for` doubled and halved, a matcher and a grouping label dropped, another severity. */
export function mutantsOf(alert: Alert): Mutant[] {
  const { expr } = alert;
  const found: Mutant[] = [];
  const add = (what: string, change: Partial<Alert>): void => {
    const changed = { ...alert, ...change };
    if (JSON.stringify(changed) !== JSON.stringify(alert)) found.push({ of: alert, what, changed });
  };
  for (const factor of [1.25, 0.8]) add(`threshold × ${factor}`, { expr: expr.replace(/([<>]=? )(\d+(?:\.\d+)?)(?!.*[<>]=? \d)/, (_, operator: string, limit: string) => `${operator}${Number(limit) * factor}`) });
  add('comparison turned', { expr: expr.replace(/([<>])(=? \d)(?!.*[<>]=? \d)/, (_, operator: string, rest: string) => `${operator === '<' ? '>' : '<'}${rest}`) });
  const holds = secondsOf(alert.for);
  if (holds > 60) {
    add('for × 2', { for: `${holds * 2}s` });
    add('for ÷ 2', { for: `${holds / 2}s` });
  }
  add('a matcher less', { expr: expr.replace(/\{[a-z_]+[=!]~?"[^"]*"(,|\})/, (_, end: string) => (end === ',' ? '{' : '')) });
  add('a grouping label less', { expr: expr.replace(/by \(([a-z_]+), /, 'by (') });
  add('another severity', { severity: alert.severity === 'page' ? 'ticket' : 'page' });
  return found;
}

export const mutants: readonly Mutant[] = alertsOf(ruleGroups).filter((alert) => testsOf(alert).length > 0).flatMap(mutantsOf);

const atOnce = 2;

/** Those that no case notices, as text. @throws Error where the cases of an alert do not hold without a change either */
export async function survivorsOf(tried: readonly Mutant[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  const survivors: string[] = [];
  try {
    const sound = [...new Set(tried.map(({ of }) => of))];
    await inParallel(sound.length, atOnce, async (i) => {
      const alert = sound[i]!;
      const { holds, output } = await tryOut(join(folder, `sound-${i}`), alert, ruleGroups);
      if (!holds) throw new Error(`${keyOf(alert)}: its cases do not hold as it is\n${output}`);
    });
    await inParallel(tried.length, atOnce, async (i) => {
      const { of, what, changed } = tried[i]!;
      const groups = ruleGroups.map((group) => ({ ...group, rules: group.rules.map((rule) => (rule === of ? changed : rule)) }));
      if ((await tryOut(join(folder, String(i)), of, groups)).holds) survivors.push(`${keyOf(of)}: ${what}`);
    });
    return survivors.sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function tryOut(path: string, alert: Alert, groups: readonly RuleGroup[]): Promise<{ readonly holds: boolean; readonly output: string }> {
  const own = rulesFor(alert.alert, groups);
  await writeFile(`${path}-rules.yaml`, stringify(renderGroups(own, { runbookBase: 'https://runbooks', boardBase: 'https://boards' }), { version: '1.1', aliasDuplicateObjects: false }));
  await writeFile(`${path}.yaml`, stringify({ rule_files: [`${path}-rules.yaml`], evaluation_interval: '1m', group_eval_order: own.map(({ name }) => name), tests: testsOf(alert) }, { version: '1.1', aliasDuplicateObjects: false }));
  return new Promise((resolve) => execFile(join(toolsBin, 'promtool'), ['test', 'rules', `${path}.yaml`], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => resolve({ holds: error === null, output: (stdout + stderr).slice(0, 3000) })));
}
