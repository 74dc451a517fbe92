/** What has to be written and removed so that a cluster has exactly the rights that are wanted. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { labels } from '../../api/labels.ts';
import { keyOf } from '../../kube/index.ts';
import type { RbacObject } from './wanted.ts';

export interface Difference {
  /** In the order given. */
  readonly apply: readonly RbacObject[];
  /** Bindings before roles. Those that are also in `apply` bind another role now, which RBAC only lets be made anew. */
  readonly remove: readonly RbacObject[];
}

export function difference(wanted: readonly RbacObject[], there: readonly RbacObject[]): Difference {
  const known = new Map(there.map((object) => [id(object), object]));
  const ids = new Set(wanted.map(id));
  const rebound = wanted.flatMap((object) => {
    const old = known.get(id(object));
    return old && object.roleRef && !isDeepStrictEqual(old.roleRef, object.roleRef) ? [old] : [];
  });
  const surplus = there.filter((object) => !ids.has(id(object)));
  return {
    apply: wanted.filter((object) => !isAsWanted(object, known.get(id(object)))),
    remove: [...rebound, ...surplus].toSorted((a, b) => Number(a.kind === 'ClusterRole') - Number(b.kind === 'ClusterRole')),
  };
}

const id = ({ kind, metadata }: RbacObject): string => `${kind} ${keyOf(metadata)}`;

/** The rules of an aggregated role are the control plane's to write. */
function isAsWanted(wanted: RbacObject, there: RbacObject | undefined): boolean {
  if (!there) return false;
  const facts = ({ rules, aggregationRule, roleRef, subjects, metadata }: RbacObject): object => ({ rules: wanted.aggregationRule ? undefined : rules, aggregationRule, roleRef, subjects, mark: Object.keys(wanted.metadata.labels ?? {}).map((key) => metadata.labels?.[key]), origin: metadata.annotations?.['keelson.dev/origin'] });
  return there.metadata.labels?.[labels.access] !== undefined && isDeepStrictEqual(facts(wanted), facts(there));
}
