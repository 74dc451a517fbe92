/** Address ranges: those of the cluster among each other, and against what its nodes and pods have to reach outside. */
import { BlockList, isIP } from 'node:net';
import type { CloudView } from '../cloud-view.ts';
import type { Demand, Said } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

interface Range extends Said {
  readonly what: string;
}

export function ranges(demand: Demand, view: CloudView | undefined): ClusterFinding[] {
  const own: Range[] = [{ ...demand.nodeCidr, what: 'nodes' }, ...demand.clusterCidrs];
  const outside = [
    ...(view?.externalSubnets ?? []).map(({ cidr, name }) => ({ value: cidr, what: `the external subnet ${name || cidr}` })),
    ...(view?.endpoints ?? []).filter((host) => isIP(host)).map((host) => ({ value: host, what: "the cloud's API" })),
    ...demand.dnsServers.map(({ value }) => ({ value, what: 'a DNS server of the nodes' })),
  ];
  const among = own.flatMap((a, i) => own.slice(i + 1).filter((b) => overlap(a.value, b.value)).map((b) => clash(b, `the range of ${a.what} (${a.value})`)));
  const external = (view?.externalSubnets ?? []).map(({ cidr }) => cidr);
  const near = [demand.nodeCidr.value, ...external];
  // Many clouds show a project no subnets of the external network: then Neutron alone knows.
  const lost = external.length > 0 ? demand.nextHops.filter(({ value }) => !near.some((cidr) => overlap(cidr, value))).map(unconnected) : [];
  return [...lost, ...among, ...own.flatMap((range) => outside.filter(({ value }) => overlap(range.value, value)).map(({ what, value }) => clash(range, `${what} (${value})`)))];
}

const clash = (range: Range, other: string): ClusterFinding => ({
  rule: 'cluster/ranges', severity: 'error', path: range.path, message: `the range of ${range.what} (${range.value}) overlaps ${other}; packets would not find their way`, fix: 'choose ranges apart',
});

/** Neutron would refuse it when the cluster is there already. */
const unconnected = ({ value, path }: Said): ClusterFinding => ({
  rule: 'cluster/ranges', severity: 'error', path, message: `${value} is neither in the subnet of the nodes nor in an external one: the router does not reach it`, fix: 'name the gateway by its address in one of these',
});

/** Two CIDRs share addresses exactly when one holds the other's first. An address counts as a range of one; other text as none. */
export function overlap(a: string, b: string): boolean {
  return holds(a, b.split('/')[0] ?? '') || holds(b, a.split('/')[0] ?? '');
}

/** Whether all of a range is in another one. */
export function isWithin(inner: string, outer: string): boolean {
  const [base = '', length = ''] = inner.split('/');
  return holds(outer, base) && Number(length) >= Number(outer.split('/')[1]);
}

function holds(cidr: string, address: string): boolean {
  const [base = '', length] = cidr.split('/');
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > longest) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, kind);
  return list.check(address, kind);
}
