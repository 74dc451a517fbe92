/** Answers of two clouds side by side: keys, types, the headers that clients read, the kind of a refusal. */

/** Keys and types. A list has the shapes of all its items in one. */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
  return typeof value;
}

/** A line for each key that only one side has, and each value of another type. `here` is the simulation, `then` the recording. */
export function differences(ours: Shape, theirs: Shape, at: string): string[] {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [`${at}: here ${JSON.stringify(ours)}, then ${JSON.stringify(theirs)}`];
  }
  if (isList(ours) !== isList(theirs)) return [`${at}: a list on one side`];
  if (isList(ours) && isList(theirs)) return listDifferences(ours, theirs, at);
  const [left, right] = [ours as Record<string, Shape>, theirs as Record<string, Shape>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => {
    if (left[key] === undefined) return [`${at}.${key}: not here`];
    if (right[key] === undefined) return [`${at}.${key}: not then`];
    return differences(left[key], right[key], `${at}.${key}`);
  });
}

/** Each item has a shape that the other side knows. */
function listDifferences(ours: readonly Shape[], theirs: readonly Shape[], at: string): string[] {
  if ((ours.length === 0) !== (theirs.length === 0)) return [`${at}: empty ${ours.length === 0 ? 'here' : 'then'}`];
  return ours.flatMap((item) => {
    const each = theirs.map((other) => differences(item, other, `${at}[]`));
    return each.sort((a, b) => a.length - b.length)[0] ?? [];
  });
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

/** The kind of a refusal: the exception's name, or the fault's. */
export function kindOf(body: unknown): string {
  const [key = '', value] = Object.entries((body ?? {}) as Record<string, unknown>)[0] ?? [];
  const type = (value as Record<string, unknown> | undefined)?.['type'];
  return typeof type === 'string' ? type : key;
}

/** Headers that clients read. */
export function readHeaders(names: readonly string[]): string[] {
  const read = ['content-type', 'location', 'openstack-api-version', 'x-openstack-nova-api-version', 'x-openstack-request-id', 'x-subject-token', 'vary'];
  return names.filter((name) => read.includes(name)).sort();
}
