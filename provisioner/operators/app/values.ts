/** The values that an App's release has now. */
import { withoutExpired } from '../../../policies/pods/exception.ts';
import type { Clock } from '../../kube/index.ts';
import type { AppObject } from './app-object.ts';

/**
 * Exceptions of the chart policies have an end. Past it the release is made anew without them, at the next look at the App
 * (a minute after the last); the App keeps what people wrote there. See docs/decisions/0011-exceptions-are-chart-values.md.
 */
export function valuesNow({ spec }: Pick<AppObject, 'spec'>, clock: Pick<Clock, 'now'>): Readonly<Record<string, unknown>> {
  const values = spec.values as Readonly<Record<string, unknown>>;
  return spec.chart === 'policies' ? withoutExpired(values, clock.now()) : values;
}
