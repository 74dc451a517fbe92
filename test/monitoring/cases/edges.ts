/**
 * Both sides of every threshold, derived from the expression: a tenth beyond it fires, a tenth within does not. For what an
 * alert compares with a number directly: a series, its distance from now, or an aggregation of series; joins and rates have
 * cases of their own.
 */
import { secondsOf } from '../../../monitoring/detection.ts';
import type { Alert } from '../../../monitoring/rules/model.ts';
import type { AlertCase } from '../rule-cases.ts';

interface Comparison {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The label by which the two sides are told apart: one that is left in the result. */
  readonly identity: string;
  readonly operator: '<' | '>';
  readonly limit: number;
  /** What is compared: the value, `value - time()`, `time() - value`. */
  readonly distance: 'none' | 'future' | 'past';
}

/** undefined where nothing of the expression is compared so. */
export function edgeTest(alert: Alert): AlertCase | undefined {
  const comparisons = alert.expr.split(/ or | unless /).flatMap((part) => comparisonIn(part) ?? []).filter(({ limit }) => limit !== 0);
  if (!comparisons.length) return undefined;
  const at = Math.ceil(secondsOf(alert.for) / 60) + 2;
  const name = `ALERTS{alertname="${alert.alert}",severity="${alert.severity}",alertstate="firing"}`;
  const [{ identity } = { identity: 'cluster_id' }] = comparisons;
  return {
    name: `${alert.alert} ${alert.severity} at the edges of its thresholds`, interval: '1m', alert_rule_test: [],
    input_series: comparisons.flatMap((comparison, i) => ([0.9, 1.1] as const).map((part) => ({ series: seriesOf(comparison, sideOf(comparison, part, i)), values: valuesOf(comparison, part * comparison.limit, at + 2) }))),
    promql_expr_test: [{ expr: `count by (${identity}) (${name})`, eval_time: `${at}m`, exp_samples: comparisons.map((_, i) => ({ labels: `{${identity}="beyond-${i}"}`, value: 1 })) }],
  };
}

const selector = String.raw`([a-z_:0-9]+)(?:\{([^}]*)\})?`;
const number = String.raw`([<>])=? (\d+(?:\.\d+)?(?: \* \d+(?:\.\d+)?)*)$`;
const forms: readonly { readonly pattern: RegExp; readonly distance: Comparison['distance'] }[] = [
  { pattern: new RegExp(`^${selector} ${number}`), distance: 'none' },
  { pattern: new RegExp(String.raw`^(?:max|min) by \(([a-z_, ]+)\) \(${selector}\) ${number}`), distance: 'none' },
  { pattern: new RegExp(String.raw`^${selector} - time\(\) ${number}`), distance: 'future' },
  { pattern: new RegExp(String.raw`^time\(\) - max by \(([a-z_, ]+)\) \(${selector}\) ${number}`), distance: 'past' },
];

function comparisonIn(part: string): Comparison | undefined {
  for (const { pattern, distance } of forms) {
    const found = pattern.exec(part);
    if (!found) continue;
    const groups = found.slice(1);
    const by = groups.length === 5 ? (groups.shift() ?? '').split(', ') : ['cluster_id'];
    const [metric = '', matchers = '', operator, limit = ''] = groups;
    const labels = Object.fromEntries([...matchers.matchAll(/([a-z_]+)(=~?)"([^"|]*)[^"]*"/g)].map(([, label = '', , value = '']) => [label, value]));
    return { metric, labels, identity: by.includes('cluster_id') ? 'cluster_id' : (by[0] ?? ''), operator: operator as '<' | '>', limit: limit.split(' * ').reduce((product, factor) => product * Number(factor), 1), distance };
  }
  return undefined;
}

const sideOf = ({ operator }: Comparison, part: number, i: number): string => `${(operator === '>') === part > 1 ? 'beyond' : 'within'}-${i}`;
const seriesOf = ({ metric, labels, identity }: Comparison, side: string): string => `${metric}{${Object.entries({ ...labels, [identity]: side }).map(([label, value]) => `${label}="${value}"`).join(',')}}`;

/** A distance that stays the same moves with the clock. */
function valuesOf({ distance }: Comparison, value: number, minutes: number): string {
  if (distance === 'none') return `${value}x${minutes}`;
  return `${distance === 'future' ? value : -value}+60x${minutes}`;
}
