/** The security group of a restricted bastion in Neutron. */
import { CloudError, type Network, type SecurityGroupRecord } from '../../openstack/index.ts';
import { difference, ruleFor } from './wanted.ts';

export interface Wanted {
  readonly name: string;
  readonly tag: string;
  readonly ranges: readonly string[];
}

/** Makes it, or puts it right; first who is to be let in, then who is not. @returns its id */
export async function ensureGroup(network: Network, { name, tag, ranges }: Wanted, signal: AbortSignal): Promise<string> {
  const call = { signal };
  const group = (await find(network, name, signal))[0] ?? (await network.createSecurityGroup({ name, description: 'SSH to the bastion; kept by Keelson' }, call));
  if (!group.tags.includes(tag)) await network.setTags('security-groups', group.id, [tag], call);
  const { missing, surplus } = difference(group.security_group_rules, ranges);
  for (const range of missing) await unlessConflict(network.createSecurityGroupRule(ruleFor(group.id, range), call));
  for (const { id } of surplus) await network.delete('security-group-rules', id, call);
  return group.id;
}

/** @returns false while a port is still in it */
export async function removeGroup(network: Network, name: string, signal: AbortSignal): Promise<boolean> {
  const removed = await Promise.all((await find(network, name, signal)).map(({ id }) => unlessConflict(network.delete('security-groups', id, { signal }))));
  return removed.every((one) => one !== undefined);
}

const find = (network: Network, name: string, signal: AbortSignal): Promise<readonly SecurityGroupRecord[]> => network.securityGroups({ name }, { signal });

async function unlessConflict<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CloudError && error.code === 'CLOUD_CONFLICT') return undefined;
    throw error;
  }
}
