/**
 * The end of a cluster, as far as what is installed in it goes: load balancers and volumes of workloads first, while what
 * serves them still runs; then the Apps, in reverse order of their dependencies; then machines, network, cloud.
 */
import { appReady } from '../../api/conditions.ts';
import { annotations, labels } from '../../api/labels.ts';
import { findCondition } from '../../kube/index.ts';
import { type Cluster, isDeleting, isOfOurClass } from '../cluster.ts';
import type { AppObject } from './app-object.ts';
import { pauseOf } from './pause.ts';
import { clusterRef } from './place.ts';

/**
 * `workloads`: the cluster is being deleted, and what its workloads have in the cloud goes first. `apps`: Apps are uninstalled now.
 * `over`: nothing waits for Apps any more, and what is still installed goes with the machines.
 */
export type Ending = 'no' | 'workloads' | 'apps' | 'over';

/** Machines of a Cluster that is not of our class are held back by nobody: it takes everything along at once. */
export function endingOf(cluster: Cluster | undefined): Ending {
  if (cluster === undefined || !isDeleting(cluster)) return 'no';
  const { [annotations.workloadsRemoved]: removed, [annotations.appsLeave]: leave } = cluster.metadata.annotations ?? {};
  if (!isOfOurClass(cluster) || removed !== undefined) return 'over';
  return leave === undefined ? 'workloads' : 'apps';
}

/** Uninstalled because its Cluster goes; the App itself stays for as long as its owner likes. */
export function hasLeft(app: AppObject): boolean {
  return findCondition(app.status?.conditions, appReady.type)?.reason === 'Uninstalled' && app.status?.observedGeneration === app.metadata.generation;
}

/** A pause of the App alone: it is not touched any more, and goes with the machines. */
export function goesWithMachines(app: AppObject, now: Date): boolean {
  return pauseOf(app, undefined, now).kind === 'yes';
}

export const isProtected = ({ metadata }: AppObject): boolean => metadata.labels?.[labels.preventDeletion] === 'true';

/** The Apps that a Cluster waits for before its machines go: those that people put there too. */
export function awaitedApps(apps: readonly AppObject[], { metadata: { name, namespace } }: Cluster, now: Date): readonly AppObject[] {
  return apps.filter((app) => {
    const ref = clusterRef(app);
    return ref?.name === name && ref.namespace === namespace && !hasLeft(app) && !goesWithMachines(app, now);
  });
}
