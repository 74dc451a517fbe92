/** Whether somebody asked to leave an App alone, and until when. */
import { appPaused, type Reason } from '../../api/conditions.ts';
import { annotations } from '../../api/labels.ts';
import type { Cluster } from '../cluster.ts';
import type { AppObject } from './app-object.ts';

export type Pause =
  | { readonly kind: 'no' }
  | { readonly kind: 'yes'; readonly reason: Reason<typeof appPaused>; readonly message: string; /** undefined: until somebody ends it */ readonly endsAt?: Date };

/** The whole of RFC 3339 but its lower-case letters; Date.parse alone takes "tomorrow 1" for a date. */
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

export function pauseOf(app: AppObject, cluster: Cluster | undefined, now: Date): Pause {
  if (app.metadata.annotations?.[annotations.paused] !== undefined) return { kind: 'yes', reason: 'Annotated', message: `until the annotation ${annotations.paused} is removed` };
  if (cluster?.spec?.paused) return { kind: 'yes', reason: 'Annotated', message: `until Cluster ${cluster.metadata.name} is no longer paused` };
  const until = app.metadata.annotations?.[annotations.pausedUntil];
  if (until === undefined) return { kind: 'no' };
  const endsAt = time.test(until) ? new Date(until) : new Date(NaN);
  if (Number.isNaN(endsAt.getTime())) return { kind: 'yes', reason: 'UntilUnreadable', message: `the annotation ${annotations.pausedUntil} is no time; write it like 2026-01-31T18:00:00Z` };
  return endsAt > now ? { kind: 'yes', reason: 'UntilTime', message: `until ${endsAt.toISOString()}`, endsAt } : { kind: 'no' };
}
