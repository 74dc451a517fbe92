/** What an organization's clusters take, as a pure function of what is declared and of the machines there are. */
import { organizationWithinQuota, type Reason } from '../../api/conditions.ts';
import { labels } from '../../api/labels.ts';
import type { FlavorSize, OrganizationUsage } from '../../api/organization.ts';
import type { Organization } from './organization-object.ts';
import { type KubeObject, resources } from '../../kube/index.ts';
import type { PreflightCluster } from '../../preflight/cluster.ts';
import { controlPlaneGroup } from '../../preflight/demand.ts';
import { allowedBy, amountText, excessOf, type Footprint, footprintOf, memoryText, sizesOf, sumOf } from '../../preflight/footprint.ts';

/** A MachineDeployment or a KubeadmControlPlane: what machines are scaled by, past the Cluster that declares them. */
export interface ScaledMachines extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

/** Cluster API: the worker group of spec.topology that a MachineDeployment is for. */
const groupLabel = 'topology.cluster.x-k8s.io/deployment-name';

export function usageOf(clusters: readonly (PreflightCluster & KubeObject)[], machines: readonly ScaledMachines[], flavors: readonly FlavorSize[] | undefined): Footprint {
  const sizes = sizesOf(flavors);
  return sumOf(clusters.map((cluster) => footprintOf(cluster, { flavors: sizes, running: replicasOf(cluster, machines) })));
}

function replicasOf({ metadata }: KubeObject, machines: readonly ScaledMachines[]): ReadonlyMap<string, number> {
  const mine = machines.filter((one) => one.metadata.namespace === metadata.namespace && one.metadata.labels?.[labels.clusterName] === metadata.name);
  return new Map(mine.flatMap((one) => {
    const group = one.kind === resources.kubeadmControlPlanes.kind ? controlPlaneGroup : one.metadata.labels?.[groupLabel];
    return group === undefined ? [] : [[group, one.spec?.replicas ?? 1] as const];
  }));
}

export const asStatus = ({ clusters, machines, cores, memory, loadBalancers }: Footprint): OrganizationUsage => ({ clusters, machines, cores, memory: memoryText(memory), loadBalancers });

export interface QuotaVerdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason<typeof organizationWithinQuota>;
  readonly message: string;
}

export function quotaVerdict({ spec }: Organization, used: Footprint): QuotaVerdict {
  const allowed = allowedBy(spec.quota);
  const excess = excessOf(used, allowed);
  if (excess.length > 0) return { status: 'False', reason: 'Exceeded', message: `there are ${excess.map(({ name, used: there, allowed: bound }) => `${amountText(name, there)} where ${amountText(name, bound)} are allowed`).join(', ')}` };
  const counts = allowed.cores !== undefined || allowed.memory !== undefined;
  if (counts && used.unknownFlavors.length > 0) return { status: 'Unknown', reason: 'FlavorUnknown', message: `the size of ${used.unknownFlavors.join(', ')} is not known` };
  return { status: 'True', reason: 'Within', message: 'what the clusters take fits into the quota' };
}
