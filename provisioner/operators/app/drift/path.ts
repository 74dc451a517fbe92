/** The way to a field inside an object, as people write it and as managedFields have it. */

/** A key of a map, or an item of a list, named by what the item holds. */
export type Step = { readonly key: string } | { readonly item: unknown; readonly index: number };

/** spec.template.spec.containers[app].image, metadata.labels["a/b"] */
export function pathText(steps: readonly Step[]): string {
  return steps.map((step, i) => ('key' in step ? keyText(step.key, i) : `[${itemName(step)}]`)).join('');
}

function keyText(key: string, position: number): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `["${key}"]`;
  return position === 0 ? key : `.${key}`;
}

function itemName({ item, index }: { readonly item: unknown; readonly index: number }): string {
  const name = (item as Record<string, unknown> | null | undefined)?.['name'];
  return typeof name === 'string' ? name : String(index);
}
