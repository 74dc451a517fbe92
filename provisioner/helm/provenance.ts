/** Which values a release has in the end, and where each comes from: what Helm makes of several layers, with the layers' names kept. */
import { isObject, type Values } from './values.ts';

export interface Layer {
  /** Where it stands, for people: "chart", "ConfigMap org-demo/web-user-values". */
  readonly source: string;
  readonly values: Values;
  readonly isSecret?: boolean;
}

/** One value that is no map. */
export interface Origin {
  /** Keys from the root. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: string;
  /** Set here too, by layers further down; nearest first. */
  readonly overrides: readonly string[];
  readonly isSecret: boolean;
}

/**
 * In the order of the merged keys. Helm merges what users give first and lays the result over the chart's own values then: a
 * map that replaced something else is still merged with the chart's, and null takes a default of the chart away. Where the chart
 * has no default, a null stays; a null among its own defaults counts as none, but at the root takes a null away too.
 * @param layers lowest first; the first is the chart's own
 */
export function provenance(layers: readonly Layer[]): readonly Origin[] {
  const [chart, ...users] = layers.map(({ values, ...layer }) => ({ layer, value: values }));
  if (!chart) return [];
  const nulls = new Set(Object.entries(chart.value).flatMap(([key, value]) => (value === null ? [key] : [])));
  const origins = walk([], { ...chart, value: withoutNulls(chart.value) }, users);
  return [...origins].filter(({ path: [root = '', ...rest], value }) => !(value === null && rest.length === 0 && nulls.has(root)));
}

/** Nulls in lists are values like any other. */
function withoutNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null).map(([key, value]) => [key, isObject(value) ? withoutNulls(value) : value]));
}

interface Candidate {
  readonly layer: Omit<Layer, 'values'>;
  readonly value: unknown;
}

/** @param chart what the chart says at this path @param users what the other layers say, lowest first; those that say nothing are left out */
function* walk(path: readonly string[], chart: Candidate | undefined, users: readonly Candidate[]): Generator<Origin> {
  const top = users.at(-1) ?? chart;
  if (!top || (top.value === null && chart && users.length > 0)) return;
  const maps = isObject(top.value) ? merged(chart, users) : { chart: undefined, users: [] };
  const keys = new Set([maps.chart, ...maps.users].flatMap((one) => (one ? Object.keys(one.value as Values) : [])));
  if (keys.size === 0) {
    if (path.length > 0) yield leaf(path, top, [chart, ...users].filter((one) => one !== undefined && one !== top));
    return;
  }
  for (const key of keys) yield* walk([...path, key], maps.chart && below(maps.chart, key)[0], maps.users.flatMap((one) => below(one, key)));
}

function leaf(path: readonly string[], { layer, value }: Candidate, others: readonly (Candidate | undefined)[]): Origin {
  const sources = others.flatMap((one) => (one ? [one.layer.source] : [])).reverse();
  return { path, value, source: layer.source, overrides: [...new Set(sources)], isSecret: layer.isSecret ?? false };
}

/** The maps that become one: the topmost run of the users', and the chart's. */
function merged(chart: Candidate | undefined, users: readonly Candidate[]): { readonly chart: Candidate | undefined; readonly users: readonly Candidate[] } {
  return { chart: chart && isObject(chart.value) ? chart : undefined, users: users.slice(users.findLastIndex(({ value }) => !isObject(value)) + 1) };
}

function below({ layer, value }: Candidate, key: string): readonly Candidate[] {
  const map = value as Values;
  return Object.hasOwn(map, key) ? [{ layer, value: map[key] }] : [];
}

/** The origins as one tree again: what `.Values` is in a template, subcharts aside. */
export function valuesOf(origins: readonly Origin[]): Values {
  const root: Record<string, unknown> = {};
  for (const { path, value } of origins) {
    let at = root;
    for (const key of path.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) ?? ''] = value;
  }
  return root;
}
