/** The matrix as HTML: a heat map of nodes, the same as a table for those who hear it, and zones against zones. */
import { escapeHtml } from '../../core/page.ts';
import { median } from '../mesh/history.ts';
import { milliseconds, percent } from '../page.ts';
import { byPlace, type Matrix } from './collect.ts';
import type { Cell, Row } from './row.ts';
import { bounds, colourOf, lookOf } from './scale.ts';

/** Side of a cell and the room for names, in units of the drawing. */
const side = 18;
const nameRoom = 130;

type Place = Pick<Row, 'node' | 'zone'>;

export function matrixPage(matrix: Matrix): string {
  const { rows, missing, left } = matrix;
  const columns = placesOf(matrix);
  const found = rows.flatMap(({ node, findings }) => findings.map(({ verdict, subject, detail }) => `<li>${escapeHtml(node)}: <b>${escapeHtml(verdict)}</b> ${escapeHtml(subject)} ${escapeHtml(detail)}</li>`));
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>net-exporter: matrix</title>
<style>${style}</style>
<h1>How nodes reach each other</h1>
<p>A row is a node that measures, a column the node it measures to. Colours are round trips; × nothing comes back, % datagrams are lost, M large packets are lost. Empty: not watched. ${rows.length} nodes answered${missing.length > 0 ? `, <b>${missing.length} did not: ${escapeHtml(missing.map(({ node }) => node).join(', '))}</b>` : ''}${left > 0 ? `; ${left} more were not asked` : ''}.</p>
${found.length > 0 ? `<ul id="findings">\n${found.join('\n')}\n</ul>` : '<p id="findings">Nobody sees anything wrong.</p>'}
${legend()}
${heatMap([...rows, ...missing.map((place) => ({ ...place, cells: [], findings: [] }))].sort(byPlace), columns)}
<h2>Zones</h2>
${zoneTable(rows)}
<details><summary>As a table</summary>
${nodeTable(rows, columns)}
</details></html>
`;
}

const style = [
  ':root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;background:#fff;color:#000}',
  'svg{max-width:100%;height:auto}svg text{font:11px system-ui,sans-serif}table{border-collapse:collapse}td,th{border:1px solid #8888;padding:.2rem .5rem;text-align:left}',
].join('');

/** Everyone who measures or is measured, by zone and node. */
function placesOf({ rows, missing }: Matrix): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { node, zone } of [...rows, ...missing, ...rows.flatMap(({ cells }) => cells)]) places.set(node, { node, zone });
  return [...places.values()].sort(byPlace);
}

function heatMap(rows: readonly Row[], columns: readonly Place[]): string {
  const [width, height] = [nameRoom + columns.length * side + side, nameRoom + rows.length * side + side];
  const at = new Map(columns.map(({ node }, i) => [node, i]));
  const head = columns.map(({ node, zone }, i) => `<text transform="translate(${nameRoom + i * side + 13} ${nameRoom - 4}) rotate(-90)">${escapeHtml(short(node))}<title>${escapeHtml(`${node}, ${zone}`)}</title></text>`);
  const body = rows.map((row, j) => {
    const y = nameRoom + j * side;
    const cells = row.cells.map((cell) => drawn(row, cell, { x: nameRoom + (at.get(cell.node) ?? 0) * side, y }));
    return `<text x="${nameRoom - 4}" y="${y + 13}" text-anchor="end">${escapeHtml(short(row.node))}<title>${escapeHtml(`${row.node}, ${row.zone}`)}</title></text>${cells.join('')}`;
  });
  return `<svg id="heatmap" role="img" aria-label="Heat map of round trips between nodes; the table below says the same" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
${head.join('\n')}
${body.join('\n')}
${borders(columns, 'x', height)}${borders(rows, 'y', width)}
</svg>`;
}

function drawn(row: Row, cell: Cell, { x, y }: { x: number; y: number }): string {
  const { colour, ink, sign } = lookOf(cell);
  const text = sign && `<text x="${x + 9}" y="${y + 13}" text-anchor="middle" fill="${ink}">${sign}</text>`;
  return `<g data-from="${escapeHtml(row.node)}" data-to="${escapeHtml(cell.node)}"><title>${escapeHtml(`${row.node} → ${cell.node}: ${sentence(cell)}`)}</title><rect x="${x}" y="${y}" width="${side - 1}" height="${side - 1}" fill="${colour}" stroke="#8888"/>${text}</g>`;
}

/** Lines between zones. */
function borders(places: readonly Place[], axis: 'x' | 'y', length: number): string {
  return places.flatMap(({ zone }, i) => {
    if (i === 0 || zone === places[i - 1]?.zone) return [];
    const p = nameRoom + i * side - 0.5;
    return axis === 'x' ? `<path d="M${p} 0V${length}" stroke="#000"/>` : `<path d="M0 ${p}H${length}" stroke="#000"/>`;
  }).join('');
}

/** Names of nodes differ at their ends. */
const short = (name: string): string => (name.length > 20 ? `…${name.slice(-19)}` : name);

const sentence = ({ isUp, roundTrip, loss, largeLoss }: Cell): string =>
  isUp ? `${roundTrip === null ? 'no round trip' : milliseconds(roundTrip)}, loss ${percent(loss)}${largeLoss > 0 ? `, near the MTU ${percent(largeLoss)}` : ''}` : 'nothing comes back';

function legend(): string {
  const steps = [...bounds.map((bound) => ({ text: `≤ ${milliseconds(bound)}`, ...colourOf(bound) })), { text: 'more', ...colourOf(Infinity) }];
  return `<p>${steps.map(({ text, colour, ink }) => `<span style="background:${colour};color:${ink};padding:.1rem .5rem">${text}</span>`).join('')}</p>`;
}

function nodeTable(rows: readonly Row[], columns: readonly Place[]): string {
  const head = columns.map(({ node }) => `<th scope="col">${escapeHtml(node)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = new Map(row.cells.map((cell) => [cell.node, cell]));
    const texts = columns.map(({ node }) => {
      const cell = cells.get(node);
      return `<td>${cell ? escapeHtml(sentence(cell)) : ''}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(row.node)} (${escapeHtml(row.zone)})</th>${texts.join('')}</tr>`;
  });
  return `<table id="nodes"><tr><th>from \\ to</th>${head}</tr>\n${body.join('\n')}\n</table>`;
}

/** The median of the round trips, the mean of the loss, and how many of the paths are dead. */
export function zonePairs(rows: readonly Row[]): readonly { readonly from: string; readonly to: string; readonly roundTrip: number | null; readonly loss: number; readonly dead: number; readonly paths: number }[] {
  const pairs = new Map<string, { from: string; to: string; cells: Cell[] }>();
  for (const row of rows) {
    for (const cell of row.cells) {
      const key = JSON.stringify([row.zone, cell.zone]);
      const pair = pairs.get(key) ?? { from: row.zone, to: cell.zone, cells: [] };
      pair.cells.push(cell);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].map(({ from, to, cells }) => ({
    from, to, paths: cells.length, dead: cells.filter(({ isUp }) => !isUp).length,
    roundTrip: median(cells.flatMap(({ roundTrip }) => roundTrip ?? [])) ?? null, loss: cells.reduce((sum, { loss }) => sum + loss, 0) / cells.length,
  }));
}

function zoneTable(rows: readonly Row[]): string {
  const pairs = zonePairs(rows);
  const zones = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))].sort();
  const body = zones.map((from) => `<tr><th scope="row">${escapeHtml(from)}</th>${zones.map((to) => {
    const pair = pairs.find((one) => one.from === from && one.to === to);
    if (!pair) return '<td></td>';
    const { colour, ink } = pair.roundTrip === null ? { colour: '#fff', ink: '#000' } : colourOf(pair.roundTrip);
    return `<td style="background:${colour};color:${ink}">${pair.roundTrip === null ? '×' : milliseconds(pair.roundTrip)}, loss ${percent(pair.loss)}${pair.dead > 0 ? `, ${pair.dead} of ${pair.paths} dead` : ''}</td>`;
  }).join('')}</tr>`);
  return `<table id="zones"><tr><th>from \\ to</th>${zones.map((zone) => `<th scope="col">${escapeHtml(zone)}</th>`).join('')}</tr>\n${body.join('\n')}\n</table>`;
}
