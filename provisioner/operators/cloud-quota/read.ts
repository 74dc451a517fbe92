/** What a project may have and has of everything that clusters are made of, by service. Each service answers or fails for itself. */
import { BlockStorage, CloudError, Compute, LoadBalancer, Network, type Quota, type ServiceType, type Session } from '../../openstack/index.ts';

/** As metrics and people name them. */
export type QuotaService = 'compute' | 'network' | 'load-balancer' | 'block-storage';

export interface ServiceReading {
  readonly service: QuotaService;
  /** By resource; a limit of -1 is none. A failure's code, see CloudError. */
  readonly result: { readonly quotas: Readonly<Record<string, Quota>> } | { readonly failure: string; readonly message: string };
}

interface Source {
  readonly service: QuotaService;
  readonly type: ServiceType;
  readonly read: (session: Session, call: { readonly signal: AbortSignal }) => Promise<Readonly<Record<string, Quota>>>;
}

const sources: readonly Source[] = [
  {
    service: 'compute', type: 'compute',
    read: async (session, call) => {
      const { instances, cores, ramMb, serverGroups } = await new Compute(session).limits(call);
      return { instances, cores, ram_mib: ramMb, server_groups: serverGroups };
    },
  },
  { service: 'network', type: 'network', read: async (session, call) => pick(await new Network(session).quotas(call), ['network', 'subnet', 'router', 'port', 'floatingip', 'security_group', 'security_group_rule']) },
  {
    service: 'load-balancer', type: 'load-balancer',
    // Octavia says limits only; what is used are the load balancers one sees.
    read: async (session, call) => {
      const balancer = new LoadBalancer(session);
      const [limits, all] = await Promise.all([balancer.limits(call), balancer.loadBalancers({}, call)]);
      return { load_balancer: { limit: limits['load_balancer'] ?? limits['loadbalancer'] ?? -1, used: all.length } };
    },
  },
  {
    service: 'block-storage', type: 'volumev3',
    read: async (session, call) => {
      const { volumes, gigabytes } = await new BlockStorage(session).limits(call);
      return { volumes, gigabytes };
    },
  },
];

/** One after the other: nobody is in a hurry, and the cloud has other things to do. A service that the cloud does not have is left out. */
export async function readQuotas(session: Session, signal: AbortSignal): Promise<ServiceReading[]> {
  const readings: ServiceReading[] = [];
  for (const { service, type, read } of sources) {
    try {
      if (!(await isThere(session, type, signal))) continue;
      readings.push({ service, result: { quotas: await read(session, { signal }) } });
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      readings.push({ service, result: { failure: error.code, message: error.message } });
    }
  }
  return readings;
}

async function isThere(session: Session, type: ServiceType, signal: AbortSignal): Promise<boolean> {
  try {
    await session.endpoint(type, signal);
    return true;
  } catch (error) {
    if (error instanceof CloudError && error.code === 'CLOUD_NOT_FOUND') return false;
    throw error;
  }
}

const pick = (quotas: Readonly<Record<string, Quota>>, names: readonly string[]): Record<string, Quota> =>
  Object.fromEntries(names.flatMap((name) => (quotas[name] ? [[name, { limit: quotas[name].limit, used: quotas[name].used }] as const] : [])));
