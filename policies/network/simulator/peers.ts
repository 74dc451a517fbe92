/** The other ends that a rule can name, and whether an identity is one of them. */
import { contains, parsePrefix, type Prefix } from './addresses.ts';
import type { Identity } from './identity.ts';
import { exists, equals, clusterLabel, formatRequirements, matchesAll, type Requirement } from './labels.ts';

export type Peer =
  | { readonly kind: 'labels'; readonly requirements: readonly Requirement[] }
  | { readonly kind: 'cidr'; readonly prefix: Prefix; readonly except: readonly Prefix[] }
  /** Members of CiliumCIDRGroups: of the one with this name, or of those with these labels. */
  | { readonly kind: 'group'; readonly select: string | readonly Requirement[]; readonly except: readonly Prefix[] }
  | { readonly kind: 'name'; readonly text: string; readonly matches: (name: string) => boolean };

/** What changes the meaning of CIDRs. */
export interface CidrSettings {
  readonly matchesNodes: boolean;
  /** With IPv6 enabled an address outside is world-ipv4 or world-ipv6, else world. */
  readonly isDualStack: boolean;
}

export const entities = ['all', 'world', 'cluster', 'cluster-mesh', 'host', 'remote-node', 'kube-apiserver', 'health', 'init', 'ingress', 'unmanaged', 'none'] as const;
export type Entity = (typeof entities)[number];

/** EntitySelectorMapping of pkg/policy/api/entity.go; "any" for `all`. */
export function entityPeers(entity: Entity, clusterName: string): readonly Peer[] | 'any' {
  const reserved = (...names: string[]): Peer[] => names.map((name) => ({ kind: 'labels', requirements: [exists('reserved', name)] }));
  const inCluster = reserved('host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver');
  switch (entity) {
    case 'all':
      return 'any';
    case 'world':
      return reserved('world', 'world-ipv4', 'world-ipv6');
    case 'cluster':
      return [...inCluster, { kind: 'labels', requirements: [equals('k8s', clusterLabel, clusterName)] }];
    case 'cluster-mesh':
      return [...inCluster, { kind: 'labels', requirements: [exists('any', clusterLabel)] }];
    default:
      return reserved(entity);
  }
}

/** None for what is not a CIDR. */
export function cidrPeer(text: string, except: readonly string[]): Peer[] {
  const prefix = parsePrefix(text);
  return prefix ? [{ kind: 'cidr', prefix, except: except.map(parsePrefix).filter((p): p is Prefix => p !== undefined) }] : [];
}

export function matchesPeer(peer: Peer, identity: Identity, settings: CidrSettings): boolean {
  switch (peer.kind) {
    case 'labels':
      return matchesAll(peer.requirements, identity.labels);
    case 'name':
      return identity.name !== undefined && peer.matches(identity.name);
    case 'cidr':
      return isAddressable(identity, settings) && isInPrefix(peer.prefix, identity, settings) && !isExcepted(peer.except, identity, settings);
    case 'group':
      return isAddressable(identity, settings) && isInGroup(peer.select, identity) && !isExcepted(peer.except, identity, settings);
  }
}

/** One text for peers that match alike. */
export function formatPeer(peer: Peer): string {
  const prefix = (p: Prefix) => `${p.family}:${p.value.toString(16)}/${p.length}`;
  switch (peer.kind) {
    case 'labels':
      return `labels ${formatRequirements(peer.requirements)}`;
    case 'cidr':
      return `cidr ${prefix(peer.prefix)} except ${peer.except.map(prefix).sort().join(' ')}`;
    case 'group':
      return `group ${typeof peer.select === 'string' ? peer.select : formatRequirements(peer.select)} except ${peer.except.map(prefix).sort().join(' ')}`;
    case 'name':
      return `name ${peer.text}`;
  }
}

/** CIDRs are about what is outside the cluster; about nodes only where policyCIDRMatchMode says so; never about pods. */
function isAddressable({ labels }: Identity, { matchesNodes }: CidrSettings): boolean {
  const has = (name: string) => labels.get(name)?.source === 'reserved';
  return has('world') || has('world-ipv4') || has('world-ipv6') || (matchesNodes && (has('host') || has('remote-node')));
}

/** A prefix of length 0 is the label "world" of its family: it does not match nodes, not even where other CIDRs do. */
function isInPrefix(prefix: Prefix, identity: Identity, { isDualStack }: CidrSettings): boolean {
  if (prefix.length > 0) return identity.addresses.some((address) => contains(prefix, address));
  const label = prefix.family === 6 ? 'world-ipv6' : isDualStack ? 'world-ipv4' : 'world';
  return identity.labels.get(label)?.source === 'reserved';
}

function isExcepted(except: readonly Prefix[], identity: Identity, settings: CidrSettings): boolean {
  return except.some((prefix) => isInPrefix(prefix, identity, settings));
}

/** matchesEncodedRequirement of pkg/policy/types: an address has the labels of all groups it is in. NotIn holds for addresses in no group at all. */
function isInGroup(select: string | readonly Requirement[], { groups }: Identity): boolean {
  if (typeof select === 'string') return groups.some((group) => group.name === select);
  return select.every(({ key, operator, values }) => {
    const withKey = groups.filter((group) => group.labels[key] !== undefined);
    const withValue = withKey.some((group) => values.includes(group.labels[key] ?? ''));
    switch (operator) {
      case 'In':
        return withValue;
      case 'NotIn':
        return !withValue;
      case 'Exists':
        return withKey.length > 0;
      case 'DoesNotExist':
        return withKey.length === 0;
    }
  });
}
