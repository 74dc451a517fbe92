/** Keys of queues and stores: "namespace/name", or "name" for kinds without namespace, as client-go's MetaNamespaceKeyFunc. */

export function keyOf(ref: { readonly namespace?: string | undefined; readonly name: string }): string {
  return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
}

/** The inverse; `namespace` is "" for kinds without. */
export function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
