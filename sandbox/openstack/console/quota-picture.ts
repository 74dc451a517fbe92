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

export function quotaReader(services: readonly Service[]): QuotaReader {
  const routers = new Map(services.map((service) => [service.name, createRouter(service.routes)]));
  return (projectId) => quotasOf((name, path) => ask(routers.get(name), path, projectId), projectId);
}

/** Only what is used: nobody draws empty bars. */
function quotasOf(answerOf: (name: ServiceName, path: string) => Record<string, unknown>, projectId: string): QuotaPicture[] {
  const compute = asRecord(asRecord(answerOf('compute', '/v2.1/limits')['limits'])['absolute']);
  const network = asRecord(answerOf('network', `/v2.0/quotas/${projectId}/details.json`)['quota']);
  const all: QuotaPicture[] = [
    { service: 'compute', resource: 'servers', used: number(compute['totalInstancesUsed']), limit: number(compute['maxTotalInstances']) },
    { service: 'compute', resource: 'cores', used: number(compute['totalCoresUsed']), limit: number(compute['maxTotalCores']) },
    { service: 'compute', resource: 'memory in MiB', used: number(compute['totalRAMUsed']), limit: number(compute['maxTotalRAMSize']) },
    ...Object.entries(network).map(([resource, quota]) => ({
      service: 'network' as const, resource: `${resource.replaceAll('_', ' ')}s`, used: number(asRecord(quota)['used']), limit: number(asRecord(quota)['limit']),
    })),
  ];
  return all.filter((quota) => quota.used > 0);
}

/** The answer of a route to an administrator of this project; empty when the service does not have it or refuses. */
function ask(find: ReturnType<typeof createRouter> | undefined, path: string, projectId: string): Record<string, unknown> {
  const found = find?.('GET', path);
  if (!found) return {};
  const answer = found.route.handle({
    method: 'GET', path, params: found.params, query: new URLSearchParams(), headers: {}, body: undefined, baseUrl: '', caller: { ...anonymous, projectId, isAdmin: true, roles: ['admin'] },
  });
  return answer instanceof Promise ? {} : asRecord(answer.body);
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
