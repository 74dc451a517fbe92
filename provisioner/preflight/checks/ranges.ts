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
  return [...among, ...own.flatMap((range) => outside.filter(({ value }) => overlap(range.value, value)).map(({ what, value }) => clash(range, `${what} (${value})`)))];
}

const clash = (range: Range, other: string): ClusterFinding => ({
  rule: 'cluster/ranges', severity: 'error', path: range.path, message: `the range of ${range.what} (${range.value}) overlaps ${other}; packets would not find their way`, fix: 'choose ranges apart',
});

/** Two CIDRs share addresses exactly when one holds the other's first. An address counts as a range of one; other text as none. */
export function overlap(a: string, b: string): boolean {
  return holds(a, b.split('/')[0] ?? '') || holds(b, a.split('/')[0] ?? '');
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
