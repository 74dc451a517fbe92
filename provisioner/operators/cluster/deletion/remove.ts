/** Removes leftovers from the cloud, one by one. What refuses now (a volume that is still attached, a load balancer that is changing) is tried again with the next look. */
import { BlockStorage, CloudError, Compute, LoadBalancer, Network, type Session } from '../../../openstack/index.ts';
import type { Leftover } from './leftovers.ts';

export interface Refused {
  readonly leftover: Leftover;
  readonly error: CloudError;
}

/** @throws CloudError where the cloud does not answer or the credentials may not delete */
export async function removeLeftovers(session: Session, list: readonly Leftover[], signal: AbortSignal): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  for (const leftover of list.filter(({ isGoing }) => !isGoing)) {
    try {
      await remove(session, leftover, signal);
    } catch (error) {
      if (!(error instanceof CloudError) || !['CLOUD_CONFLICT', 'CLOUD_INVALID'].includes(error.code)) throw error;
      refused.push({ leftover, error });
    }
  }
  return refused;
}

function remove(session: Session, { kind, id }: Leftover, signal: AbortSignal): Promise<unknown> {
  const call = { signal };
  switch (kind) {
    case 'load balancer': return new LoadBalancer(session).delete(id, call);
    case 'lost floating IP':
    case 'floating IP': return new Network(session).delete('floatingips', id, call);
    case 'port': return new Network(session).delete('ports', id, call);
    case 'bastion group':
    case 'security group': return new Network(session).delete('security-groups', id, call);
    case 'snapshot': return new BlockStorage(session).deleteSnapshot(id, call);
    case 'volume': return new BlockStorage(session).deleteVolume(id, call);
    case 'server group': return new Compute(session).deleteServerGroup(id, call);
  }
}
