import type { Condition, KubeObject } from '../../provisioner/kube/index.ts';

/** Conditions of any object: Cluster API's v1beta2 kinds, Nodes and our own all keep them in `status.conditions`. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? [];
}

export function isTrue(object: KubeObject, type: string): boolean {
  return conditionsOf(object).find((condition) => condition.type === type)?.status === 'True';
}
