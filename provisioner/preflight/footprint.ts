/** What Clusters take of an organization's quota, as pure functions: declared by their topology, or there already where that is more. */
import { parseQuantity } from '../../policies/tenancy/quantity.ts';
import { ApiError } from '../api/errors.ts';
import { isOurClass } from '../api/names.ts';
import type { FlavorSize, OrganizationQuota } from '../api/organization.ts';
import type { PreflightCluster } from './cluster.ts';
import { controlPlaneGroup, type Demand, demandOf, type ServerGroup } from './demand.ts';

/** Amounts by their name in the quota; memory in MiB. */
export interface Amounts {
  readonly clusters: number;
  /** Control plane and workers; a bastion is no machine of Cluster API's. */
  readonly machines: number;
  /** Of all servers, the bastion too. */
  readonly cores: number;
  readonly memory: number;
  readonly loadBalancers: number;
}
export type Amount = keyof Amounts;
export const amountNames = ['clusters', 'machines', 'cores', 'memory', 'loadBalancers'] as const satisfies readonly Amount[];

export interface Footprint extends Amounts {
  /** Flavors whose size nobody knows: their cores and memory are not in the sum. Sorted. */
  readonly unknownFlavors: readonly string[];
}

export interface Counting {
  /** Sizes by name. */
  readonly flavors: ReadonlyMap<string, FlavorSize>;
  /** Replicas that there are, by `controlPlaneGroup` or the name of the worker group: they count where they are more than declared. */
  readonly running?: ReadonlyMap<string, number>;
}

export const nothing: Footprint = { clusters: 0, machines: 0, cores: 0, memory: 0, loadBalancers: 0, unknownFlavors: [] };

/** Without the machine more that a rolling update makes for a while. A Cluster of another class, whose variables mean nothing to us, counts with its machines alone. */
export function footprintOf(cluster: PreflightCluster & { readonly spec?: { readonly topology?: { readonly classRef?: { readonly name: string } } } }, counting: Counting): Footprint {
  if (!isOurClass(cluster.spec?.topology?.classRef?.name)) return foreign(cluster, counting);
  try {
    return ofDemand(demandOf(cluster), counting);
  } catch (error) {
    // Admission refuses such variables; one that is there all the same was made before they had to be so.
    if (error instanceof ApiError) return foreign(cluster, counting);
    throw error;
  }
}

function ofDemand(demand: Demand, counting: Counting): Footprint {
  const groups = demand.groups.map((group) => ({ group, replicas: replicasOf(group.kind === 'bastion' ? undefined : group.name, group.replicas.value, counting) }));
  const sized = groups.map(({ group, replicas }) => ({ replicas, size: counting.flavors.get(group.flavor.value) }));
  const total = (of: (size: FlavorSize) => number): number => sized.reduce((sum, { replicas, size }) => sum + (size ? replicas * of(size) : 0), 0);
  return {
    clusters: 1,
    machines: groups.reduce((sum, { group, replicas }) => sum + (group.kind === 'bastion' ? 0 : replicas), 0),
    cores: total(({ cores }) => cores),
    memory: total(({ memoryMiB }) => memoryMiB),
    loadBalancers: demand.loadBalancer ? 1 : 0,
    unknownFlavors: namesOf(groups.filter(({ group, replicas }) => replicas > 0 && !counting.flavors.has(group.flavor.value)).map(({ group }) => group)),
  };
}

function foreign({ spec }: PreflightCluster, counting: Counting): Footprint {
  const { controlPlane, workers } = spec?.topology ?? {};
  const groups = [[controlPlaneGroup, controlPlane?.replicas ?? 1] as const, ...(workers?.machineDeployments ?? []).map(({ name, replicas }) => [name, replicas ?? 1] as const)];
  return { ...nothing, clusters: 1, machines: groups.reduce((sum, [name, declared]) => sum + replicasOf(name, declared, counting), 0) };
}

const replicasOf = (name: string | undefined, declared: number, { running }: Counting): number => Math.max(declared, (name === undefined ? undefined : running?.get(name)) ?? 0);
const namesOf = (groups: readonly ServerGroup[]): string[] => [...new Set(groups.map(({ flavor }) => flavor.value))].sort();

export function sumOf(footprints: Iterable<Footprint>): Footprint {
  const all = [...footprints];
  const total = (name: Amount): number => all.reduce((sum, footprint) => sum + footprint[name], 0);
  return {
    clusters: total('clusters'), machines: total('machines'), cores: total('cores'), memory: total('memory'), loadBalancers: total('loadBalancers'),
    unknownFlavors: [...new Set(all.flatMap(({ unknownFlavors }) => unknownFlavors))].sort(),
  };
}

/** The larger of each amount: what was asked for lately and is not seen yet counts beside what is seen. */
export function largerOf(a: Footprint, b: Footprint): Footprint {
  const larger = (name: Amount): number => Math.max(a[name], b[name]);
  return {
    clusters: larger('clusters'), machines: larger('machines'), cores: larger('cores'), memory: larger('memory'), loadBalancers: larger('loadBalancers'),
    unknownFlavors: [...new Set([...a.unknownFlavors, ...b.unknownFlavors])].sort(),
  };
}

/** Amounts of a quota; memory in MiB, rounded down. An amount that is absent is unbounded. */
export function allowedBy(quota: OrganizationQuota): Partial<Amounts> {
  const { memory, ...counts } = quota;
  const given = Object.entries(counts).filter((entry): entry is [Exclude<Amount, 'memory'>, number] => entry[1] !== undefined);
  return { ...Object.fromEntries(given), ...(memory === undefined ? {} : { memory: mebibytes(memory) }) };
}

const mebibytes = (quantity: string): number => Number(parseQuantity(quantity) / 1_000_000_000n / 1_048_576n);

export interface Excess {
  readonly name: Amount;
  readonly used: number;
  readonly allowed: number;
}

/** What there is more of than allowed. */
export function excessOf(used: Amounts, allowed: Partial<Amounts>): Excess[] {
  return amountNames.flatMap((name) => {
    const bound = allowed[name];
    return bound !== undefined && used[name] > bound ? [{ name, used: used[name], allowed: bound }] : [];
  });
}

/** "12 cores", "1.5Gi memory", "2 load balancers". */
export function amountText(name: Amount, value: number): string {
  if (name === 'memory') return `${memoryText(value)} memory`;
  return `${value} ${name === 'loadBalancers' ? 'load balancers' : name}`;
}

/** MiB as a quantity. */
export const memoryText = (mebi: number): string => (mebi > 0 && mebi % 1024 === 0 ? `${mebi / 1024}Gi` : `${mebi}Mi`);

export const sizesOf = (flavors: readonly FlavorSize[] | undefined): ReadonlyMap<string, FlavorSize> => new Map((flavors ?? []).map((flavor) => [flavor.name, flavor]));
