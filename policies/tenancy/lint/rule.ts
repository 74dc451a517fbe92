/** A rule of the lint: what it demands, and the findings of objects that do not meet it. */
import type { Finding } from '../../findings/finding.ts';
import type { Inventory, Item } from './inventory.ts';
import type { Workload } from './demand.ts';

export interface Context {
  readonly all: Inventory;
  readonly workloads: readonly Workload[];
}

export interface Rule {
  readonly name: string;
  /** One sentence for people and for SARIF. */
  readonly demands: string;
  check(context: Context): Finding[];
}

type What = Omit<Finding, 'object' | 'rule' | 'severity' | 'source'> & { readonly severity?: Finding['severity'] };

export function finding(item: Pick<Item, 'ref' | 'source'>, rule: string, what: What): Finding {
  return { object: item.ref, rule, severity: 'error', ...what, ...(item.source ? { source: item.source } : {}) };
}
