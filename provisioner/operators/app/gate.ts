/** May an App be installed now? */
import { appReady, type Reason } from '../../api/conditions.ts';
import { isConditionTrue } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isManaged } from '../cluster.ts';
import type { AppObject } from './app-object.ts';

export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly reason: Reason<typeof appReady>; readonly message: string }
  /** Somebody paused the App or its Cluster: not even the condition is touched. */
  | { readonly kind: 'paused' };

export interface Surroundings {
  readonly cluster: Cluster | undefined;
  readonly hasKubeconfig: boolean;
  /** An App of the same namespace. */
  readonly appNamed: (name: string) => AppObject | undefined;
}

/** Cluster API's own annotation. */
const paused = 'cluster.x-k8s.io/paused';

/** The cluster first, then dependencies in their order. */
export function gate(app: AppObject, { cluster, hasKubeconfig, appNamed }: Surroundings): Gate {
  if (app.metadata.annotations?.[paused] !== undefined || cluster?.spec?.paused) return { kind: 'paused' };
  const cycle = dependencyCycle(app, appNamed);
  if (cycle) return closed('WaitingForDependency', `dependsOn goes in a circle: ${cycle.join(' → ')}; remove one of them`);
  if (!cluster) return closed('WaitingForCluster', `there is no Cluster ${app.spec.cluster} in this namespace`);
  if (!isManaged(cluster)) return closed('WaitingForCluster', `Cluster ${app.spec.cluster} is not in Keelson's care; label it keelson.dev/managed: "true"`);
  if (!hasControlPlane(cluster)) return closed('WaitingForCluster', `the control plane of ${app.spec.cluster} is not initialized yet`);
  if (!hasKubeconfig) return closed('WaitingForCluster', `there is no Secret ${app.spec.cluster}-kubeconfig yet`);
  for (const name of app.spec.dependsOn) {
    const dependency = appNamed(name);
    if (!dependency) return closed('WaitingForDependency', `there is no App ${name}`);
    if (!isReadyNow(dependency)) return closed('WaitingForDependency', `App ${name} is not Ready`);
  }
  return { kind: 'open' };
}

/** Ready at the generation that is wanted now: an App whose values just changed is not. */
export function isReadyNow(app: AppObject): boolean {
  return app.status?.observedGeneration === app.metadata.generation && isConditionTrue(app.status?.conditions, appReady.type);
}

/** The way from an App back to itself along dependsOn. */
export function dependencyCycle(app: AppObject, appNamed: (name: string) => AppObject | undefined): readonly string[] | undefined {
  const start = app.metadata.name;
  const seen = new Set<string>();
  const walk = (current: AppObject, way: readonly string[]): readonly string[] | undefined => {
    for (const name of current.spec.dependsOn) {
      if (name === start) return [...way, name];
      if (seen.has(name)) continue;
      seen.add(name);
      const next = appNamed(name);
      const found = next && walk(next, [...way, name]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(app, [start]);
}

function closed(reason: Reason<typeof appReady>, message: string): Gate {
  return { kind: 'closed', reason, message };
}
