/** What every phase works with. Clients are made from what is on disk, so that a phase may also run alone. */
import { readFile } from 'node:fs/promises';
import { fromKubeconfig, type KubeClient } from '../../provisioner/kube/index.ts';
import { Helm } from '../../provisioner/helm/index.ts';
import { WorldClient } from '../world/client.ts';
import { clusterName } from './cluster-object.ts';
import { FleetError } from './errors.ts';
import { kubeconfigPath, type Places } from './places.ts';
import type { FleetShape } from './shape.ts';

export interface FleetContext {
  readonly places: Places;
  readonly signal: AbortSignal;
  /** What child programs start with: PATH, HOME, proxy settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly toolsDir?: string | undefined;
  /** false: missing system packages are named, not installed. */
  readonly allowPackages: boolean;
  /** Sizes that were asked for; see shape.ts. */
  readonly shape?: FleetShape;
}

/** Name of the management cluster, of its server, and of everything else of it in the cloud. */
export const managementName = 'management';
/** The first workload cluster, that of examples/cluster.yaml. */
export const demoCluster = clusterName(0);

export const worldOf = (context: FleetContext): WorldClient => new WorldClient(context.places.state);

export const helmOf = (context: FleetContext): Helm => new Helm({ binary: `${context.places.tools}/helm` });

/** @throws FleetError FLEET_NOT_RUNNING when the cluster has no kubeconfig yet */
export async function kubeOf(context: FleetContext, cluster: string): Promise<KubeClient> {
  const path = kubeconfigPath(context.places, cluster);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FleetError('FLEET_NOT_RUNNING', `no kubeconfig of cluster ${cluster} at ${path}; "keelson up" writes it`, { cause });
  });
  return fromKubeconfig(text, { userAgent: 'keelson-sandbox' });
}
