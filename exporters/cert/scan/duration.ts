/** "90m", "12h", "30d" in seconds. */
import { ScanError } from './errors.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** @throws ScanError SCAN_USAGE */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const seconds = units[unit ?? ''];
  if (count === undefined || seconds === undefined) throw new ScanError('SCAN_USAGE', `--within ${text}: write a number and a unit, for example 30d or 12h`);
  return Number(count) * seconds;
}
