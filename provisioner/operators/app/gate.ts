/** May an App be installed now? */
import { appReady, type Reason } from '../../api/conditions.ts';
import { findCondition, isConditionTrue } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { AppObject } from './app-object.ts';
import { dependencyCycle } from './order.ts';
import { isManagement } from './place.ts';

export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly reason: Reason<typeof appReady>; readonly message: string };

export interface Surroundings {
  readonly cluster: Cluster | undefined;
  readonly hasKubeconfig: boolean;
  /** Why the App must not act on its target. */
  readonly refusal?: string | undefined;
  /** An App of the same namespace. */
  readonly appNamed: (name: string) => AppObject | undefined;
}

/** Circles first, which no waiting ends; then the cluster, then dependencies in their order. */
export function gate(app: AppObject, surroundings: Surroundings): Gate {
  const { appNamed } = surroundings;
  const cycle = dependencyCycle(app, appNamed);
  if (cycle) return closed('DependencyCycle', `dependsOn goes in a circle: ${cycle.join(' → ')}; remove one of them`);
  const target = targetGate(app, surroundings);
  if (target.kind === 'closed') return target;
  for (const name of app.spec.dependsOn) {
    const dependency = appNamed(name);
    if (!dependency) return closed('WaitingForDependency', `there is no App ${name}`);
    if (!isReadyNow(dependency)) return closed('WaitingForDependency', `App ${name} is not Ready${why(dependency)}`);
  }
  return { kind: 'open' };
}

function targetGate(app: AppObject, { cluster, hasKubeconfig, refusal }: Surroundings): Gate {
  if (refusal !== undefined) return closed('TargetRefused', refusal);
  if (isManagement(app)) return { kind: 'open' };
  const { cluster: name = '' } = app.spec;
  if (!cluster) return closed('WaitingForCluster', `there is no Cluster ${name} in this namespace`);
  if (isDeleting(cluster)) return closed('WaitingForCluster', `Cluster ${name} is being deleted`);
  if (!isManaged(cluster)) return closed('WaitingForCluster', `Cluster ${name} is not in Keelson's care; label it keelson.dev/managed: "true"`);
  if (!hasControlPlane(cluster)) return closed('WaitingForCluster', `the control plane of ${name} is not initialized yet`);
  if (!hasKubeconfig) return closed('WaitingForCluster', `there is no Secret ${name}-kubeconfig yet`);
  return { kind: 'open' };
}

/** Ready at the generation that is wanted now: an App whose values just changed is not. */
export function isReadyNow(app: AppObject): boolean {
  return app.status?.observedGeneration === app.metadata.generation && isConditionTrue(app.status?.conditions, appReady.type);
}

/** The reason only: a message that changes would be written again into everything that waits. */
function why(app: AppObject): string {
  const ready = findCondition(app.status?.conditions, appReady.type);
  return ready && ready.status !== 'True' ? `: ${ready.reason}` : '';
}

function closed(reason: Reason<typeof appReady>, message: string): Gate {
  return { kind: 'closed', reason, message };
}
