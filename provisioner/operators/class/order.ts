/** What of the class can be applied now. */
import type { KubeObject, Resource } from '../../kube/index.ts';

/** An object and the resource that serves its kind; undefined while none does. */
export interface Applicable {
  readonly object: KubeObject;
  readonly resource: Resource | undefined;
}

export type ClassPlan =
  | { readonly kind: 'apply'; readonly objects: readonly { readonly object: KubeObject; readonly resource: Resource }[] }
  /** Cluster API is not installed yet, or not all of it. */
  | { readonly kind: 'wait'; readonly missing: readonly string[] };

/** All or nothing, in the given order: a class without its templates would only make Clusters fail. */
export function classPlan(found: readonly Applicable[]): ClassPlan {
  const missing = found.filter(({ resource }) => resource === undefined).map(({ object }) => `${object.kind} (${object.apiVersion})`);
  if (missing.length > 0) return { kind: 'wait', missing: [...new Set(missing)] };
  return { kind: 'apply', objects: found.flatMap(({ object, resource }) => (resource ? [{ object, resource }] : [])) };
}
