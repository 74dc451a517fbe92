/** The ends that a matrix is about: every pod and node, and outside the cluster one address for each part that policies tell apart. */
import type { Endpoint, World } from '../model.ts';
import { covers, formatAddress, formatPrefix, parseAddress, parsePrefix, type Address, type Prefix } from '../simulator/addresses.ts';
import type { Peer } from '../simulator/peers.ts';
import type { Rule } from '../simulator/rule.ts';

export interface MatrixEnd {
  readonly endpoint: Endpoint;
  /** For people: "shop/web-0", "node n1", "10.0.0.0/8 but not 10.1.0.0/16". */
  readonly label: string;
}

/** @param groupPrefixes prefixes of CiliumCIDRGroups */
export function matrixEnds(world: World, rules: readonly Rule[], groupPrefixes: readonly Prefix[]): MatrixEnd[] {
  const pods = world.pods.filter((pod) => !pod.hostNetwork).map(({ namespace, name }): MatrixEnd => ({ endpoint: { kind: 'pod', namespace, name }, label: `${namespace}/${name}` }));
  const nodes = world.nodes.map(({ name }): MatrixEnd => ({ endpoint: { kind: 'node', name }, label: `node ${name}` }));
  const special = (['health', 'ingress', 'unmanaged'] as const).map((kind): MatrixEnd => ({ endpoint: { kind }, label: kind }));
  return [...pods, ...nodes, ...special, ...outsideEnds(world, rules, groupPrefixes), ...nameEnds(rules)];
}

/** An address for each prefix, outside of the narrower ones; and one that is in none. */
function outsideEnds(world: World, rules: readonly Rule[], groupPrefixes: readonly Prefix[]): MatrixEnd[] {
  const mentioned = [...peersOf(rules).flatMap(prefixesOf), ...groupPrefixes, ...(['0.0.0.0/0', ...(world.settings?.ipv6 ? ['::/0'] : [])].map(parsePrefix).filter((p): p is Prefix => p !== undefined))];
  const prefixes = [...new Map(mentioned.map((prefix) => [formatPrefix(prefix), prefix])).values()];
  const inside = new Set([...world.pods.flatMap((p) => p.addresses), ...world.nodes.flatMap((n) => n.addresses), ...world.services.flatMap((s) => s.clusterIps)]);
  const servers = world.apiServerAddresses.filter((ip) => !inside.has(ip));
  return [
    ...servers.map((ip): MatrixEnd => ({ endpoint: { kind: 'address', ip }, label: `API server ${ip}` })),
    ...prefixes.flatMap((prefix) => {
      const narrower = prefixes.filter((other) => other !== prefix && covers(prefix, other));
      const address = addressIn(prefix, narrower, (candidate) => inside.has(candidate) || servers.includes(candidate));
      if (address === undefined) return [];
      const holes = narrower.filter((a) => !narrower.some((b) => b !== a && covers(b, a))).map(formatPrefix);
      return [{ endpoint: { kind: 'address', ip: address } as const, label: holes.length > 0 ? `${formatPrefix(prefix)} but not ${shortened(holes)}` : formatPrefix(prefix) }];
    }),
  ];
}

function nameEnds(rules: readonly Rule[]): MatrixEnd[] {
  const names = peersOf(rules).flatMap((peer) => (peer.kind === 'name' && !peer.text.includes('*') ? [peer.text.toLowerCase().replace(/\.$/, '')] : []));
  return [...new Set(names)].map((name) => ({ endpoint: { kind: 'fqdn', name }, label: name }));
}

function peersOf(rules: readonly Rule[]): readonly Peer[] {
  return rules.flatMap((rule) => (rule.peers === 'any' || rule.peers === 'none' ? [] : rule.peers));
}

function prefixesOf(peer: Peer): readonly Prefix[] {
  if (peer.kind === 'cidr') return [peer.prefix, ...peer.except];
  return peer.kind === 'group' ? peer.except : [];
}

/** The first address that lies in no narrower prefix and is not taken; undefined where there is none. */
function addressIn(prefix: Prefix, narrower: readonly Prefix[], isTaken: (ip: string) => boolean): string | undefined {
  const size = (p: Prefix) => 1n << BigInt((p.family === 4 ? 32 : 128) - p.length);
  const end = prefix.value + size(prefix);
  let value = prefix.value;
  while (value < end) {
    const address: Address = { family: prefix.family, value };
    const hole = narrower.find((p) => p.value <= value && value < p.value + size(p));
    const text = formatAddress(address);
    if (!hole && !isTaken(text) && parseAddress(text)) return text;
    value = hole ? hole.value + size(hole) : value + 1n;
  }
  return undefined;
}

function shortened(texts: readonly string[]): string {
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ');
}
