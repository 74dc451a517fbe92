/** What `keelson up` is asked for: how many clusters, how large, of which Kubernetes. Nothing given: one cluster of 1 + 2, and what runs already stays as it is. */
import { kubernetesVersion, kubernetesVersions } from '../tools/pins.ts';
import { FleetError } from './errors.ts';

export interface FleetShape {
  readonly controlPlanes?: number | undefined;
  readonly workers?: number | undefined;
  readonly clusters?: number | undefined;
  /** Tenants with one cluster each, in place of `clusters`. */
  readonly organizations?: number | undefined;
  /** "v1.36.3". */
  readonly kubernetesVersion?: string | undefined;
  /** Volumes of Cinder for pods; see volumes.ts. */
  readonly volumes?: boolean | undefined;
}

/** A /24 of nodes and two /16 for each cluster, side by side in 10.0.0.0/8. */
export const maxClusters = 32;
/** Of one cluster: what its components run on at least, and more than a machine of two cores carries. */
export const maxWorkers = 30;

/** What each cluster gets where nobody asked. */
export const defaultShape = { controlPlanes: 1, workers: 2, clusters: 1, kubernetesVersion: `v${kubernetesVersion}` } as const;

/** @throws FleetError FLEET_BAD_OPTION that names the option, what it was, and what it may be */
export function checkShape(shape: FleetShape): void {
  const { controlPlanes, workers, clusters, organizations, kubernetesVersion: version } = shape;
  if (controlPlanes !== undefined && controlPlanes !== 1 && controlPlanes !== 3) throw bad('--control-planes', controlPlanes, '1 or 3: etcd keeps a majority with an odd number, and the sandbox has three zones');
  if (workers !== undefined && !isWithin(workers, 1, maxWorkers)) throw bad('--workers', workers, `a whole number from 1 to ${maxWorkers}, for each cluster`);
  if (clusters !== undefined && !isWithin(clusters, 1, maxClusters)) throw bad('--clusters', clusters, `a whole number from 1 to ${maxClusters}`);
  if (organizations !== undefined && !isWithin(organizations, 1, maxClusters)) throw bad('--organizations', organizations, `a whole number from 1 to ${maxClusters}`);
  if (clusters !== undefined && organizations !== undefined) throw bad('--clusters', clusters, 'one of --clusters and --organizations: every organization has one cluster');
  const known = kubernetesVersions.map((one) => `v${one}`);
  if (version !== undefined && !known.includes(version)) throw bad('--kubernetes-version', version, `${known.join(' or ')}: the sandbox builds no other`);
}

/** How many clusters that are. */
export const clusterCount = ({ clusters, organizations }: FleetShape): number => organizations ?? clusters ?? defaultShape.clusters;

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function bad(option: string, value: unknown, wanted: string): FleetError {
  return new FleetError('FLEET_BAD_OPTION', `${option} ${value} is not possible; give ${wanted}`);
}
