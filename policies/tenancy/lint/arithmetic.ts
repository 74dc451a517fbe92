/** The lint of what namespaces may take and what is in them: sums, bounds, budgets, priorities. */
import type { Finding } from '../../findings/finding.ts';
import { budgetBlocksDrain, budgetKeepsUnhealthy, budgetsOverlap, budgetWithoutPods } from './budget-rules.ts';
import { classRules } from './class-rules.ts';
import { workloadsOf } from './demand.ts';
import type { Input } from './input.ts';
import { inventory } from './inventory.ts';
import { limitOutsideRange, limitBelowRequest, limitRangeContradiction } from './limit-rules.ts';
import { quotaExceeded, quotaNeedsAmount } from './quota-rules.ts';
import type { Rule } from './rule.ts';

export interface ArithmeticOptions {
  /** Number of nodes, for DaemonSets; without it they count nothing. */
  readonly nodes?: number;
  /** Namespaces of the platform; default kube-system and keelson-system. */
  readonly platformNamespaces?: readonly string[];
}

export function arithmeticRules({ platformNamespaces = ['kube-system', 'keelson-system'] }: ArithmeticOptions = {}): readonly Rule[] {
  return [quotaExceeded, quotaNeedsAmount, limitBelowRequest, limitOutsideRange, limitRangeContradiction, budgetBlocksDrain, budgetKeepsUnhealthy, budgetWithoutPods, budgetsOverlap, ...classRules((namespace) => platformNamespaces.includes(namespace))];
}

/** @throws TenancyError TENANCY_SHAPE, TENANCY_QUANTITY for objects that the API server would refuse */
export function lintArithmetic(inputs: readonly Input[], options: ArithmeticOptions = {}): Finding[] {
  const all = inventory(inputs);
  const workloads = workloadsOf(all, options.nodes);
  return arithmeticRules(options).flatMap((rule) => rule.check({ all, workloads }));
}
