/** The matrix in a terminal: a sign per cell, then what the signs of each row mean. Signs, not colours, carry the meaning. */
import type { Cell, Matrix } from './matrix.ts';

const signs = { closed: '·', everything: '█', self: '╲' } as const;

function sign({ kind, spans }: Cell): string {
  return kind === 'some' ? (spans > 9 ? '+' : String(spans)) : signs[kind];
}

export function terminalMatrix({ parties, cells }: Matrix): string {
  const width = Math.max(...parties.map(({ label }) => label.length));
  const number = (i: number): string => String(i + 1).padStart(2);
  const head = `${' '.repeat(width + 4)}${parties.map((_, i) => number(i)).join(' ')}`;
  const rows = parties.map(({ label }, i) => `${number(i)} ${label.padEnd(width)} ${(cells[i] ?? []).map((cell) => ` ${sign(cell)}`).join(' ')}`);
  const open = parties.flatMap(({ label }, i) => (cells[i] ?? []).flatMap((cell, j) => (cell.kind === 'some' ? [`${label} → ${parties[j]?.label ?? ''}: ${cell.ports}`] : [])));
  return [
    'Rows open conversations with columns. · closed  1-9,+ so many ranges of ports  █ everything  ╲ itself', '',
    head, ...rows, '', ...open, '',
  ].join('\n');
}
