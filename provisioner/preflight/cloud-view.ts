/** The cloud as preflight sees it: everything the checks compare a Demand with, read once and in parallel. About twenty calls, none of which changes anything. */
import {
  BlockStorage, type BlockStorageLimits, CloudError, Compute, type ComputeLimits, type FlavorRecord, type FloatingIpRecord, Image, type ImageRecord, LoadBalancer, Network, type NetworkRecord, type Quota, type RouterRecord, type ServiceType, type Session, type SubnetRecord,
} from '../openstack/index.ts';
import { type CapoName, capoNames } from './capo-names.ts';
import type { Demand, Reference } from './demand.ts';

/** A resource of a name that CAPO will look up. */
export interface Namesake extends CapoName {
  readonly id: string;
  readonly tags: readonly string[];
}

/** What this cluster has already: it need not be free any more. */
export interface Own {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
  readonly ports: number;
  readonly floatingIps: number;
  readonly securityGroups: number;
  readonly securityGroupRules: number;
  readonly loadBalancers: number;
  readonly networks: number;
  readonly subnets: number;
  readonly routers: number;
  readonly volumes: number;
  readonly gigabytes: number;
  readonly serverGroups: number;
}

/** What these credentials may not read; the check that needs it is left out. */
export interface Refusal {
  readonly what: string;
  readonly service: ServiceType;
  readonly error: CloudError;
}

/** A part is undefined where it could not be read. */
export interface CloudView {
  readonly roles: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly flavors: readonly FlavorRecord[] | undefined;
  /** Images of the names in the Demand. */
  readonly images: readonly ImageRecord[] | undefined;
  readonly zones: readonly string[] | undefined;
  readonly keyPairs: readonly string[] | undefined;
  readonly volumeTypes: readonly string[] | undefined;
  readonly volumeZones: readonly string[] | undefined;
  readonly providers: readonly string[] | undefined;
  readonly loadBalancerFlavors: readonly string[] | undefined;
  readonly loadBalancerZones: readonly string[] | undefined;
  /** What of the Demand's existing network there is, in its order: records that fit each reference. */
  readonly existing: { readonly networks: readonly NetworkRecord[]; readonly subnets: readonly (readonly SubnetRecord[])[]; readonly routers: readonly RouterRecord[] } | undefined;
  /** Of the addresses in the Demand. */
  readonly givenFloatingIps: readonly FloatingIpRecord[] | undefined;
  readonly externalNetworks: readonly NetworkRecord[] | undefined;
  /** Of the external networks. */
  readonly externalSubnets: readonly SubnetRecord[] | undefined;
  readonly namesakes: readonly Namesake[] | undefined;
  readonly compute: ComputeLimits | undefined;
  readonly network: Readonly<Record<string, Quota>> | undefined;
  readonly loadBalancers: Quota | undefined;
  readonly storage: BlockStorageLimits | undefined;
  readonly own: Own | undefined;
  /** Hosts of the cloud's endpoints as addresses; names are left out. */
  readonly endpoints: readonly string[];
}

