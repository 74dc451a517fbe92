/** Rules that were changed a little, and whether a case breaks: what outlives all cases is a hole in them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secondsOf } from '../../monitoring/detection.ts';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert } from '../../monitoring/rules/model.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { toolsBin } from '../fixtures/tools-bin.ts';
import { accessAlertTests } from './access-cases.ts';
import { keyOf, promtoolTests } from './cases/case.ts';
import { edgeTest } from './cases/edges.ts';
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

/** What no case can notice, and why. */
export const equivalent: Readonly<Record<string, string>> = {
  'CloudZoneDown page: threshold × 0.8': 'clusters are whole: 2.4 of them are three',
  'EtcdQuorumAtRisk page: threshold × 1.25': 'members are whole: more than one is more than 1.25',
};

const written = [...otherAlertTests, ...certificateAlertTests, ...networkAlertTests, ...accessAlertTests].map(completed);

/** All that is tried of an alert, of every severity. */
function testsOf({ alert }: Alert): AlertCase[] {
  const own = [...cases.filter((one) => one.alert === alert).flatMap((one) => promtoolTests(one, expected)), ...alertsOf(ruleGroups).filter((one) => one.alert === alert).flatMap((one) => edgeTest(one) ?? [])];
  return [...own, ...written.filter(({ alert_rule_test: tests, promql_expr_test: asked = [] }) => tests.some(({ alertname }) => alertname === alert) || asked.some(({ expr }) => expr.includes(`alertname="${alert}"`))).map((test) => ({
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
/** Alerts that one start of promtool tries. */
const perStart = 10;

/** Those that no case notices, as text. @throws Error where the cases of an alert do not hold without a change either */
export async function survivorsOf(tried: readonly Mutant[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  try {
    const survivors: string[] = [];
    // promtool ends a case at the first evaluation that fails: the others are tried again without who made it fail.
    for (let left = [...Map.groupBy(tried, ({ of }) => of.alert).values()]; left.length;) {
      const verdicts = await judge(folder, left);
      survivors.push(...verdicts.flatMap(({ survivors: some }) => some));
      left = verdicts.flatMap(({ again }) => (again.length ? [again] : []));
    }
    return survivors.sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Verdict {
  readonly survivors: readonly string[];
  readonly again: Mutant[];
}

/** @param alerts the mutants of each */
async function judge(folder: string, alerts: readonly Mutant[][]): Promise<Verdict[]> {
  const starts = Array.from({ length: Math.ceil(alerts.length / perStart) }, (_, i) => alerts.slice(i * perStart, (i + 1) * perStart));
  const verdicts: Verdict[][] = [];
  await inParallel(starts.length, atOnce, async (start) => {
    const some = starts[start] ?? [];
    const files = await Promise.all(some.map((mutants, i) => write(join(folder, `${start}-${i}`), mutants)));
    const report = join(folder, `${start}.xml`);
    const output = await new Promise<string>((resolve) => execFile(join(toolsBin, 'promtool'), ['test', 'rules', `--junit=${report}`, ...files], { maxBuffer: 256 * 1024 * 1024 }, (_, stdout, stderr) => resolve(stdout + stderr)));
    const suites = [...(await readFile(report, 'utf8')).matchAll(/<testsuite .*?<\/testsuite>/gs)].map(([suite]) => suite);
    if (suites.length !== files.length) throw new Error(`promtool reported ${suites.length} of ${files.length} files:\n${output.slice(0, 3000)}`);
    verdicts[start] = some.map((mutants, i) => verdictOf(mutants, suites[i] ?? ''));
  });
  return verdicts.flat();
}

/** Name under which a mutant is tried beside the others of its alert; 0 is the alert as it is. */
const nameOf = (alert: string, i: number): string => `${alert}_mutant_${i}`;

/** Records are evaluated once, and each case asked of the alert as it is and of every mutant. */
async function write(path: string, mutants: readonly Mutant[]): Promise<string> {
  const [{ of } = { of: undefined }] = mutants;
  if (!of) throw new RangeError('no mutants');
  const alert = of.alert;
  const groups = rulesFor(alert);
  const variants = [undefined, ...mutants].map((mutant) => {
    const rendered = renderGroups(groups.map((group) => ({ ...group, rules: group.rules.map((rule) => (rule === mutant?.of ? mutant.changed : rule)) })), links);
    return rendered.groups.map(({ rules }) => rules.filter((rule) => rule.alert === alert));
  });
  const rules = renderGroups(groups, links).groups.map((group, at) => ({ ...group, rules: [...group.rules.filter((rule) => rule.alert !== alert), ...variants.flatMap((ofVariant, i) => (ofVariant[at] ?? []).map((rule) => ({ ...rule, alert: nameOf(alert, i) })))] }));
  const each = <T>(make: (name: string) => readonly T[]): T[] => variants.flatMap((_, i) => make(nameOf(alert, i)));
  const tests = testsOf(of).map((test) => ({
    ...test,
    alert_rule_test: each((name) => test.alert_rule_test.map((one) => ({ ...one, alertname: name }))),
    promql_expr_test: each((name) => (test.promql_expr_test ?? []).map((one) => ({ ...one, expr: one.expr.replaceAll(`alertname="${alert}"`, `alertname="${name}"`) }))),
  }));
  // JSON is YAML.
  await writeFile(`${path}-rules.yaml`, JSON.stringify({ groups: rules }));
  await writeFile(`${path}.yaml`, JSON.stringify({ rule_files: [`${path}-rules.yaml`], evaluation_interval: '1m', group_eval_order: groups.map(({ name }) => name), tests }));
  return `${path}.yaml`;
}

const links = { runbookBase: 'https://runbooks', boardBase: 'https://boards' } as const;

/** Every complaint of promtool names the alert that it is about. @throws Error where it could not read the rules, or the alert as it is breaks a case */
function verdictOf(mutants: readonly Mutant[], suite: string): Verdict {
  const [alert = ''] = mutants.map(({ of }) => of.alert);
  const says = (i: number, before = '', after = ''): boolean => new RegExp(`${before}${nameOf(alert, i)}\\b${after}`).test(suite);
  if (!/<testcase/.test(suite) || says(0)) throw new Error(`${alert}: its cases do not hold as it is\n${suite.slice(0, 3000)}`);
  const couldBeEvaluated = mutants.filter((_, i) => !says(i + 1, 'rule: ', ', time: .*, err: '));
  if (couldBeEvaluated.length < mutants.length) return { survivors: [], again: couldBeEvaluated };
  return { survivors: mutants.filter((_, i) => !says(i + 1)).map(({ of, what }) => `${keyOf(of)}: ${what}`), again: [] };
}
