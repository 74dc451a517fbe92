/** Values of a chart and how layers of them are merged: as Helm does it with several files. */

/** A JSON object. */
export type Values = Readonly<Record<string, unknown>>;

/** Later layers win. Objects are merged key by key, everything else (lists too) is replaced; null removes the chart's default, as in Helm. */
export function mergeValues(...layers: readonly Values[]): Values {
  return layers.reduce((merged, layer) => mergeTwo(merged, layer), {});
}

function mergeTwo(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isObject(value) && isObject(below) ? mergeTwo(below, value) : value;
  }
  return merged;
}

export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
