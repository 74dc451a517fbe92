/**
 * CAPO 0.14 writes down which floating IP it made for the API server's load balancer at the end of a pass that may take minutes.
 * When the API of the management cluster is away just then, it has forgotten it, makes another, and Neutron refuses to give the
 * load balancer a second one (409), for ever. The forgotten one is known by our tag, and by where it is.
 */
import { clusterTag } from '../../api/names.ts';
import { findCondition, keyOf, resources } from '../../kube/index.ts';
import { LoadBalancer, Network } from '../../openstack/index.ts';
import type { Cluster, OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { cloudAccess } from './cloud-access.ts';
import type { WholeCluster } from './whole-cluster.ts';

/** Cluster API shows what CAPO said last. */
export const isStuckOnFloatingIp = ({ status }: Cluster): boolean => findCondition(status?.conditions, 'InfrastructureReady')?.message.includes('FloatingIPPortAlreadyAssociated') === true;

/** Deletes what stands on the load balancer's port and is not the one that CAPO knows. @throws CloudError */
export async function releaseLostFloatingIp(context: OperatorContext, cluster: WholeCluster, signal: AbortSignal): Promise<void> {
  const { namespace = '' } = cluster.metadata;
  const infrastructure = await context.client.get<OpenStackCluster>(resources.openStackClusters, { namespace, name: cluster.spec?.infrastructureRef?.name ?? '' }, { signal });
  const known = infrastructure?.status?.apiServerLoadBalancer?.ip;
  if (!known) return;
  const { session } = await cloudAccess(context.client, cluster, signal);
  try {
    const [tags, network] = [clusterTag(cluster.metadata), new Network(session)];
    const ports = new Set((await new LoadBalancer(session).loadBalancers({ tags }, { signal })).map((one) => one.vip_port_id));
    const lost = (await network.floatingIps({ tags }, { signal })).filter(({ port_id: port, floating_ip_address: address }) => port !== null && ports.has(port) && address !== known);
    for (const { id, floating_ip_address: address } of lost) {
      await network.delete('floatingips', id, { signal });
      const message = `CAPO had made floating IP ${address} and forgotten it; it was deleted, so that the load balancer of the API server can have ${known}`;
      context.events.event(cluster, 'Normal', 'LostFloatingIpDeleted', message);
      context.log.info({ cluster: keyOf(cluster.metadata), address, known }, message);
    }
  } finally {
    session.close();
  }
}
