/** What several cases stand on: one network with a subnet, a router to the outside and a security group. Made once, because a real cloud takes its time. */
import { Recorder } from './recorder.ts';
import { at } from './reply.ts';
import type { Target } from './target.ts';

export interface Stage {
  readonly networkId: string;
  readonly subnetId: string;
  readonly routerId: string;
  readonly groupId: string;
  /** @returns what could not be deleted */
  remove(): Promise<string[]>;
}

export const stageCidr = '10.66.0.0/24';

export async function openStage(target: Target): Promise<Stage> {
  const t = new Recorder(target, 'stage');
  const make = async (path: string, key: string, body: Record<string, unknown>): Promise<string> => {
    const id = at(await t.must(`network POST /v2.0/${path}`, { [key]: body }), key, 'id');
    t.undo(`network DELETE /v2.0/${path}/${id}`);
    return id;
  };
  const name = t.name('stage');
  const networkId = await make('networks', 'network', { name });
  // Neutron draws addresses at random; cases ask for some above this pool.
  const allocation_pools = [{ start: '10.66.0.10', end: '10.66.0.180' }];
  const subnetId = await make('subnets', 'subnet', { name, network_id: networkId, ip_version: 4, cidr: stageCidr, allocation_pools });
  const routerId = await make('routers', 'router', { name, external_gateway_info: { network_id: target.externalNetworkId } });
  await t.must(`network PUT /v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnetId });
  t.undo(`network PUT /v2.0/routers/${routerId}/remove_router_interface BODY ${JSON.stringify({ subnet_id: subnetId })}`);
  const groupId = await make('security-groups', 'security_group', { name });
  return { networkId, subnetId, routerId, groupId, remove: () => t.cleanUp() };
}
