/**
 * How long an alert is pending before it fires, to the evaluation: promtool evaluates each minute, so that as many of its
 * samples say "pending" as `for` has minutes. One more or less breaks it, whenever the expression began to hold.
 */
import { secondsOf } from '../../../monitoring/detection.ts';
import type { Alert } from '../../../monitoring/rules/model.ts';

export interface ExpressionTest {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** @param at minutes since the start of the case, when the alert fires and has not ceased to since it first did */
export function pendingTest({ alert, severity, for: holds }: Pick<Alert, 'alert' | 'severity' | 'for'>, at: number): ExpressionTest {
  const minutes = Math.ceil(secondsOf(holds) / 60);
  const which = (state: string): string => `ALERTS{alertname="${alert}",severity="${severity}",alertstate="${state}"}`;
  return {
    expr: `min(count_over_time(${which('pending')}[${at + 1}m]) and ignoring (alertstate) ${which('firing')})`,
    eval_time: `${at}m`, exp_samples: minutes > 0 ? [{ labels: '{}', value: minutes }] : [],
  };
}
