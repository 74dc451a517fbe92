/** Rules that were changed a little, and whether a case breaks: what outlives all cases is a hole in them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secondsOf } from '../../monitoring/detection.ts';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert, RuleGroup } from '../../monitoring/rules/model.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
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
  return [...own, ...written.filter(({ alert_rule_test: tests }) => tests.some(({ alertname }) => alertname === alert)).map((test) => ({
    ...test, alert_rule_test: test.alert_rule_test.filter(({ alertname }) => alertname === alert), promql_expr_test: (test.promql_expr_test ?? []).filter(({ expr }) => expr.includes(`alertname="${alert}"`)),
  }))];
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
/** Rules and cases that one start of promtool tries. */
const perStart = 30;

/** Those that no case notices, as text. @throws Error where the cases of an alert do not hold without a change either */
export async function survivorsOf(tried: readonly Mutant[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  try {
    const sound = [...new Set(tried.map(({ of }) => of))];
    const broken = (await tryOut(join(folder, 'sound'), sound.map((of) => ({ of, groups: ruleGroups })))).flatMap(({ holds, output }, i) => (holds || !sound[i] ? [] : [`${keyOf(sound[i])}: ${output}`]));
    if (broken.length) throw new Error(`the cases of ${broken.length} alerts do not hold as these are\n${broken.join('\n')}`);
    const changed = tried.map(({ of, changed }) => ({ of, groups: ruleGroups.map((group) => ({ ...group, rules: group.rules.map((rule) => (rule === of ? changed : rule)) })) }));
    const results = await tryOut(join(folder, 'changed'), changed);
    return tried.filter((_, i) => results[i]?.holds).map(({ of, what }) => `${keyOf(of)}: ${what}`).sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Trial {
  readonly of: Alert;
  readonly groups: readonly RuleGroup[];
}

interface Outcome {
  readonly holds: boolean;
  readonly output: string;
}

/** Of each trial, in their order, whether all cases of its alert hold. */
async function tryOut(folder: string, trials: readonly Trial[]): Promise<Outcome[]> {
  await mkdir(folder);
  const starts = Array.from({ length: Math.ceil(trials.length / perStart) }, (_, i) => trials.slice(i * perStart, (i + 1) * perStart));
  const outcomes: Outcome[][] = [];
  await inTurns(starts, async (some, start) => {
    const files = await Promise.all(some.map(async ({ of, groups }, i) => {
      const path = join(folder, `${start}-${i}`);
      const own = rulesFor(of.alert, groups);
      // JSON is YAML.
      await writeFile(`${path}-rules.yaml`, JSON.stringify(renderGroups(own, { runbookBase: 'https://runbooks', boardBase: 'https://boards' })));
      await writeFile(`${path}.yaml`, JSON.stringify({ rule_files: [`${path}-rules.yaml`], evaluation_interval: '1m', group_eval_order: own.map(({ name }) => name), tests: testsOf(of) }));
      return `${path}.yaml`;
    }));
    const report = join(folder, `${start}.xml`);
    const output = await new Promise<string>((resolve) => execFile(join(toolsBin, 'promtool'), ['test', 'rules', `--junit=${report}`, ...files], { maxBuffer: 256 * 1024 * 1024 }, (_, stdout, stderr) => resolve(stdout + stderr)));
    outcomes[start] = outcomesOf(await readFile(report, 'utf8'));
    if (outcomes[start].length !== files.length) throw new Error(`promtool reported ${outcomes[start].length} of ${files.length} files:\n${output.slice(0, 3000)}`);
  });
  return outcomes.flat();
}

/** A suite for each file, in their order. */
function outcomesOf(report: string): Outcome[] {
  return [...report.matchAll(/<testsuite ([^>]*)>(.*?)<\/testsuite>/gs)].map(([, attributes = '', output = '']) => ({ holds: /failures="0" errors="0"/.test(attributes), output: output.slice(0, 3000) }));
}

async function inTurns<T>(all: readonly T[], work: (one: T, i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let i = next++; i < all.length; i = next++) await work(all[i] as T, i);
  }));
}
