/**
 * `cluster_id` of a Cluster: its name, as everybody expects, or name and namespace where another one had the name first
 * (docs/decisions/0031). Who has it first keeps it. Pure.
 */
import { annotations } from '../../api/labels.ts';
import { managementClusterName } from '../../api/names.ts';
import { type Cluster, isManaged } from '../cluster.ts';

/** A dot is in no name of a Cluster, so this is nobody's bare name. */
export const qualifiedId = ({ metadata: { name, namespace = '' } }: Cluster): string => `${name}.${namespace}`;

/** Remembered on the Cluster: the one that had the name first may go. Nobody gains by writing it: no other value counts. */
const isQualified = (cluster: Cluster): boolean => cluster.metadata.annotations?.[annotations.clusterId] === qualifiedId(cluster);

/** Ids of Clusters, as a function that has looked at all of them once. */
export function clusterIds(all: readonly Cluster[]): (cluster: Cluster) => string {
  const bare = Map.groupBy(all.filter((cluster) => isManaged(cluster) && !isQualified(cluster)), ({ metadata }) => metadata.name);
  const first = new Map([...bare].map(([name, [head, ...others]]) => [name, others.reduce((oldest, other) => (age(other) < age(oldest ?? other) ? other : oldest), head)] as const));
  return (cluster) => {
    const { name } = cluster.metadata;
    const owner = first.get(name);
    // The management cluster's own series have that id.
    const isTaken = name === managementClusterName || (owner !== undefined && owner.metadata.namespace !== cluster.metadata.namespace);
    return isTaken || isQualified(cluster) ? qualifiedId(cluster) : name;
  };
}

/** Sorts as text: who was made first; in the same second, by namespace. */
const age = ({ metadata: { creationTimestamp = '', namespace = '' } }: Cluster): string => `${creationTimestamp} ${namespace}`;
