/** Quotas of every service, as the administrator sets them and as they have to hold: whatever was answered with yes left no more than they allow. */
import type { CloudState } from '../../../sandbox/openstack/index.ts';
import type { Call } from './commands.ts';

interface Limited {
  readonly service: Call['service'];
  readonly resource: string;
  /** The collection whose POST makes one. */
  readonly path: string;
  /** A limit that is worth trying is a few of these. */
  readonly unit: number;
  used(state: CloudState, projectId: string): number;
}

const count = (table: object, projectId: string): number => Object.values(table as Record<string, { project_id: string }>).filter((one) => one.project_id === projectId).length;
const network = (resource: string, table: keyof CloudState['neutron']): Limited => ({ service: 'network', resource, path: `/v2.0/${resource}s`, unit: 1, used: ({ neutron }, id) => count(neutron[table], id) });
const balancer = (resource: string, table: keyof CloudState['octavia'], path = `/v2.0/lbaas/${resource}s`): Limited => ({ service: 'load-balancer', resource, path, unit: 1, used: ({ octavia }, id) => count(octavia[table], id) });
const flavors = ({ nova }: CloudState, projectId: string, key: 'vcpus' | 'ramMb'): number => {
  return Object.values(nova.servers).filter((server) => server.project_id === projectId).reduce((sum, { flavorId }) => sum + nova.flavors[flavorId]![key], 0);
};
const gigabytes = ({ cinder }: CloudState, projectId: string): number => {
  return [...Object.values(cinder.volumes), ...Object.values(cinder.snapshots)].filter((one) => one.project_id === projectId).reduce((sum, { size }) => sum + size, 0);
};

export const limited: readonly Limited[] = [
  network('network', 'networks'), network('subnet', 'subnets'), network('port', 'ports'), network('router', 'routers'), network('floatingip', 'floatingIps'), network('trunk', 'trunks'),
  { service: 'compute', resource: 'instances', path: '/servers', unit: 1, used: ({ nova }, id) => count(nova.servers, id) },
  { service: 'compute', resource: 'cores', path: '/servers', unit: 2, used: (state, id) => flavors(state, id, 'vcpus') },
  { service: 'compute', resource: 'ram', path: '/servers', unit: 2048, used: (state, id) => flavors(state, id, 'ramMb') },
  { service: 'compute', resource: 'server_groups', path: '/os-server-groups', unit: 1, used: ({ nova }, id) => count(nova.serverGroups, id) },
  balancer('loadbalancer', 'loadBalancers'), balancer('listener', 'listeners'), balancer('pool', 'pools'),
  { service: 'volumev3', resource: 'volumes', path: '/volumes', unit: 1, used: ({ cinder }, id) => count(cinder.volumes, id) },
  { service: 'volumev3', resource: 'snapshots', path: '/snapshots', unit: 1, used: ({ cinder }, id) => count(cinder.snapshots, id) },
  { service: 'volumev3', resource: 'gigabytes', path: '/volumes', unit: 2, used: gigabytes },
  { service: 'volumev3', resource: 'gigabytes', path: '/snapshots', unit: 2, used: gigabytes },
];

/** The administrator's call that gives a project another limit: a few units, or none. A limit below what is used is legal, one more is not. */
export function quotaCall(which: number, units: number, projectId: string): Call {
  const { service, resource, unit } = limited[which % limited.length]!;
  const values = { [resource]: units * unit };
  switch (service) {
    case 'network': return { service, method: 'PUT', path: `/v2.0/quotas/${projectId}`, body: { quota: values } };
    case 'load-balancer': return { service, method: 'PUT', path: `/v2.0/lbaas/quotas/${projectId}`, body: { quota: values } };
    default: return { service, method: 'PUT', path: `/os-quota-sets/${projectId}`, body: { quota_set: values } };
  }
}

/** @returns what a call that was answered with yes made too much of */
export function overQuota(state: CloudState, projectId: string, call: Call): string[] {
  return limited.filter((one) => one.service === call.service && one.path === call.path).flatMap((one) => {
    const limits = { network: state.neutron.quotas, compute: state.nova.quotas, 'load-balancer': state.octavia.quotas, volumev3: state.cinder.quotas }[call.service][projectId];
    const [limit, used] = [limits?.[one.resource] ?? Infinity, one.used(state, projectId)];
    return used > limit ? [`${used} of ${one.resource}, quota ${limit}`] : [];
  });
}
