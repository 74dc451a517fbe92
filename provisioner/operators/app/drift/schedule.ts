/** When an App is compared with its cluster. */
import { createHash } from 'node:crypto';
import type { AppObject } from '../app-object.ts';

/**
 * How long until the next comparison, in milliseconds; 0 or less: now. Between 0.8 and 1.2 of the interval after the last one,
 * by the App's uid: always the same for one App, spread over all of them, and not all at once after a restart.
 */
export function dueInMs(app: AppObject, o: { readonly now: Date; readonly intervalMs: number }): number {
  const share = shareOf(app.metadata.uid ?? app.metadata.name);
  const checkedAt = app.status?.drift?.checkedAt;
  if (checkedAt === undefined) {
    const madeAt = Date.parse(app.metadata.creationTimestamp ?? '');
    return (Number.isNaN(madeAt) ? o.now.getTime() : madeAt) + o.intervalMs * share - o.now.getTime();
  }
  return Date.parse(checkedAt) + o.intervalMs * (0.8 + 0.4 * share) - o.now.getTime();
}

/** Until the next look of everybody with this key, in milliseconds: between half and one and a half of the interval from now, for each key at a time of its own. */
export function togetherInMs(key: string, o: { readonly now: Date; readonly intervalMs: number }): number {
  const { intervalMs } = o;
  const sinceMs = (o.now.getTime() + shareOf(key) * intervalMs) % intervalMs;
  return sinceMs > intervalMs / 2 ? 2 * intervalMs - sinceMs : intervalMs - sinceMs;
}

/** From 0 to 1, evenly. */
function shareOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 0x1_0000_0000;
}
