/** `keelson app values NAME`: each value and where it was set. */
import { type Layer, type Origin, provenance } from '../../../helm/index.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { withManagement } from '../cluster/management.ts';
import { type AppOptions, loadApp } from './load.ts';

export interface ValueLine {
  readonly path: string;
  readonly value: unknown;
  readonly from: string;
  /** Where it was set too, below. */
  readonly over: readonly string[];
}

export async function appValues(context: CliContext, name: string, options: AppOptions & OutputOptions & { readonly all?: boolean; readonly showSecrets?: boolean }): Promise<void> {
  await withManagement(context, options, async (client) => {
    const { values, defaults } = await loadApp(context, client, { namespace: options.namespace ?? 'default', name }, options);
    const lines = valueLines([defaults, ...values.layers], options);
    write(context, options.output, lines, () => valuesText(lines));
  });
}

/** @param layers the chart's own first */
export function valueLines(layers: readonly Layer[], o: { readonly all?: boolean; readonly showSecrets?: boolean }): readonly ValueLine[] {
  const own = layers[0]?.source;
  return provenance(layers)
    .filter(({ source }) => o.all === true || source !== own)
    .map((origin) => ({ path: pathOf(origin), value: origin.isSecret && o.showSecrets !== true ? '(secret)' : origin.value, from: origin.source, over: origin.overrides }));
}

const pathOf = ({ path }: Origin): string => path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');

export function valuesText(lines: readonly ValueLine[]): string {
  if (lines.length === 0) return "nobody set a value; --all shows the chart's own\n";
  const rows = [['VALUE', '', 'FROM'], ...lines.map(({ path, value, from, over }) => [path, JSON.stringify(value), over.length === 0 ? from : `${from}, over ${over.join(', ')}`])];
  const widths = [0, 1].map((i) => Math.min(60, Math.max(...rows.map((row) => (row[i] ?? '').length))));
  return `${rows.map(([path = '', value = '', from = '']) => `${path.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}`).join('\n')}\n`;
}
