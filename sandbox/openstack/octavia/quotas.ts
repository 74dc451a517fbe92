/** Octavia's quotas. */
import type { Core } from '../core.ts';
import { forbidden } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { octaviaList } from './listing.ts';

const defaults = { loadbalancer: 100, listener: 200, pool: 200, member: 1000, healthmonitor: 200, l7policy: -1, l7rule: -1 };
const names = { loadbalancer: 'Load Balancer', listener: 'Listener', pool: 'Pool', member: 'Member', healthmonitor: 'Health Monitor' };
const tables = { loadbalancer: 'loadBalancers', listener: 'listeners', pool: 'pools', member: 'members', healthmonitor: 'healthMonitors' } as const;

/** @throws ApiError 403 */
export function checkQuota(core: Core, projectId: string, resource: keyof typeof tables): void {
  const limit = limitsOf(core, projectId)[resource] ?? -1;
  const used = Object.values(core.state.octavia[tables[resource]]).filter((record: { project_id: string }) => record.project_id === projectId).length;
  if (limit >= 0 && used + 1 > limit) throw forbidden(`Quota has been met for resources: ${names[resource]}`, 'QuotaException');
}

export function quotaRoutes(core: Core): Route[] {
  const path = '/v2.0/lbaas/quotas';
  const view = (project: string): object => {
    const limits = limitsOf(core, project);
    const { loadbalancer, healthmonitor, ...rest } = limits;
    return { ...rest, load_balancer: loadbalancer, health_monitor: healthmonitor };
  };
  const onlyAdmin = (request: ApiRequest): void => {
    if (!request.caller.isAdmin && !request.caller.roles.includes('load-balancer_admin')) throw forbidden('Policy does not allow this request to be performed.');
  };
  return [
    { method: 'GET', path, handle: (request) => {
      const sets = Object.entries(core.state.octavia.quotas).filter(([project]) => request.caller.isAdmin || project === request.caller.projectId);
      return ok(octaviaList('quotas', sets.map(([project, set]) => ({ project_id: project, tenant_id: project, ...listed(set) })), request));
    } },
    { method: 'GET', path: `${path}/defaults`, handle: (request) => {
      onlyAdmin(request);
      return ok({ quota: view('') });
    } },
    { method: 'GET', path: `${path}/:project`, handle: (request) => ok({ quota: view(request.params['project'] ?? '') }) },
    { method: 'PUT', path: `${path}/:project`, handle: (request) => {
      onlyAdmin(request);
      const project = request.params['project'] ?? '';
      const sent = Object.entries(asRecord(asRecord(request.body)['quota'])).map(([name, value]) => [name.replace('load_balancer', 'loadbalancer').replace('health_monitor', 'healthmonitor'), value] as const);
      const known = sent.filter(([name, value]) => name in defaults && typeof value === 'number');
      core.state.octavia.quotas[project] = { ...core.state.octavia.quotas[project], ...(Object.fromEntries(known) as Record<string, number>) };
      return ok({ quota: view(project) }, 202);
    } },
    { method: 'DELETE', path: `${path}/:project`, handle: (request) => {
      onlyAdmin(request);
      Reflect.deleteProperty(core.state.octavia.quotas, request.params['project'] ?? '');
      return noContent;
    } },
  ];
}

/** A list shows only what was set, each under both of its names. */
function listed(set: Readonly<Record<string, number>>): object {
  const all = Object.fromEntries(Object.keys(defaults).map((name) => [name, set[name] ?? null]));
  return { ...all, load_balancer: all['loadbalancer'], health_monitor: all['healthmonitor'] };
}

function limitsOf(core: Core, projectId: string): Record<string, number> {
  return { ...defaults, ...core.state.octavia.quotas[projectId] };
}
