/**
 * The two text formats that Prometheus reads: 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/). Their sample lines are the same for what we write; they
 * differ in the header of a family and in the end of the document.
 */
import type { MetricFamily } from './catalogue.ts';

export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** OpenMetrics ends with this line; the older format with nothing. */
export const endOfDocument: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** Longest label value in UTF-16 units. Longer ones are cut: a label is an identity, not a document. */
export const maxLabelLength = 1024;

/** The lines before a family's samples, with the newline that ends them. */
export function header(family: MetricFamily, format: Format): string {
  const { name, help, type, unit } = family;
  if (format === 'text') return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  const base = type === 'counter' ? name.replace(/_total$/, '') : name;
  const unitLine = unit && base.endsWith(`_${unit}`) ? `# UNIT ${base} ${unit}\n` : '';
  return `# TYPE ${base} ${type}\n${unitLine}# HELP ${base} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
}

/** Name and labels as Prometheus tells series apart. Labels are written in the order given, absent ones as empty values. */
export function seriesName(name: string, labels: readonly (readonly [string, string | undefined])[]): string {
  const pairs = labels.map(([label, text]) => `${label}="${escapeLabel(text ?? '')}"`).join(',');
  return pairs ? `${name}{${pairs}}` : name;
}

/** One sample with its newline. */
export function sampleLine(series: string, value: number): string {
  return `${series} ${formatValue(value)}\n`;
}

/** Cut to `maxLabelLength`, made well-formed (a lone surrogate has no UTF-8), and escaped. */
export function escapeLabel(value: string): string {
  const bounded = value.length > maxLabelLength ? `${value.slice(0, maxLabelLength - 1)}…` : value;
  const text = bounded.toWellFormed();
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

/** As Go's strconv.ParseFloat reads it. */
export function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * Which format a scraper gets. Prometheus sends a list with weights; whoever does not name OpenMetrics gets 0.0.4.
 * @param accept the header, or undefined
 */
export function negotiate(accept: string | undefined): Format {
  const weights: Record<Format, number> = { text: 0, openmetrics: 0 };
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (type === 'application/openmetrics-text' && speaksVersionOne(parameters)) weights.openmetrics = Math.max(weights.openmetrics, weight);
    if (type === 'text/plain' || type === 'text/*' || type === '*/*') weights.text = Math.max(weights.text, weight);
  }
  return weights.openmetrics > 0 && weights.openmetrics >= weights.text ? 'openmetrics' : 'text';
}

/** OpenMetrics 0.0.1 differs in names; a range without a version takes what we have. */
const speaksVersionOne = (parameters: readonly string[]): boolean =>
  parameters.every((parameter) => !parameter.startsWith('version=') || parameter === 'version=1.0.0');

const escapeHelp = (help: string): string => help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
