/** What a program exposes, without its values: families, their types, their labels. Text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
import type { ForeignFamily } from '../../../monitoring/catalogue/index.ts';

export interface ExposedFamily {
  readonly type: string;
  /** Sorted; those of any of its series, `le` and `quantile` left out. */
  readonly labels: readonly string[];
  readonly series: number;
}

/** One file of this folder. */
export interface Exposition {
  readonly component: string;
  /** Of the program it was recorded from. */
  readonly version: string;
  readonly families: Readonly<Record<string, ExposedFamily>>;
}

export function familiesOf(text: string): Exposition['families'] {
  const types = new Map<string, string>();
  const found = new Map<string, { labels: Set<string>; series: number }>();
  for (const line of text.split('\n')) {
    const [, declared, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (declared !== undefined && type !== undefined) types.set(declared, type);
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S/.exec(line) ?? [];
    if (name === undefined) continue;
    const family = familyOf(name, types);
    const entry = found.get(family) ?? { labels: new Set<string>(), series: 0 };
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) if (label !== 'le' && label !== 'quantile') entry.labels.add(label);
    entry.series += 1;
    found.set(family, entry);
  }
  return Object.fromEntries([...found].map(([name, { labels, series }]) => [name, { type: types.get(name) ?? 'untyped', labels: [...labels].sort(), series }] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  const bare = name.replace(/_(bucket|sum|count)$/, '');
  return types.has(bare) && ['histogram', 'summary'].includes(types.get(bare) ?? '') ? bare : name;
}

/** A catalogued family that the program does not have so. */
export interface Difference {
  readonly family: string;
  readonly what: 'not exposed' | 'type' | 'label that it does not have' | 'label that is not catalogued';
  readonly detail: string;
}

/** What node-exporter reads from /proc/vmstat is untyped; the catalogue says what it is. */
export function differences(catalogued: readonly ForeignFamily[], { families }: Exposition): Difference[] {
  return catalogued.flatMap(({ name, type, labels }): Difference[] => {
    const exposed = families[name];
    if (!exposed) return [{ family: name, what: 'not exposed', detail: '' }];
    return [
      ...(exposed.type === type || exposed.type === 'untyped' ? [] : [{ family: name, what: 'type' as const, detail: `${type} here, ${exposed.type} there` }]),
      ...labels.filter((label) => !exposed.labels.includes(label)).map((label) => ({ family: name, what: 'label that it does not have' as const, detail: label })),
      ...exposed.labels.filter((label) => !labels.includes(label)).map((label) => ({ family: name, what: 'label that is not catalogued' as const, detail: label })),
    ];
  });
}
