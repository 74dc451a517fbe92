/** One line of a bench: what, how much, against which goal or peer. */

export interface Figure {
  readonly what: string;
  /** undefined: could not be measured; `note` says why. */
  readonly measured: number | undefined;
  readonly unit: string;
  /** Largest value that meets the goal. */
  readonly goal?: number;
  /** Smallest value that meets the goal. Without either a figure is only reported. */
  readonly atLeast?: number;
  readonly note?: string;
}

/** What is measured together, by the name that measures it alone. */
export type FigureGroups = Readonly<Record<string, () => readonly Figure[] | Promise<readonly Figure[]>>>;

/** @param only groups to measure; all when none is named. @throws RangeError for a group that does not exist, before anything is measured */
export async function measureGroups(groups: FigureGroups, only: readonly string[]): Promise<Figure[]> {
  const unknown = only.find((name) => !Object.hasOwn(groups, name));
  if (unknown !== undefined) throw new RangeError(`no group ${unknown}; there are ${Object.keys(groups).join(', ')}`);
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(groups)) if (only.length === 0 || only.includes(name)) figures.push(...(await measure()));
  return figures;
}

/** A markdown table. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((f) => [f.what, f.measured === undefined ? 'not measured' : `${round(f.measured)} ${f.unit}`, goalOf(f), verdict(f), f.note ?? '']);
  return [['figure', 'measured', 'goal', 'verdict', 'note'], ['---', '---', '---', '---', '---'], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function goalOf({ goal, atLeast, unit }: Figure): string {
  if (atLeast !== undefined) return `≥ ${atLeast} ${unit}`;
  return goal === undefined ? '-' : `≤ ${goal} ${unit}`;
}

function verdict({ measured, goal, atLeast }: Figure): string {
  if (measured === undefined || (goal === undefined && atLeast === undefined)) return '-';
  return measured <= (goal ?? Infinity) && measured >= (atLeast ?? 0) ? 'met' : 'missed';
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}
