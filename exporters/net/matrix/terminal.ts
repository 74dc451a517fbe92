/** The matrix in a terminal: a letter or a block per pair, the colours of the page where there are any. */
import { milliseconds, percent } from '../page.ts';
import { byPlace, type Matrix } from './collect.ts';
import { zonePairs } from './page.ts';
import { bounds, lookOf } from './scale.ts';

/** Shades for terminals without colour, by the same steps as the colours. */
const shades = ['0', '1', '2', '3', '4', '5', '6', '7'];

export function terminalMatrix({ rows, missing, left }: Matrix, { isColoured }: { readonly isColoured: boolean }): string {
  const columns = [...new Map([...rows, ...missing, ...rows.flatMap(({ cells }) => cells)].map(({ node, zone }) => [node, { node, zone }])).values()].sort(byPlace);
  const width = Math.max(4, ...columns.map(({ node }) => node.length));
  const head = columns.map((_, i) => String((i + 1) % 100).padStart(3)).join('');
  const body = columns.map(({ node, zone }, i) => {
    const row = rows.find((one) => one.node === node);
    const cells = new Map((row?.cells ?? []).map((cell) => [cell.node, cell]));
    const drawn = columns.map((column) => {
      const cell = cells.get(column.node);
      if (!cell) return row || column.node === node ? '  ·' : '  ?';
      const { colour, sign } = lookOf(cell);
      const text = ` ${sign || shades[shadeOf(cell.roundTrip)]} `;
      return isColoured ? painted(text, colour) : text;
    });
    return `${String(i + 1).padStart(3)} ${node.padEnd(width)} ${(zone || 'none').padEnd(6)}${drawn.join('')}`;
  });
  const scale = [...bounds.map((bound, i) => `${shades[i]} ≤ ${milliseconds(bound)}`), `${shades.at(-1)} more`].join('   ');
  const pairs = zonePairs(rows).map(({ from, to, roundTrip, loss, dead, paths }) => `  ${from || 'none'} → ${to || 'none'}: ${roundTrip === null ? 'nothing comes back' : milliseconds(roundTrip)}, loss ${percent(loss)}${dead > 0 ? `, ${dead} of ${paths} dead` : ''}`);
  const findings = rows.flatMap(({ node, findings: found }) => found.map(({ verdict, subject, detail }) => `  ${node}: ${verdict} ${subject} ${detail}`.trimEnd()));
  return [
    `${' '.repeat(11 + width)}${head}`, ...body, '', `round trip: ${scale}   × nothing comes back   % loss   M large packets lost   · not watched   ? did not answer`, '',
    'Zones:', ...pairs, '', ...(findings.length > 0 ? ['Verdicts:', ...findings] : ['Nobody sees anything wrong.']),
    ...(missing.length > 0 ? ['', `Did not answer: ${missing.map(({ node }) => node).join(', ')}`] : []), ...(left > 0 ? [`${left} more were not asked.`] : []), '',
  ].join('\n');
}

function shadeOf(seconds: number | null): number {
  const at = bounds.findIndex((bound) => (seconds ?? Infinity) <= bound);
  return at < 0 ? bounds.length : at;
}

/** 24-bit colours (ISO 8613-6), with the ink that can be read on them. */
function painted(text: string, colour: string): string {
  const [r, g, b] = (colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit) : (colour.slice(1).match(/../g) ?? [])).map((digits) => parseInt(digits, 16));
  const isLight = (r ?? 0) + (g ?? 0) + (b ?? 0) > 400;
  return `\u001b[48;2;${r};${g};${b}m\u001b[38;5;${isLight ? 0 : 15}m${text}\u001b[0m`;
}
