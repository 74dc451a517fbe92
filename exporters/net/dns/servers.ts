/** Which DNS servers are asked: those that are named, or the Service, some of the pods behind it and the cache of the node. */
import type { Config } from '../config.ts';
import type { DnsRole } from '../catalogue.ts';
import type { EndpointSlice } from '../peers/endpoint-slices.ts';
import { firstOfEachFamily } from '../peers/peer.ts';
import { hash } from '../peers/ring.ts';

export interface DnsServer {
  readonly name: string;
  readonly role: DnsRole;
  readonly address: string;
  readonly port: number;
  readonly node?: string | undefined;
  readonly zone?: string | undefined;
}

export interface ServersOptions {
  readonly config: Config['dns'];
  /** Of the DNS Service; undefined where it is not known (yet). */
  readonly serviceAddress: string | undefined;
  readonly slices: readonly EndpointSlice[];
  /** Decides which pods this node asks. */
  readonly node: string;
}

export function dnsServers({ config, serviceAddress, slices, node }: ServersOptions): readonly DnsServer[] {
  if (config.servers.length > 0) return config.servers;
  const service: DnsServer[] = serviceAddress === undefined ? [] : [{ name: config.service, role: 'service', address: serviceAddress, port: 53 }];
  const local: DnsServer[] = config.nodeLocalAddress === '' ? [] : [{ name: 'node-local', role: 'node_local', address: config.nodeLocalAddress, port: 53 }];
  return [...service, ...local, ...(config.pods ? podsOf(slices, { node, max: config.maxPods }) : [])];
}

/** Each node asks a selection of its own, so that every pod is asked by many (rendezvous hashing). */
function podsOf(slices: readonly EndpointSlice[], { node, max }: { node: string; max: number }): readonly DnsServer[] {
  const pods = new Map<string, DnsServer>();
  for (const slice of slices) {
    const port = portOf(slice.ports ?? []);
    for (const { addresses = [], conditions, nodeName, zone, targetRef } of slice.endpoints ?? []) {
      const [address] = firstOfEachFamily(addresses, 'all');
      if (address === undefined || conditions?.terminating || conditions?.ready === false) continue;
      const name = targetRef?.name ?? address;
      if (!pods.has(name)) pods.set(name, { name, role: 'pod', address, port, node: nodeName, zone });
    }
  }
  return [...pods.values()].sort((a, b) => hash(`${node} ${a.name}`) - hash(`${node} ${b.name}`)).slice(0, max);
}

const portOf = (ports: NonNullable<EndpointSlice['ports']>): number => (ports.find(({ protocol }) => protocol === 'UDP') ?? ports.find(({ port }) => port !== undefined))?.port ?? 53;

/** Link-local addresses are where caches of a node listen. */
export const isNodeLocal = (address: string): boolean => /^(169\.254\.|fe[89ab])/i.test(address);

/** The first nameserver of /etc/resolv.conf. */
export function firstNameserver(resolvConf: string): string | undefined {
  return /^\s*nameserver\s+(\S+)/m.exec(resolvConf)?.[1]?.replace(/%.*$/, '');
}
