/** Spans of time as people write them: 500ms, 30s, 5m, 2h, 1d, with a sign where it makes sense. */
import { FaultError } from './errors.ts';

const seconds = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds. @param of what it is for, named in the error. @throws FaultError FAULT_BAD_PARAMETER */
export function secondsOf(text: string, of: string): number {
  const found = /^([+-]?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = found?.[2] as keyof typeof seconds | undefined;
  if (!found || unit === undefined) throw new FaultError('FAULT_BAD_PARAMETER', `${of}: "${text}" is no span of time; write 500ms, 30s, 5m, 2h or 1d`);
  return Number(found[1]) * seconds[unit];
}
