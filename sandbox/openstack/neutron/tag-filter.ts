/** Tag filters of Neutron, Nova and Octavia: `tags` all of, `tags-any` one of, `not-tags` not all of, `not-tags-any` none of. */

/** @param tags the resource's tags; anything but a list counts as none. */
export function hasTags(tags: unknown, query: URLSearchParams): boolean {
  const have = new Set(Array.isArray(tags) ? tags : []);
  const all = asked(query, 'tags');
  const any = asked(query, 'tags-any');
  const notAll = asked(query, 'not-tags');
  const notAny = asked(query, 'not-tags-any');
  return (all === undefined || all.every((tag) => have.has(tag)))
    && (any === undefined || any.some((tag) => have.has(tag)))
    && (notAll === undefined || !notAll.every((tag) => have.has(tag)))
    && (notAny === undefined || !notAny.some((tag) => have.has(tag)));
}

/** The tags named, commas between them; undefined when the filter was not given. */
function asked(query: URLSearchParams, name: string): string[] | undefined {
  const values = query.getAll(name);
  if (values.length === 0) return undefined;
  return values.flatMap((value) => value.split(',')).filter((tag) => tag !== '');
}