export interface ViewOptions {
  readonly session: Session;
  readonly demand: Demand;
  readonly cluster: { readonly namespace: string; readonly name: string };
  /** Tag of what the cluster owns; absent for a Cluster that has no uid yet. */
  readonly tag: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws CloudError where the cloud does not answer or does not let these credentials in: then nothing can be said about the Cluster */
export async function viewCloud(o: ViewOptions): Promise<CloudView> {
  const { session, demand } = o;
  const call = { signal: o.signal };
  const [compute, network, balancer, image] = [new Compute(session), new Network(session), new LoadBalancer(session), new Image(session)];
  const refusals: Refusal[] = [];
  const read = async <T>(what: string, service: ServiceType, reading: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof CloudError) || !['CLOUD_FORBIDDEN', 'CLOUD_NOT_FOUND'].includes(error.code)) throw error;
      refusals.push({ what, service, error });
      return undefined;
    }
  };
  const storage = new BlockStorage(session);
  const roles = await session.roles(o.signal);
  const imageNames = [...new Set(demand.groups.map((group) => group.image.value))];
  const volumes = demand.groups.flatMap((group) => group.volumes);
  const { loadBalancer, existing: given } = demand;
  const isBalanced = loadBalancer !== undefined;
  /** Asked only where the Cluster says something of the kind. */
  const ifAny = <T>(is: boolean, reading: () => Promise<T | undefined>): Promise<T | undefined> => (is ? reading() : Promise.resolve(undefined));
  const [parts, more] = await Promise.all([
    together({
      flavors: read('flavors', 'compute', () => compute.flavors(call)),
      images: read('images', 'image', async () => (await Promise.all(imageNames.map((name) => image.images({ name }, call)))).flat()),
      zones: read('availability zones', 'compute', () => compute.zones(call)),
      compute: read('limits of servers', 'compute', () => compute.limits(call)),
      network: read('quotas of networks', 'network', () => network.quotas(call)),
      externalNetworks: read('external networks', 'network', () => network.networks({ 'router:external': 'true' }, call)),
      namesakes: read('resources by name', 'network', () => findNamesakes({ network, balancer: isBalanced ? balancer : undefined, cluster: o.cluster, call })),
      own: o.tag === undefined ? nothing : read('resources by tag', 'network', () => ownOf({ compute, network, storage: volumes.length > 0 ? storage : undefined, balancer: isBalanced ? balancer : undefined, tag: o.tag ?? '', call })),
      endpoints: endpointHosts(session, o.signal),
    }),
    together({
      keyPairs: ifAny(demand.groups.some(({ keyPair }) => keyPair), () => read('key pairs', 'compute', () => compute.keyPairs(call))),
      volumeTypes: ifAny(volumes.some(({ type }) => type), () => read('volume types', 'volumev3', async () => (await storage.types(call)).map(({ name }) => name))),
      volumeZones: volumes.some(({ isInZoneOfServer }) => isInZoneOfServer)
        ? read('zones of volumes', 'volumev3', () => storage.zones(call))
        : ifAny(demand.claimZone.value === 'server', () => zonesIfAnswered(storage, call)),
      storage: ifAny(volumes.length > 0, () => read('limits of volumes', 'volumev3', () => storage.limits(call))),
      providers: ifAny(isBalanced, () => read('load balancer providers', 'load-balancer', async () => (await balancer.providers(call)).map(({ name }) => name))),
      loadBalancers: ifAny(isBalanced, () => read('quota of load balancers', 'load-balancer', () => quotaOfLoadBalancers(balancer, call))),
      loadBalancerFlavors: ifAny(loadBalancer?.flavor !== undefined, () => read('load balancer flavors', 'load-balancer', () => balancer.flavors(call))),
      loadBalancerZones: ifAny(loadBalancer?.zone !== undefined, () => read('load balancer zones', 'load-balancer', () => balancer.zones(call))),
      existing: ifAny(given !== undefined, () => read('the existing network', 'network', () => findExisting(network, given, call))),
      givenFloatingIps: ifAny(demand.floatingIps.given.length > 0, () => read('floating IPs', 'network', async () => (await Promise.all(demand.floatingIps.given.map(({ value }) => network.floatingIps({ floating_ip_address: value }, call)))).flat())),
    }),
  ]);
  const externalSubnets = parts.externalNetworks && (await read('external subnets', 'network', async () => (await Promise.all((parts.externalNetworks ?? []).map(({ id }) => network.subnets({ network_id: id }, call)))).flat()));
  return { roles, refusals, ...parts, ...more, externalSubnets };
}

/** Nothing of a Cinder that is not there or does not answer: pods may claim volumes, a cluster can be made without. */
async function zonesIfAnswered(storage: BlockStorage, call: Call): Promise<readonly string[] | undefined> {
  try {
    return await storage.zones(call);
  } catch (error) {
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}

/** Every value of an object of promises. */
async function together<T extends Record<string, unknown>>(parts: T): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const entries = await Promise.all(Object.entries(parts).map(async ([name, part]) => [name, await part] as const));
  return Object.fromEntries(entries) as { [K in keyof T]: Awaited<T[K]> };
}

