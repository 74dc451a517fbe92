/** What a project has in its cloud, as far as a cluster may have left something in it. Read only. */
import {
  BlockStorage, CloudError, Compute, type FloatingIpRecord, LoadBalancer, type LoadBalancerRecord, Network, type PortRecord, type SecurityGroupRecord, type ServerGroupRecord, type Session, type SnapshotRecord, type VolumeRecord,
} from '../../../openstack/index.ts';

export interface CloudListing {
  readonly loadBalancers: readonly LoadBalancerRecord[];
  readonly floatingIps: readonly FloatingIpRecord[];
  /** On the cluster's network, and those with its tag elsewhere. */
  readonly ports: readonly PortRecord[];
  /** Of the cluster's network; undefined once it is gone. */
  readonly networkId: string | undefined;
  readonly securityGroups: readonly SecurityGroupRecord[];
  readonly volumes: readonly VolumeRecord[];
  readonly snapshots: readonly SnapshotRecord[];
  readonly serverGroups: readonly ServerGroupRecord[];
}

/** @throws CloudError */
export async function listCloud(session: Session, tag: string, signal: AbortSignal): Promise<CloudListing> {
  const call = { signal };
  const [network, balancer, storage, compute] = [new Network(session), new LoadBalancer(session), new BlockStorage(session), new Compute(session)];
  const networkId = (await network.networks({ tags: tag }, call))[0]?.id;
  const [loadBalancers, floatingIps, onNetwork, tagged, securityGroups, volumes, snapshots, serverGroups] = await Promise.all([
    orNothing(() => balancer.loadBalancers({}, call)), network.floatingIps({}, call),
    networkId === undefined ? [] : network.ports({ network_id: networkId }, call), network.ports({ tags: tag }, call),
    network.securityGroups({}, call), orNothing(() => storage.volumes(call)), orNothing(() => storage.snapshots(call)), compute.serverGroups(call),
  ]);
  const ports = [...new Map([...onNetwork, ...tagged].map((port) => [port.id, port])).values()];
  return { loadBalancers, floatingIps, ports, networkId, securityGroups, volumes, snapshots, serverGroups };
}

/** Clouds without Octavia or Cinder have nothing of theirs. */
async function orNothing<T>(list: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof CloudError && error.code === 'CLOUD_NOT_FOUND') return [];
    throw error;
  }
}
