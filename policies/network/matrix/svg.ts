/**
 * The matrix as a picture: SVG with the roles of a table, so that a screen reader walks it by row and column. Colours of
 * Okabe and Ito, which people with any colour vision tell apart; each kind of cell has a shape of its own besides.
 */
import type { Cell, Matrix } from './matrix.ts';

const size = 22;
const label = 210;
const colours = { some: '#56B4E9', everything: '#D55E00', ink: '#1a1a1a', grid: '#d9d9d9' } as const;

export function svgMatrix({ parties, cells }: Matrix, title: string): string {
  const side = parties.length * size;
  const [width, height] = [label + side + 110, label + side + 64];
  const columns = parties.map(({ label: text }, i) => `<g role="columnheader" aria-label="${escape(text)}"><text transform="translate(${label + i * size + 15} ${label - 6}) rotate(-60)">${escape(text)}</text></g>`);
  const rows = parties.map(({ label: text }, i) => {
    const y = label + i * size;
    const drawn = (cells[i] ?? []).map((cell, j) => drawCell(cell, { x: label + j * size, y, title: `${text} → ${parties[j]?.label ?? ''}: ${cell.ports}` }));
    return `<g role="row"><g role="rowheader"><text x="${label - 8}" y="${y + 15}" text-anchor="end">${escape(text)}</text></g>${drawn.join('')}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="table" aria-label="${escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="${colours.ink}">`,
    `<title>${escape(title)}</title>`,
    '<desc>Rows open conversations with columns. Empty: closed. Dot: some ports. Square: everything.</desc>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<g role="row">${columns.join('')}</g>`,
    ...rows,
    legend(label + side + 32),
    '</svg>', '',
  ].join('\n');
}

function drawCell(cell: Cell, { x, y, title }: { readonly x: number; readonly y: number; readonly title: string }): string {
  const frame = `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="none" stroke="${colours.grid}"/>`;
  return `<g role="cell" aria-label="${escape(title)}"><title>${escape(title)}</title>${frame}${shape(cell, x, y)}</g>`;
}

function shape({ kind, spans }: Cell, x: number, y: number): string {
  const middle = size / 2;
  switch (kind) {
    case 'closed': return '';
    case 'self': return `<path d="M${x} ${y}l${size} ${size}" stroke="${colours.grid}"/>`;
    case 'everything': return `<rect x="${x + 3}" y="${y + 3}" width="${size - 6}" height="${size - 6}" fill="${colours.everything}"/>`;
    case 'some': return `<circle cx="${x + middle}" cy="${y + middle}" r="${middle - 3}" fill="${colours.some}"/><text x="${x + middle}" y="${y + middle + 4}" text-anchor="middle" font-size="10">${spans}</text>`;
  }
}

function legend(y: number): string {
  const entries = [['some', 'some ports, with the number of ranges'], ['everything', 'everything'], ['closed', 'closed']] as const;
  const drawn = entries.map(([kind, text], i) => {
    const x = 16 + i * 290;
    return `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="none" stroke="${colours.grid}"/>${shape({ kind, ports: '', spans: 1 }, x, y)}<text x="${x + size + 6}" y="${y + 15}">${text}</text>`;
  });
  return `<g aria-hidden="true">${drawn.join('')}</g>`;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
