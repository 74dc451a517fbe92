/** Rules that were changed a little: a case must break. What survives is printed, and is bounded. */
import { secondsOf } from '../../monitoring/detection.ts';
import { ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert, RuleGroup } from '../../monitoring/rules/model.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { keyOf } from './cases/case.ts';
import { cases, expected } from './cases/index.ts';
import { runCases } from './cases/promtool.ts';

interface Mutant {
  readonly what: string;
  readonly alert: Alert;
}

const alertOf = (key: string): Alert => ruleGroups.flatMap(({ rules }) => rules).find((rule): rule is Alert => rule.kind === 'alert' && keyOf(rule) === key)!;
const withAlert = (old: Alert, changed: Alert): RuleGroup[] => ruleGroups.map((group) => ({ ...group, rules: group.rules.map((rule) => (rule === old ? changed : rule)) }));

/** The last threshold a quarter higher and lower, the comparison turned, `for` doubled and halved, a matcher and a grouping label dropped. */
function mutantsOf(alert: Alert): Mutant[] {
  const { expr } = alert;
  const found: Mutant[] = [];
  const add = (what: string, change: Partial<Alert>): void => void (JSON.stringify({ ...alert, ...change }) === JSON.stringify(alert) || found.push({ what, alert: { ...alert, ...change } }));
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

describeWith({ tools: ['promtool'] }, 'rules that were changed a little', () => {
  test('break a case', () => {
    let all = 0;
    const survivors: string[] = [];
    for (const one of cases.filter(({ alert }) => new RegExp(process.env['MUTANTS_OF'] ?? '.').test(alert))) {
      const alert = alertOf(keyOf(one));
      for (const mutant of mutantsOf(alert)) {
        all += 1;
        // A case is looked up by severity: the mutant keeps its place, its labels differ.
        const { status } = runCases(toolsBin, [one], { expected, groups: withAlert(alert, mutant.alert) });
        if (status === 0) survivors.push(`${keyOf(one)}: ${mutant.what}`);
      }
    }
    console.log(`${all} mutants, ${survivors.length} survive:\n${survivors.join('\n')}`);
    expect(survivors.length).toBeLessThan(all * 0.1);
  }, 1_800_000);
});
