/** Nova's quotas and limits. */
import type { Core } from '../core.ts';
import { badRequest, forbidden } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { repr } from '../neutron/attributes.ts';
import { microversion } from './microversion.ts';
import type { FlavorRecord, ServerGroupRecord } from './records.ts';

/** Wider than Nova's 10, 20 and 51200: a fleet of a few clusters has to fit. RAM in MiB. */
const defaults = {
  instances: 100, cores: 1000, ram: 1_000_000, metadata_items: 128, key_pairs: 100, server_groups: 100, server_group_members: 100,
};

/** May be sent and change nothing: the simulation has no such things. */
const others = new Set(['force', 'injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes', 'fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules']);

/** @throws ApiError 403 when a server of this flavor would be too much. */
export function checkQuota(core: Core, projectId: string, flavor: FlavorRecord): void {
  const limits = limitsOf(core, projectId);
  const inUse = usage(core, projectId);
  const more = { instances: 1, cores: flavor.vcpus, ram: flavor.ramMb };
  const over = (Object.keys(more) as (keyof typeof more)[]).sort().filter((name) => {
    const limit = limits[name] ?? -1;
    return limit >= 0 && inUse[name] + more[name] > limit;
  });
  if (over.length === 0) return;
  const list = (values: Record<string, number | undefined>): string => over.map((name) => String(values[name])).join(', ');
  throw forbidden(`Quota exceeded for ${over.join(', ')}: Requested ${list(more)}, but already used ${list(inUse)} of ${list(limits)} ${over.join(', ')}`);
}

/** @throws ApiError 403 when the group has as many servers as it may */
export function checkGroupQuota(core: Core, group: ServerGroupRecord): void {
  const limit = limitsOf(core, group.project_id)['server_group_members'] ?? -1;
  const members = Object.values(core.state.nova.servers).filter((server) => server.serverGroupId === group.id).length;
  if (limit >= 0 && members + 1 > limit) throw forbidden('Quota exceeded, too many servers in group');
}

/** @throws ApiError 403 */
export function checkCount(core: Core, projectId: string, resource: 'server_groups' | 'key_pairs', inUse: number): void {
  const limit = limitsOf(core, projectId)[resource] ?? -1;
  if (limit >= 0 && inUse + 1 > limit) throw forbidden(resource === 'key_pairs' ? 'Quota exceeded, too many key pairs.' : 'Quota exceeded, too many server groups.');
}

export function quotaRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: '/v2.1/limits', handle: (request) => {
      const limits = limitsOf(core, request.caller.projectId);
      const inUse = usage(core, request.caller.projectId);
      const minor = microversion(request.headers);
      return ok({ limits: { rate: [], absolute: {
        maxServerMeta: 128, maxPersonality: 5, maxPersonalitySize: 10240, maxTotalInstances: limits['instances'], maxTotalCores: limits['cores'],
        maxTotalRAMSize: limits['ram'], maxTotalKeypairs: limits['key_pairs'], maxServerGroups: limits['server_groups'], maxServerGroupMembers: limits['server_group_members'],
        ...(minor < 39 ? { maxImageMeta: 128 } : {}),
        ...(minor < 36 ? { maxTotalFloatingIps: -1, maxSecurityGroups: -1, maxSecurityGroupRules: -1, totalFloatingIpsUsed: 0, totalSecurityGroupsUsed: 0 } : {}),
        totalRAMUsed: inUse.ram, totalCoresUsed: inUse.cores, totalInstancesUsed: inUse.instances,
        totalServerGroupsUsed: Object.values(core.state.nova.serverGroups).filter((group) => group.project_id === request.caller.projectId).length,
      } } });
    } },
    { method: 'GET', path: '/v2.1/os-quota-sets/:project', handle: (request) => {
      mayShow(request, 'show');
      return ok({ quota_set: quotaSet(core, request) });
    } },
    { method: 'GET', path: '/v2.1/os-quota-sets/:project/defaults', handle: (request) => ok({ quota_set: quotaSet(core, request, defaults) }) },
    { method: 'GET', path: '/v2.1/os-quota-sets/:project/detail', handle: (request) => {
      mayShow(request, 'detail');
      const { id, ...limits } = quotaSet(core, request);
      const inUse: Record<string, number> = detailedUsage(core, request.params['project'] ?? '');
      return ok({ quota_set: { id, ...Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, { limit, in_use: inUse[name] ?? 0, reserved: 0 }])) } });
    } },
    { method: 'PUT', path: '/v2.1/os-quota-sets/:project', handle: (request) => {
      if (!request.caller.isAdmin) throw forbidden("Policy doesn't allow os_compute_api:os-quota-sets:update to be performed.");
      const project = request.params['project'] ?? '';
      const given = asRecord(asRecord(request.body)['quota_set']);
      const unknown = Object.keys(given).filter((name) => !(name in defaults) && !others.has(name));
      if (unknown.length > 0) throw badRequest(`Invalid input for field/attribute quota_set. Value: ${repr(given)}. Additional properties are not allowed (${unknown.map((name) => `'${name}'`).join(', ')} ${unknown.length === 1 ? 'was' : 'were'} unexpected)`);
      const sent = Object.entries(given).filter(([name, value]) => name in defaults && typeof value === 'number');
      core.state.nova.quotas[project] = { ...core.state.nova.quotas[project], ...(Object.fromEntries(sent) as Record<string, number>) };
      const { id: _, ...shown } = quotaSet(core, request);
      return ok({ quota_set: shown });
    } },
    { method: 'DELETE', path: '/v2.1/os-quota-sets/:project', handle: (request) => {
      if (!request.caller.isAdmin) throw forbidden("Policy doesn't allow os_compute_api:os-quota-sets:delete to be performed.");
      Reflect.deleteProperty(core.state.nova.quotas, request.params['project'] ?? '');
      return { status: 202 };
    } },
  ];
}

function mayShow(request: ApiRequest, action: string): void {
  if (request.caller.isAdmin || request.params['project'] === request.caller.projectId) return;
  throw forbidden(`Policy doesn't allow os_compute_api:os-quota-sets:${action} to be performed.`);
}

function quotaSet(core: Core, request: ApiRequest, limits?: Readonly<Record<string, number>>): Record<string, unknown> {
  const project = request.params['project'] ?? '';
  return {
    id: project, ...limits ?? limitsOf(core, project), injected_files: 5, injected_file_content_bytes: 10240, injected_file_path_bytes: 255,
    ...(microversion(request.headers) < 36 ? { floating_ips: -1, fixed_ips: -1, security_groups: -1, security_group_rules: -1 } : {}),
  };
}

function limitsOf(core: Core, projectId: string): Record<string, number> {
  return { ...defaults, ...core.state.nova.quotas[projectId] };
}

/** Server groups are counted too; key pairs are a user's and not a project's. */
function detailedUsage(core: Core, projectId: string): Record<string, number> {
  return { ...usage(core, projectId), server_groups: Object.values(core.state.nova.serverGroups).filter((group) => group.project_id === projectId).length };
}

function usage(core: Core, projectId: string): { instances: number; cores: number; ram: number } {
  const flavors = Object.values(core.state.nova.servers)
    .filter((server) => server.project_id === projectId)
    .map((server) => core.state.nova.flavors[server.flavorId]);
  return {
    instances: flavors.length,
    cores: flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, flavor) => sum + (flavor?.ramMb ?? 0), 0),
  };
}
