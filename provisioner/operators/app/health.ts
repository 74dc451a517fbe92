/** Whether a workload is rolled out and healthy, from its status alone: the rules of `kubectl rollout status`, or the condition its controller keeps. */
import type { Condition, KubeObject, Resource } from '../../kube/index.ts';
import { findCondition, resources } from '../../kube/index.ts';

export type Health =
  | { readonly kind: 'healthy' }
  /** On its way, as far as one can see. */
  | { readonly kind: 'progressing'; readonly message: string }
  /** Given up by its controller. */
  | { readonly kind: 'failed'; readonly message: string };

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly updateStrategy?: { readonly type?: string } };
  readonly status?: Readonly<Record<string, unknown>> & { readonly conditions?: readonly Condition[] };
}

type Check = (object: Workload) => Health;

/** Kinds with a health of their own; everything else is healthy once it exists. */
const checks: Readonly<Record<string, { readonly resource: Resource; readonly check: Check }>> = {
  'apps/v1 Deployment': { resource: resources.deployments, check: deployment },
  'apps/v1 DaemonSet': { resource: resources.daemonSets, check: daemonSet },
  'apps/v1 StatefulSet': { resource: resources.statefulSets, check: statefulSet },
  'apiregistration.k8s.io/v1 APIService': { resource: resources.apiServices, check: available },
  'monitoring.coreos.com/v1 Prometheus': { resource: resources.prometheuses, check: available },
  'monitoring.coreos.com/v1 Alertmanager': { resource: resources.alertmanagers, check: available },
};

/** How to ask for the health of an object; undefined where its kind has none. */
export function checkFor(object: { readonly apiVersion: string; readonly kind: string }): { readonly resource: Resource; readonly check: (object: KubeObject) => Health } | undefined {
  return checks[`${object.apiVersion} ${object.kind}`];
}

function deployment(object: Workload): Health {
  const wanted = object.spec?.replicas ?? 1;
  const progressing = findCondition(object.status?.conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { kind: 'failed', message: progressing.message };
  return rollout(object, { wanted, updated: count(object, 'updatedReplicas'), available: count(object, 'availableReplicas'), total: count(object, 'replicas') });
}

function daemonSet(object: Workload): Health {
  const wanted = count(object, 'desiredNumberScheduled');
  const updated = object.spec?.updateStrategy?.type === 'OnDelete' ? wanted : count(object, 'updatedNumberScheduled');
  return rollout(object, { wanted, updated, available: count(object, 'numberAvailable'), total: wanted });
}

function statefulSet(object: Workload): Health {
  const wanted = object.spec?.replicas ?? 1;
  const updated = object.spec?.updateStrategy?.type === 'OnDelete' ? wanted : count(object, 'updatedReplicas');
  return rollout(object, { wanted, updated, available: count(object, 'availableReplicas'), total: count(object, 'replicas') });
}

/** Kinds whose controller says it in a condition; prometheus-operator also says of which generation it speaks. */
function available(object: Workload): Health {
  const condition = findCondition(object.status?.conditions, 'Available');
  if (!condition) return { kind: 'progressing', message: 'not looked at yet' };
  if ((condition.observedGeneration ?? Infinity) < (object.metadata.generation ?? 0)) return { kind: 'progressing', message: 'its controller has not seen the change yet' };
  return condition.status === 'True' ? { kind: 'healthy' } : { kind: 'progressing', message: condition.message };
}

function rollout(object: Workload, n: { readonly wanted: number; readonly updated: number; readonly available: number; readonly total: number }): Health {
  const observed = count(object, 'observedGeneration');
  if (observed < (object.metadata.generation ?? 0)) return { kind: 'progressing', message: 'its controller has not seen the change yet' };
  if (n.updated < n.wanted) return { kind: 'progressing', message: `${n.updated} of ${n.wanted} pods are updated` };
  if (n.total > n.wanted) return { kind: 'progressing', message: `${n.total - n.wanted} old pods are still there` };
  if (n.available < n.wanted) return { kind: 'progressing', message: `${n.available} of ${n.wanted} pods are available` };
  return { kind: 'healthy' };
}

function count(object: Workload, field: string): number {
  const value = object.status?.[field];
  return typeof value === 'number' ? value : 0;
}
