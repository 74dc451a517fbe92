/** PodDisruptionBudgets that stop a drain: a node that cannot be emptied is a cluster that cannot be upgraded. */
import { countOf, type Workload } from './demand.ts';
import type { Inventory, Item, Selector } from './inventory.ts';
import { finding, type Context, type Rule } from './rule.ts';

const budgetsOf = (all: Inventory): readonly Item<'PodDisruptionBudget'>[] => all.of('PodDisruptionBudget');

function coveredBy(budget: Item<'PodDisruptionBudget'>, { workloads }: Context): Workload[] {
  const { selector } = budget.spec;
  return selector ? workloads.filter(({ item, template }) => item.namespace === budget.namespace && matches(selector, template.metadata.labels)) : [];
}

export const budgetBlocksDrain: Rule = {
  name: 'budget/blocks-drain',
  demands: 'A budget allows at least one eviction when all pods of its workload run.',
  check: (context) =>
    budgetsOf(context.all).flatMap((budget) => {
      const covered = coveredBy(budget, context);
      const total = covered.reduce((sum, { item, replicas = 0 }) => sum + declared(item, replicas), 0);
      const { minAvailable, maxUnavailable } = budget.spec;
      if (maxUnavailable !== null && maxUnavailable !== undefined && countOf(maxUnavailable, 100, 'up') === 0) return [blocked(budget, 'spec.maxUnavailable', `maxUnavailable is ${maxUnavailable}: nothing may ever be evicted`)];
      if (minAvailable === null || minAvailable === undefined) return [];
      if (minAvailable === '100%') return [blocked(budget, 'spec.minAvailable', 'minAvailable is 100%: nothing may ever be evicted')];
      if (covered.length === 0 || covered.some(({ replicas }) => replicas === undefined)) return [];
      const kept = countOf(minAvailable, total, 'up');
      return kept < total ? [] : [blocked(budget, 'spec.minAvailable', `minAvailable is ${minAvailable} and ${covered.map(({ item }) => `${item.kind} ${item.name}`).join(', ')} may run with ${total} ${total === 1 ? 'pod' : 'pods'}: no eviction is left`)];
    }),
};

/** An autoscaler may go down to its minimum, which the lint does not read: the declared number is what it begins with. */
const declared = (item: Item, replicas: number): number => ('replicas' in item.spec && typeof item.spec.replicas === 'number' ? item.spec.replicas : replicas);

const blocked = (budget: Item<'PodDisruptionBudget'>, path: string, message: string) =>
  finding(budget, 'budget/blocks-drain', { path, message, fix: 'Write maxUnavailable: 1, and no budget for a single replica.' });

export const budgetKeepsUnhealthy: Rule = {
  name: 'budget/keeps-unhealthy',
  demands: 'A budget lets a drain take pods that are not ready (unhealthyPodEvictionPolicy: AlwaysAllow).',
  check: ({ all }) =>
    budgetsOf(all).flatMap((budget) =>
      budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow'
        ? []
        : [finding(budget, 'budget/keeps-unhealthy', { path: 'spec.unhealthyPodEvictionPolicy', severity: 'warning', message: `is ${budget.spec.unhealthyPodEvictionPolicy ?? 'not set'}: pods that crash all along block the drain of their node`, fix: 'Write unhealthyPodEvictionPolicy: AlwaysAllow.' })],
    ),
};

export const budgetWithoutPods: Rule = {
  name: 'budget/selects-nothing',
  demands: 'A budget selects the pods of a workload among the objects.',
  check: (context) =>
    budgetsOf(context.all).flatMap((budget) =>
      coveredBy(budget, context).length > 0
        ? []
        : [finding(budget, 'budget/selects-nothing', { path: 'spec.selector', severity: 'warning', message: `no workload of namespace ${budget.namespace} among these objects has such labels`, fix: "Take the labels of the workload's pod template, or give the file of the workload too." })],
    ),
};

export const budgetsOverlap: Rule = {
  name: 'budget/overlaps',
  demands: 'A pod has one budget: the eviction of a pod with two is refused.',
  check: (context) => {
    const budgets = budgetsOf(context.all);
    return budgets.flatMap((budget, i) =>
      budgets.slice(0, i).flatMap((other) => {
        const shared = other.namespace === budget.namespace ? coveredBy(other, context).filter((workload) => coveredBy(budget, context).includes(workload)) : [];
        return shared.map(({ item }) => finding(budget, 'budget/overlaps', { path: 'spec.selector', message: `${item.kind} ${item.name} is covered by PodDisruptionBudget ${other.name} too: every eviction of its pods fails`, fix: 'Keep one of the two, or make their selectors disjoint.' }));
      }),
    );
  },
};

/** Label selector semantics of apimachinery; an empty selector matches every pod (policy/v1). */
function matches({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      return operator === 'In' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
    })
  );
}
