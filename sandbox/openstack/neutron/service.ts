/** Neutron: networks, subnets, ports, routers, floating IPs, security groups, trunks, RBAC policies, tags and quotas. */
import type { Core } from '../core.ts';
import type { ApiError } from '../errors.ts';
import type { ApiRequest, ApiResponse, Service } from '../http/service.ts';
import { keystoneError } from '../keystone/service.ts';
import { collectionRoutes } from './collection.ts';
import { neutronDirectoryRoutes } from './directory.ts';
import { floatingIps } from './floating-ips.ts';
import { networks } from './networks.ts';
import { ports } from './ports.ts';
import { quotaRoutes } from './quotas.ts';
import { rbacPolicies } from './rbac-policies.ts';
import { routerActionRoutes, routers } from './routers.ts';
import { securityGroupRules } from './security-group-rules.ts';
import { ensureDefaultSecurityGroup, securityGroups } from './security-groups.ts';
import { subnets } from './subnets.ts';
import { finder, tagRoutes } from './tags.ts';
import { trunkActionRoutes, trunks } from './trunks.ts';

export function neutron(core: Core): Service {
  const all = { networks: networks(core), subnets: subnets(core), ports: ports(core), routers: routers(core), floatingips: floatingIps(core), 'security-groups': securityGroups(core), trunks: trunks(core) };
  const finders = new Map(Object.entries({
    networks: finder(all.networks), subnets: finder(all.subnets), ports: finder(all.ports), routers: finder(all.routers),
    floatingips: finder(all.floatingips), 'security-groups': finder(all['security-groups']), trunks: finder(all.trunks),
  }));
  const findTagged = (path: string, request: ApiRequest, verb: 'update') => {
    const find = finders.get(path);
    if (!find) throw new Error(`nothing is tagged under ${path}`);
    return find(request, verb);
  };
  return {
    name: 'network',
    routes: [
      ...neutronDirectoryRoutes(core),
      ...collectionRoutes(all.networks), ...collectionRoutes(all.subnets), ...collectionRoutes(all.ports), ...collectionRoutes(all.routers),
      ...collectionRoutes(all.floatingips), ...collectionRoutes(all['security-groups']), ...collectionRoutes(all.trunks), ...collectionRoutes(rbacPolicies(core)), ...collectionRoutes(securityGroupRules(core, (caller) => ensureDefaultSecurityGroup(core, caller.projectId))),
      ...routerActionRoutes(core), ...trunkActionRoutes(core),
      ...tagRoutes(core, [...finders.keys()].map((path) => ({ path })), findTagged),
      ...quotaRoutes(core),
    ],
    renderError,
  };
}

/** `{"NeutronError": {type, message, detail}}` */
function renderError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  if (error.status === 401) return keystoneError(error, request);
  return { status: error.status, body: { NeutronError: { type: error.code, message: error.message, detail: '' } } };
}
