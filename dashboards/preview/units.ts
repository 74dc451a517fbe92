/** Values as a person reads them, by Grafana's unit ids; only those that our boards use. */

/** The ids that have a form here; a board with another one is refused by the test of the boards. */
export const units = ['short', 'percentunit', 's', 'dtdurations', 'bytes', 'reqps', 'ops', 'cps'] as const;

export function format(value: number, unit: string): string {
  if (!Number.isFinite(value)) return String(value);
  switch (unit) {
    case 'percentunit': return `${rounded(value * 100)} %`;
    case 's': return seconds(value);
    case 'dtdurations': return duration(value);
    case 'bytes': return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
    case 'reqps': case 'ops': case 'cps': return `${scaled(value, 1000, ['', 'k', 'M']).trim()}/s`;
    default: return scaled(value, 1000, ['', 'k', 'M', 'G']).trim();
  }
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (size >= 120) return duration(value);
  if (size >= 1 || size === 0) return `${rounded(value)} s`;
  return size >= 0.001 ? `${rounded(value * 1000)} ms` : `${rounded(value * 1e6)} µs`;
}

/** The two largest parts: "3 d 4 h". */
function duration(value: number): string {
  const parts: string[] = [];
  let rest = Math.round(Math.abs(value));
  for (const [name, length] of [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${name}`);
  }
  return `${value < 0 ? '−' : ''}${parts.join(' ') || '0 s'}`;
}

function scaled(value: number, base: number, names: readonly string[]): string {
  const step = Math.min(names.length - 1, Math.max(0, Math.floor(Math.log(Math.abs(value) || 1) / Math.log(base))));
  return `${rounded(value / base ** step)} ${names[step] ?? ''}`;
}

/** Three digits. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
