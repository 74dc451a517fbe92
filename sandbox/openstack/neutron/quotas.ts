/** How much of each resource a project may have. */
import type { Core } from '../core.ts';
import { badRequest, conflict } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { disallowed, repr } from './attributes.ts';
import type { NeutronState } from './records.ts';

/** Neutron's own defaults are 10 security groups and 100 rules: too few for three clusters, so these are wider. */
const defaults = {
  network: 100, subnet: 100, port: 500, router: 20, floatingip: 50, security_group: 100, security_group_rule: 1000, rbac_policy: 10, subnetpool: -1, trunk: -1,
};

export type QuotaName = keyof typeof defaults;

const tables: Partial<Record<QuotaName, keyof NeutronState>> = {
  network: 'networks', subnet: 'subnets', port: 'ports', router: 'routers', floatingip: 'floatingIps', security_group: 'securityGroups', security_group_rule: 'securityGroupRules',
  trunk: 'trunks', rbac_policy: 'rbacPolicies',
};

/** @throws ApiError 409 OverQuota when one more would be too many. */
export function checkQuota(core: Core, projectId: string, resource: QuotaName, more = 1): void {
  const limit = limitsOf(core, projectId)[resource] ?? -1;
  if (limit >= 0 && used(core, projectId, resource) + more > limit) {
    throw conflict('OverQuota', `Quota exceeded for resources: ['${resource}'].`);
  }
}

export function quotaRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: '/v2.0/quotas/:project', handle: (request) => {
      mayRead(request);
      return ok({ quota: limitsOf(core, request.params['project'] ?? '') });
    } },
    { method: 'GET', path: '/v2.0/quotas/:project/default', handle: () => ok({ quota: defaults }) },
    { method: 'GET', path: '/v2.0/quotas/:project/details.json', handle: (request) => {
      mayRead(request);
      const project = request.params['project'] ?? '';
      const limits = limitsOf(core, project);
      return ok({ quota: Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, { limit, used: used(core, project, name as QuotaName), reserved: 0 }])) });
    } },
    { method: 'PUT', path: '/v2.0/quotas/:project', handle: (request) => {
      if (!request.caller.isAdmin) throw disallowed('update', 'quota');
      const project = request.params['project'] ?? '';
      const sent = asRecord(asRecord(request.body)['quota']);
      for (const value of Object.values(sent)) if (typeof value !== 'number') throw badRequest(`Invalid input for operation: ${repr(value)} is not an integer.`, 'InvalidInput');
      const wanted = Object.entries(sent).filter(([name]) => name in defaults);
      core.state.neutron.quotas[project] = { ...core.state.neutron.quotas[project], ...(Object.fromEntries(wanted) as Record<string, number>) };
      return ok({ quota: limitsOf(core, project) });
    } },
    { method: 'DELETE', path: '/v2.0/quotas/:project', handle: (request) => {
      if (!request.caller.isAdmin) throw disallowed('delete', 'quota');
      Reflect.deleteProperty(core.state.neutron.quotas, request.params['project'] ?? '');
      return noContent;
    } },
  ];
}

function limitsOf(core: Core, projectId: string): Record<string, number> {
  return { ...defaults, ...core.state.neutron.quotas[projectId] };
}

function used(core: Core, projectId: string, resource: QuotaName): number {
  const table = tables[resource];
  if (table === undefined) return 0;
  return Object.values(core.state.neutron[table]).filter((record) => asRecord(record)['project_id'] === projectId).length;
}

function mayRead(request: ApiRequest): void {
  if (!request.caller.isAdmin && request.params['project'] !== request.caller.projectId) {
    throw disallowed('get', 'quota');
  }
}