async function findExisting(network: Network, given: Demand['existing'], call: Call): Promise<NonNullable<CloudView['existing']>> {
  const by = ({ id, name }: Reference): Record<string, string> => (id === undefined ? { name: name ?? '' } : { id });
  const [networks, subnets, routers] = await Promise.all([
    given ? network.networks(by(given.network.value), call) : [], Promise.all((given?.subnets ?? []).map(({ value }) => network.subnets(by(value), call))), given?.router ? network.routers(by(given.router.value), call) : [],
  ]);
  return { networks, subnets, routers };
}

type Call = { readonly signal: AbortSignal | undefined };

const nothing: Own = {
  instances: 0, cores: 0, ramMb: 0, ports: 0, floatingIps: 0, securityGroups: 0, securityGroupRules: 0, loadBalancers: 0, networks: 0, subnets: 0, routers: 0,
  volumes: 0, gigabytes: 0, serverGroups: 0,
};

/** Octavia says limits only; what is used are the load balancers one sees. */
async function quotaOfLoadBalancers(balancer: LoadBalancer, call: Call): Promise<Quota> {
  const [limits, all] = await Promise.all([balancer.limits(call), balancer.loadBalancers({}, call)]);
  return { limit: limits['load_balancer'] ?? limits['loadbalancer'] ?? -1, used: all.length };
}

async function findNamesakes(o: { network: Network; balancer: LoadBalancer | undefined; cluster: { namespace: string; name: string }; call: Call }): Promise<Namesake[]> {
  const { network, balancer, call } = o;
  const look = ({ kind, name }: CapoName): Promise<readonly { id: string; tags: readonly string[] }[]> => {
    switch (kind) {
      case 'network': return network.networks({ name }, call);
      case 'subnet': return network.subnets({ name }, call);
      case 'router': return network.routers({ name }, call);
      case 'security group': return network.securityGroups({ name }, call);
      case 'load balancer': return balancer ? balancer.loadBalancers({ name }, call) : Promise.resolve([]);
    }
  };
  const found = await Promise.all(capoNames(o.cluster).map(async (one) => (await look(one)).map(({ id, tags }) => ({ ...one, id, tags }))));
  return found.flat();
}

async function ownOf({ compute, network, storage, balancer, tag, call }: { compute: Compute; network: Network; storage: BlockStorage | undefined; balancer: LoadBalancer | undefined; tag: string; call: Call }): Promise<Own> {
  const [servers, ports, floatingIps, groups, networks, subnets, routers, balancers, serverGroups, volumes] = await Promise.all([
    compute.servers({ tags: tag }, call), network.ports({ tags: tag }, call), network.floatingIps({ tags: tag }, call), network.securityGroups({ tags: tag }, call),
    network.networks({ tags: tag }, call), network.subnets({ tags: tag }, call), network.routers({ tags: tag }, call), balancer ? balancer.loadBalancers({ tags: tag }, call) : [],
    compute.serverGroups(call), storage ? storage.volumes(call) : [],
  ]);
  const attached = new Set(servers.flatMap((server) => server['os-extended-volumes:volumes_attached'].map(({ id }) => id)));
  const disks = volumes.filter(({ id }) => attached.has(id));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    instances: servers.length, cores: sum(servers.map(({ flavor }) => flavor.vcpus)), ramMb: sum(servers.map(({ flavor }) => flavor.ram)), ports: ports.length, floatingIps: floatingIps.length,
    securityGroups: groups.length, securityGroupRules: sum(groups.map((group) => group.security_group_rules.length)), loadBalancers: balancers.length, networks: networks.length, subnets: subnets.length, routers: routers.length,
    volumes: disks.length, gigabytes: sum(disks.map(({ size }) => size)), serverGroups: serverGroups.filter(({ name }) => name.startsWith(`${tag}-`)).length,
  };
}

async function endpointHosts(session: Session, signal: AbortSignal | undefined): Promise<string[]> {
  const services: readonly ServiceType[] = ['identity', 'compute', 'network', 'image', 'load-balancer', 'volumev3'];
  const hosts = await Promise.all(services.map(async (service) => {
    try {
      return new URL(await session.endpoint(service, signal)).hostname;
    } catch (error) {
      if (error instanceof CloudError && error.code === 'CLOUD_NOT_FOUND') return undefined;
      throw error;
    }
  }));
  return [...new Set(hosts.filter((host) => host !== undefined))];
}
