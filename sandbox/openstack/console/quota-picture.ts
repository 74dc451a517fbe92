/** How much of its quotas a project uses, asked of the services as a client would. */
import { createRouter } from '../http/router.ts';
import { asRecord } from '../http/json.ts';
import { anonymous, type Service, type ServiceName } from '../http/service.ts';

export interface QuotaPicture {
  readonly service: ServiceName;
  readonly resource: string;
  readonly used: number;
  /** -1: no limit. */
  readonly limit: number;
}

/** Of one project, by its id. */
export type QuotaReader = (projectId: string) => QuotaPicture[];

interface User { readonly id: string; readonly name: string }

/** The answer to a GET of a member of the project; empty when the service does not have it. */
type Ask = (name: ServiceName, path: string, userId?: string) => Record<string, unknown>;

/** @param members users with a role in a project: key pairs are theirs, and counted for each */
export function quotaReader(services: readonly Service[], members: (projectId: string) => readonly User[]): QuotaReader {
  const routers = new Map(services.map((service) => [service.name, createRouter(service.routes)]));
  return (projectId) => {
    const ask: Ask = (name, path, userId = '') => answerOf(routers.get(name), path, { projectId, userId });
    const all = [...compute(ask, projectId, members(projectId)), ...network(ask, projectId), ...volumes(ask, projectId), ...loadBalancers(ask, projectId)];
    // Only what is used: nobody draws empty bars.
    return all.filter((quota) => quota.used > 0);
  };
}

const words: Readonly<Record<string, string>> = { instances: 'servers', ram: 'memory in MiB' };

function compute(ask: Ask, projectId: string, users: readonly User[]): QuotaPicture[] {
  const quotas = asRecord(ask('compute', `/v2.1/os-quota-sets/${projectId}/detail`)['quota_set']);
  const limitOf = (resource: string): number => number(asRecord(quotas[resource])['limit']);
  return [
    ...['instances', 'cores', 'ram', 'server_groups'].map((resource) => ({
      service: 'compute' as const, resource: words[resource] ?? spoken(resource), used: number(asRecord(quotas[resource])['in_use']), limit: limitOf(resource),
    })),
    ...users.map(({ id, name }) => ({ service: 'compute' as const, resource: `key pairs of ${name}`, used: lengthOf(ask('compute', '/v2.1/os-keypairs', id)['keypairs']), limit: limitOf('key_pairs') })),
  ];
}

function network(ask: Ask, projectId: string): QuotaPicture[] {
  const quotas = asRecord(ask('network', `/v2.0/quotas/${projectId}/details.json`)['quota']);
  return Object.entries(quotas).map(([resource, quota]) => ({ service: 'network', resource: `${spoken(resource)}s`, used: number(asRecord(quota)['used']), limit: number(asRecord(quota)['limit']) }));
}

function volumes(ask: Ask, projectId: string): QuotaPicture[] {
  const quotas = asRecord(ask('volumev3', `/v3/${projectId}/os-quota-sets/${projectId}?usage=true`)['quota_set']);
  return Object.entries(quotas).map(([resource, quota]) => ({ service: 'volumev3', resource: spoken(resource), used: number(asRecord(quota)['in_use']), limit: number(asRecord(quota)['limit']) }));
}

/** Octavia tells limits alone; what is used is what it lists. */
function loadBalancers(ask: Ask, projectId: string): QuotaPicture[] {
  const limits = asRecord(ask('load-balancer', `/v2.0/lbaas/quotas/${projectId}`)['quota']);
  const listed = (path: string, key: string): unknown => ask('load-balancer', `/v2.0/lbaas/${path}`)[key];
  const pools = listed('pools', 'pools');
  const members = (Array.isArray(pools) ? pools : []).reduce((sum: number, pool: unknown) => sum + lengthOf(listed(`pools/${String(asRecord(pool)['id'])}/members`, 'members')), 0);
  const used = {
    load_balancer: lengthOf(listed('loadbalancers', 'loadbalancers')), listener: lengthOf(listed('listeners', 'listeners')), pool: lengthOf(pools), member: members,
    health_monitor: lengthOf(listed('healthmonitors', 'healthmonitors')),
  };
  return Object.entries(used).map(([resource, count]) => ({ service: 'load-balancer', resource: `${spoken(resource)}s`, used: count, limit: number(limits[resource]) }));
}

function answerOf(find: ReturnType<typeof createRouter> | undefined, path: string, { projectId, userId }: { readonly projectId: string; readonly userId: string }): Record<string, unknown> {
  const { pathname, searchParams } = new URL(path, 'http://cloud');
  const found = find?.('GET', pathname);
  if (!found) return {};
  const answer = found.route.handle({
    method: 'GET', path: pathname, params: found.params, query: searchParams, headers: {}, body: undefined, baseUrl: '', caller: { ...anonymous, projectId, userId, roles: ['member', 'load-balancer_member'] },
  });
  return answer instanceof Promise ? {} : asRecord(answer.body);
}

const spoken = (resource: string): string => resource.replaceAll('_', ' ');
const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
