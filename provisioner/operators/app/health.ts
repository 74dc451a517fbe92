/**
 * Whether an object is rolled out and healthy, from its status alone: the rules of `kubectl rollout status`, or the conditions
 * that its controller keeps, as kstatus reads them.
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
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

/** Kinds with a health of their own. */
const checks: Readonly<Record<string, { readonly resource: Resource; readonly check: Check }>> = {
  'apps/v1 Deployment': { resource: resources.deployments, check: deployment },
  'apps/v1 DaemonSet': { resource: resources.daemonSets, check: daemonSet },
  'apps/v1 StatefulSet': { resource: resources.statefulSets, check: statefulSet },
  'apiregistration.k8s.io/v1 APIService': { resource: resources.apiServices, check: available },
  'monitoring.coreos.com/v1 Prometheus': { resource: resources.prometheuses, check: available },
  'monitoring.coreos.com/v1 Alertmanager': { resource: resources.alertmanagers, check: available },
};

/** Further kinds that can be unwell, though they are no workloads. */
const speaking: Readonly<Record<string, Check>> = { 'batch/v1 Job': job, 'v1 Service': loadBalancer, 'v1 Pod': pod, 'apiextensions.k8s.io/v1 CustomResourceDefinition': established };
/** Groups of Kubernetes itself: all other kinds of theirs are healthy as soon as they exist. Kinds of others may have conditions. */
const ofKubernetes = /^(v1|(apps|batch|autoscaling|policy|extensions|[a-z0-9.-]+\.k8s\.io)\/[a-z0-9]+)$/;

/** The health of an object of any kind; undefined for kinds that have none. */
export function healthCheck(object: { readonly apiVersion: string; readonly kind: string }): ((object: KubeObject) => Health) | undefined {
  const kind = `${object.apiVersion} ${object.kind}`;
  return checks[kind]?.check ?? speaking[kind] ?? (ofKubernetes.test(object.apiVersion) ? undefined : conditioned);
}

/** How to ask for the health of a workload; undefined where its kind is none. */
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

function job(object: Workload): Health {
  const conditions = object.status?.conditions;
  const failed = findCondition(conditions, 'Failed');
  if (failed?.status === 'True') return { kind: 'failed', message: failed.message };
  return findCondition(conditions, 'Complete')?.status === 'True' ? { kind: 'healthy' } : { kind: 'progressing', message: 'it has not ended yet' };
}

function loadBalancer(object: Workload): Health {
  const { type } = (object.spec ?? {}) as { readonly type?: string };
  const { ingress = [] } = (object.status?.['loadBalancer'] ?? {}) as { readonly ingress?: readonly unknown[] };
  return type !== 'LoadBalancer' || ingress.length > 0 ? { kind: 'healthy' } : { kind: 'progressing', message: 'it has no address from its load balancer yet' };
}

function pod(object: Workload): Health {
  if (object.status?.['phase'] === 'Succeeded') return { kind: 'healthy' };
  if (object.status?.['phase'] === 'Failed') return { kind: 'failed', message: 'the pod has failed' };
  return findCondition(object.status?.conditions, 'Ready')?.status === 'True' ? { kind: 'healthy' } : { kind: 'progressing', message: 'the pod is not ready' };
}

function established(object: Workload): Health {
  const accepted = findCondition(object.status?.conditions, 'NamesAccepted');
  if (accepted?.status === 'False') return { kind: 'failed', message: accepted.message };
  return findCondition(object.status?.conditions, 'Established')?.status === 'True' ? { kind: 'healthy' } : { kind: 'progressing', message: 'not established yet' };
}

/** Custom resources by convention: Stalled and Reconciling say that they hold when True, Ready that all is well. Without any of them the object is as healthy as can be. */
function conditioned(object: Workload): Health {
  if (object.metadata.deletionTimestamp !== undefined) return { kind: 'progressing', message: 'it is being deleted' };
  const observed = object.status?.['observedGeneration'];
  if (typeof observed === 'number' && observed < (object.metadata.generation ?? 0)) return { kind: 'progressing', message: 'its controller has not seen the change yet' };
  const conditions = object.status?.conditions;
  if (!Array.isArray(conditions)) return { kind: 'healthy' };
  const [stalled, reconciling, ready] = ['Stalled', 'Reconciling', 'Ready'].map((type) => findCondition(conditions, type));
  if (stalled?.status === 'True') return { kind: 'failed', message: stalled.message };
  if (reconciling?.status === 'True') return { kind: 'progressing', message: reconciling.message };
  return ready && ready.status !== 'True' ? { kind: 'progressing', message: ready.message } : { kind: 'healthy' };
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
