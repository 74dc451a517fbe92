/** One line of a bench: what, how much, against which goal or peer. */

export interface Figure {
  readonly what: string;
  /** undefined: could not be measured; `note` says why. */
  readonly measured: number | undefined;
  readonly unit: string;
  /** Largest value that meets the goal; undefined where a figure is only reported. */
  readonly goal?: number;
  readonly note?: string;
}

/** A markdown table. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((f) => [f.what, f.measured === undefined ? 'not measured' : `${round(f.measured)} ${f.unit}`, f.goal === undefined ? '-' : `≤ ${f.goal} ${f.unit}`, verdict(f), f.note ?? '']);
  return [['figure', 'measured', 'goal', 'verdict', 'note'], ['---', '---', '---', '---', '---'], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function verdict({ measured, goal }: Figure): string {
  if (measured === undefined || goal === undefined) return '-';
  return measured <= goal ? 'met' : 'missed';
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}
