/** What a scan found, as a table for people or JSON for scripts. */
import { columns } from '../../core/columns.ts';
import type { Entry, Scanned } from './targets.ts';

export interface Report {
  /** The soonest to expire first. */
  readonly entries: readonly Entry[];
  readonly problems: Scanned['problems'];
}

export interface View {
  /** Unix seconds. */
  readonly now: number;
  readonly withinSeconds: number;
  /** Whether colours are seen. */
  readonly isTerminal: boolean;
}

const barWidth = 10;

/** One row per certificate: date, what is left of it as time and as a bar, name, place. */
export function renderTable({ entries, problems }: Report, { now, withinSeconds, isTerminal }: View): string {
  const rows = entries.map((entry) => [dateOf(entry.notAfter), leftOf(entry.notAfter - now), bar(entry, now), clean(entry.subjectCn) || '-', clean(entry.where)]);
  const lines = columns([['EXPIRES (UTC)', 'LEFT', 'LIFETIME', 'SUBJECT', 'WHERE'], ...rows]);
  const coloured = lines.map((line, i) => (isTerminal && (entries[i - 1]?.notAfter ?? Infinity) <= now + withinSeconds ? `\x1b[31m${line}\x1b[0m` : line));
  const notes = problems.map(({ where, reason }) => `! ${clean(where)}: ${clean(reason)}`);
  return `${[...(entries.length > 0 ? coloured : ['no certificates']), ...notes].join('\n')}\n`;
}

/** Times as RFC 3339. */
export function renderJson({ entries, problems }: Report, now: number): string {
  const certificates = entries.map(({ notAfter, notBefore, ...rest }) => ({
    ...rest, notBefore: new Date(notBefore * 1000).toISOString(), notAfter: new Date(notAfter * 1000).toISOString(), secondsLeft: Math.round(notAfter - now),
  }));
  return `${JSON.stringify({ certificates, problems }, undefined, 2)}\n`;
}

/** What is left of the lifetime: "██████░░░░". */
export function bar({ notBefore, notAfter }: Pick<Entry, 'notBefore' | 'notAfter'>, now: number): string {
  const left = Math.min(1, Math.max(0, (notAfter - now) / Math.max(1, notAfter - notBefore)));
  const full = Math.ceil(left * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

function leftOf(seconds: number): string {
  const [magnitude, past] = [Math.abs(seconds), seconds < 0];
  const text = magnitude >= 2 * 86_400 ? `${Math.floor(magnitude / 86_400)}d` : magnitude >= 2 * 3600 ? `${Math.floor(magnitude / 3600)}h` : `${Math.floor(magnitude / 60)}m`;
  return past ? `${text} ago` : text;
}

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');

/** Names come from certificates of others: nothing in them may move the cursor. */
const clean = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
