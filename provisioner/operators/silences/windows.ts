/** When a MaintenanceWindow is open, in the time of its zone. Pure. */
import { type MaintenanceWindowSpec, weekDays } from '../../api/maintenance-window.ts';

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** A zone that is in no list of IANA's. */
export class TimeZoneError extends Error {
  readonly code = 'TIME_ZONE_UNKNOWN';

  constructor(timeZone: string, options: { cause?: unknown } = {}) {
    super(`weekly.timeZone: ${timeZone} is no time zone of the IANA list, such as Europe/Berlin`, options);
    this.name = 'TimeZoneError';
  }
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Those of the coming week that are not over, in order: the first may be open. @throws {TimeZoneError} */
export function nextWindows({ once, weekly }: Pick<MaintenanceWindowSpec, 'once' | 'weekly'>, now: Date): Window[] {
  if (once) return [{ from: new Date(once.from), to: new Date(once.to) }].filter(({ to }) => to > now);
  if (!weekly) return [];
  const until = weekly.until === undefined ? Infinity : new Date(weekly.until).getTime();
  const [hours = 0, minutes = 0] = weekly.at.split(':').map(Number);
  const found: Window[] = [];
  for (let day = -2; day <= 8; day++) {
    const midnight = civil(new Date(now.getTime() + day * dayMs), weekly.timeZone);
    midnight.setUTCHours(hours, minutes, 0, 0);
    // getUTCDay: Sunday is 0.
    if (!weekly.days.includes(weekDays[(midnight.getUTCDay() + 6) % 7] ?? 'monday')) continue;
    const from = instantOf(midnight, weekly.timeZone);
    const to = new Date(from.getTime() + weekly.hours * hourMs);
    if (to > now && from.getTime() <= until && found.at(-1)?.from.getTime() !== from.getTime()) found.push({ from, to });
  }
  return found;
}

/** What a clock in the zone shows, as if it were UTC. @throws {TimeZoneError} */
function civil(instant: Date, timeZone: string): Date {
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(instant);
    const at = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value);
    return new Date(Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second')));
  } catch (error) {
    throw new TimeZoneError(timeZone, { cause: error });
  }
}

/**
 * The instant at which a clock in the zone shows a time. Where a change of clocks leaves it out: the same wait after midnight,
 * which is an hour later on the clock; where it comes twice: the first.
 */
function instantOf(shown: Date, timeZone: string): Date {
  const offsetAt = (ms: number): number => civil(new Date(ms), timeZone).getTime() - ms;
  const wanted = shown.getTime();
  const before = wanted - offsetAt(wanted - dayMs);
  const after = wanted - offsetAt(wanted + dayMs);
  const fitting = [before, after].filter((ms) => ms + offsetAt(ms) === wanted);
  return new Date(fitting.length ? Math.min(...fitting) : before);
}
