/** Who gets a bundle: a Cluster of ours, a foreign one in our care, or the management cluster itself. */
import { type ClusterKind } from '../../api/cluster-bundle.ts';
import { annotations } from '../../api/labels.ts';
import { managementClusterName } from '../../api/names.ts';
import { type Cluster, isOfOurClass } from '../cluster.ts';

export interface Target {
  readonly kind: ClusterKind;
  /** Where its Apps stand. */
  readonly namespace: string;
  readonly name: string;
  /** Its wish as it is written, see policy.ts; undefined: as the fleet's. */
  readonly policy: string | undefined;
  /** App of the bundle → why this target does not get it. */
  readonly without: Readonly<Record<string, string>>;
  /** Not there for the management cluster. */
  readonly cluster?: Cluster;
}

export function clusterTarget(cluster: Cluster): Target {
  const { name, namespace = '', annotations: { [annotations.bundle]: policy, [annotations.bundleWithout]: without = '' } = {} } = cluster.metadata;
  const names = without.split(',').map((one) => one.trim()).filter((one) => one !== '');
  return {
    kind: isOfOurClass(cluster) ? 'ours' : 'foreign', namespace, name, policy, cluster,
    without: Object.fromEntries(names.map((one) => [one, `the annotation ${annotations.bundleWithout} of the Cluster says so`])),
  };
}

export interface ManagementSettings {
  readonly policy?: string | undefined;
  readonly without: Readonly<Record<string, string>>;
}

export function managementTarget(namespace: string, { policy, without }: ManagementSettings): Target {
  return { kind: 'management', namespace, name: managementClusterName, policy, without };
}
