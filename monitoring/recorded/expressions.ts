/** How expressions of the recorded family are built: what bounds their number, and why "nothing seen" is never told as "nothing wrong". */
import type { Record } from '../rules/model.ts';

/** How many objects of a kind a cluster reports by name: enough for a page and a table, and its series do not grow with its nodes. */
export const named = 10;
/** The same for what tenants have many of. */
export const namedNamespaces = 20;

/** The highest of a vector by these labels, at most so many. */
export function highest(labels: readonly string[], vector: string, limit = named): string {
  return `topk(${limit}, max by (${labels.join(', ')}) (${vector}))`;
}

/** The lowest of a vector by these labels, at most so many. */
export function lowest(labels: readonly string[], vector: string, limit = named): string {
  return `bottomk(${limit}, min by (${labels.join(', ')}) (${vector}))`;
}

/** 0 where `base` is there and `vector` is empty. */
export function orZero(vector: string, base: string): string {
  return `${vector} or 0 * max(${base})`;
}

export type RecordOptions = Omit<Record, 'kind' | 'since' | 'labels'> & { readonly labels?: readonly string[] };

/** A record of the family; one series unless said otherwise. */
export function recorded(options: RecordOptions): Record {
  return { kind: 'record', since: '0.1.0', ...options, labels: [...(options.labels ?? []), ...Object.keys(options.set ?? {})] };
}
