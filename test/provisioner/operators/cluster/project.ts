/** A project of the simulated cloud in which clusters left things, as cloud controller manager and CSI driver would have made them. */
import type { Running } from '../../../sandbox/openstack/fixture.ts';
import { made, until } from '../../../sandbox/openstack/fixture.ts';

export interface Home {
  readonly networkId: string;
  readonly subnetId: string;
}

const id = (record: Record<string, unknown>): string => String(record['id']);

/** The network of a cluster with its tag. */
export async function home({ member }: Running, tag: string, cidr: string): Promise<Home> {
  const networkId = id(await made(member, 'network', '/v2.0/networks', 'network', { name: `nodes of ${tag}` }));
  await member.call('network', 'PUT', `/v2.0/networks/${networkId}/tags`, { body: { tags: [tag] } });
  const subnetId = id(await made(member, 'network', '/v2.0/subnets', 'subnet', { network_id: networkId, ip_version: 4, cidr }));
  return { networkId, subnetId };
}

/** A load balancer of a Service with its floating IP. @param o.tags names of further Services that share it */
export async function serviceLoadBalancer(cloud: Running, o: { cluster: string; service: string; subnetId: string; tags?: readonly string[]; floatingIp?: 'made' | 'brought' }): Promise<{ id: string; floatingIpId: string | undefined }> {
  const { member } = cloud;
  const [namespace, service] = o.service.split('/');
  const name = `kube_service_${o.cluster}_${namespace}_${service}`;
  const lb = await made(member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', {
    name, description: `Kubernetes external service ${o.service} from cluster ${o.cluster}`, vip_subnet_id: o.subnetId, tags: [name, ...(o.tags ?? [])],
    listeners: [{ protocol: 'TCP', protocol_port: 80, default_pool: { lb_algorithm: 'SOURCE_IP_PORT', protocol: 'TCP' } }],
  });
  await until('the load balancer is ACTIVE', () => cloud.cloud.state.octavia.loadBalancers[id(lb)]?.provisioning_status === 'ACTIVE');
  if (!o.floatingIp) return { id: id(lb), floatingIpId: undefined };
  const external = (await member.call('network', 'GET', '/v2.0/networks?router%3Aexternal=true') as { networks: { id: string }[] }).networks[0]!.id;
  const router = await made(member, 'network', '/v2.0/routers', 'router', { name: `router of ${o.service}`, external_gateway_info: { network_id: external } });
  await member.call('network', 'PUT', `/v2.0/routers/${id(router)}/add_router_interface`, { body: { subnet_id: o.subnetId } });
  const description = o.floatingIp === 'made' ? `Floating IP for Kubernetes external service ${o.service} from cluster ${o.cluster}` : 'of the company';
  const ip = await made(member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, port_id: lb['vip_port_id'], description });
  return { id: id(lb), floatingIpId: id(ip) };
}

/** As the CSI driver makes it. @param o what has the mark of a deletion that is to keep it, and whether there is a snapshot of the volume */
export async function volume({ member, cloud }: Running, cluster: string, o: { retained?: boolean; snapshot?: boolean | 'retained' } = {}): Promise<string> {
  const metadataOf = (isRetained: boolean): object => ({ 'cinder.csi.openstack.org/cluster': cluster, ...(isRetained ? { 'keelson.dev/retain': 'true' } : {}) });
  const metadata = metadataOf(o.retained === true);
  const record = (await member.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, name: 'pvc', metadata } } }) as { volume: { id: string } }).volume;
  await until('the volume is available', () => cloud.state.cinder.volumes[record.id]?.status === 'available');
  if (o.snapshot) {
    const snapshot = (await member.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id: record.id, name: 's', metadata: metadataOf(o.snapshot === 'retained') } } }) as { snapshot: { id: string } }).snapshot;
    await until('the snapshot is available', () => cloud.state.cinder.snapshots[snapshot.id]?.status === 'available');
  }
  return record.id;
}
