/**
 * Alerts by what makes them fire and what only just does not: series as the programs write them, so that record and alert
 * are tried together. Times follow from `for`; labels and texts stand in `expected.json`, which people read.
 */
import { secondsOf } from '../../../monitoring/detection.ts';
import { alertsOf, ruleGroups } from '../../../monitoring/rules/index.ts';
import type { Alert, Severity } from '../../../monitoring/rules/model.ts';
import type { AlertCase } from '../rule-cases.ts';
import { pendingTest } from './holds.ts';

/** Name with labels → its value all the time, or "start+step" per minute, or promtool's own notation. */
export type Input = Readonly<Record<string, number | string>>;

export interface Case {
  readonly alert: string;
  readonly severity: Severity;
  readonly fires: Input;
  /** Just on the other side of every threshold and matcher. */
  readonly quiet: Input;
  /** Minutes until the expression holds, beyond one evaluation of record and alert: a rate needs its window. */
  readonly warmMinutes: number;
}

export function alertCase(name: string, severity: Severity, fires: Input, quiet: Input, warmMinutes = 4): Case {
  return { alert: name, severity, fires, quiet, warmMinutes };
}

/** Alert and severity → labels and annotations that promtool gave once and somebody read. */
export type Expected = Readonly<Record<string, readonly { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> }[]>>;

export const keyOf = ({ alert, severity }: Pick<Alert, 'alert' | 'severity'>): string => `${alert} ${severity}`;

/** Two of promtool's tests: one that fires, exactly when it has held as long as it must and with these labels and texts; one that never does. */
export function promtoolTests(one: Case, expected: Expected): AlertCase[] {
  const sameName = alertsOf(ruleGroups).filter(({ alert }) => alert === one.alert);
  const rule = sameName.find(({ severity }) => severity === one.severity);
  if (!rule) throw new Error(`${keyOf(one)}: there is no such alert`);
  const holds = secondsOf(rule.for) / 60;
  const at = holds + one.warmMinutes;
  const series = (input: Input): AlertCase['input_series'] => Object.entries(input).map(([name, value]) => ({ series: name, values: valuesOf(value, at + 30) }));
  const which = `ALERTS{alertname="${one.alert}",severity="${one.severity}"`;
  const firing = (expected[keyOf(one)] ?? []).map(({ labels, annotations }) => ({ exp_labels: labels, exp_annotations: annotations }));
  return [
    {
      name: `${keyOf(one)} fires`, interval: '1m', input_series: series(one.fires),
      alert_rule_test: [
        // With the milder severity of the same name, where that fires too.
        { eval_time: `${at}m`, alertname: one.alert, exp_alerts: firing },
      ],
      promql_expr_test: [pendingTest(rule, at)],
    },
    {
      name: `${keyOf(one)} does not`, interval: '1m', input_series: series(one.quiet), alert_rule_test: [],
      // It never fired, nor would it later. A milder severity of the same name may.
      promql_expr_test: [{ expr: `count(count_over_time(${which},alertstate="firing"}[${at + 11}m])) or count(${which}})`, eval_time: `${at + 10}m`, exp_samples: [] }],
    },
  ];
}

function valuesOf(value: number | string, minutes: number): string {
  if (typeof value === 'number') return `${value}x${minutes}`;
  return /^-?[\d.e]+\+[\d.e]+$/.test(value) ? `${value}x${minutes}` : value;
}
