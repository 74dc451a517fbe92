/** How many pods of one workload a drain may take at a time. */
import type { Manifest } from './manifest.ts';

export interface BudgetFor {
  readonly namespace: string;
  readonly name: string;
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly replicas: number;
}

/**
 * One at a time, and pods that are not ready do not count: `AlwaysAllow` lets a drain take a pod that has been crashing
 * all along (KEP-3017). None for a single replica: it could only block the drain of its node.
 */
export function disruptionBudget({ namespace, name, matchLabels, replicas }: BudgetFor): Manifest | undefined {
  if (replicas < 2) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels } },
  };
}
