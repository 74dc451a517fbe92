/** Lines over time as SVG. */
import { type Series, lastOf } from './answer.ts';
import { format } from './units.ts';
import { escape } from './escape.ts';

const size = { width: 640, height: 200, left: 64, right: 8, top: 8, bottom: 22 } as const;
const palette = ['#3b6fd4', '#d9822b', '#2e8b57', '#b5467f', '#7a5ac8', '#8c6d1f', '#1f8a9c', '#c0392b', '#5c6b73', '#6a9a1f'] as const;
/** More lines than these are a carpet; the others are counted. */
const shown = 10;

export interface ChartOptions {
  readonly unit: string;
  /** "{{cluster_id}} {{node}}" */
  readonly legend: string;
  /** Values at which a dashed line is drawn. */
  readonly marks: readonly number[];
}

export function lineChart(all: readonly Series[], { unit, legend, marks }: ChartOptions): string {
  const series = [...all].sort((a, b) => lastOf(b) - lastOf(a)).slice(0, shown);
  const points = series.flatMap(({ points: own }) => own).filter(([, value]) => Number.isFinite(value));
  // A part of nothing: 0 / 0 is an answer, and nothing to draw.
  if (!points.length) return '<p class="none">no value is a number</p>';
  const [from, to] = [Math.min(...points.map(([time]) => time)), Math.max(...points.map(([time]) => time))];
  const [low, high] = rangeOf(points.map(([, value]) => value));
  const x = (time: number): number => size.left + ((time - from) / (to - from || 1)) * (size.width - size.left - size.right);
  const y = (value: number): number => size.top + (1 - (value - low) / (high - low)) * (size.height - size.top - size.bottom);

  const grid = [low, (low + high) / 2, high].map((value) => `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${place(y(value))}" y2="${place(y(value))}"/><text x="${size.left - 6}" y="${place(y(value) + 4)}" text-anchor="end">${escape(format(value, unit))}</text>`);
  const times = [from, to].map((time, i) => `<text x="${i ? size.width - size.right : size.left}" y="${size.height - 4}" text-anchor="${i ? 'end' : 'start'}">${escape(new Date(time * 1000).toISOString().slice(11, 16))}</text>`);
  const limits = marks.filter((mark) => mark > low && mark < high).map((mark) => `<line class="mark" x1="${size.left}" x2="${size.width - size.right}" y1="${place(y(mark))}" y2="${place(y(mark))}"/>`);
  const drawn = series.map(({ points: own }, i) => {
    const path = own.filter(([, value]) => Number.isFinite(value)).map(([time, value]) => `${place(x(time))},${place(y(value))}`);
    // A single point has no line.
    return path.length === 1 ? `<circle cx="${path[0]?.split(',')[0] ?? ''}" cy="${path[0]?.split(',')[1] ?? ''}" r="3" fill="${colorOf(i)}"/>` : `<polyline points="${path.join(' ')}" stroke="${colorOf(i)}"/>`;
  });
  const rows = series.map((one, i) => `<tr><td><i style="background:${colorOf(i)}"></i>${escape(nameOf(one, legend))}</td><td class="value">${escape(format(lastOf(one), unit))}</td></tr>`);
  const more = all.length > shown ? `<tr><td colspan="2">and ${all.length - shown} more</td></tr>` : '';
  return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img">${[...grid, ...times, ...limits, ...drawn].join('')}</svg><table class="legend">${rows.join('')}${more}</table>`;
}

/** From zero where nothing is below it, so that a small change does not look like a large one. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  const low = Math.min(0, ...values);
  const high = Math.max(...values);
  return [low, high > low ? high : low + 1];
}

function nameOf({ labels }: Series, legend: string): string {
  return legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '').trim() || Object.values(labels).join(' ') || 'value';
}

const colorOf = (i: number): string => palette[i % palette.length] ?? palette[0];
const place = (value: number): string => value.toFixed(1);
