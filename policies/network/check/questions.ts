/** A party of a contract in a world: which pods, nodes and addresses stand for it; and a flow as questions to the simulator. */
import type { Contract, Port } from '../contract.ts';
import { type ContractFlow, type Party } from '../flows.ts';
import type { Endpoint, Flow, Pod, World } from '../model.ts';

export interface Question {
  readonly flow: Flow;
  /** Callers without a contract answer for themselves: only the receiver's side is asked. */
  readonly ends: 'both' | 'receiver';
}

/** Outside every cluster: TEST-NET-3, RFC 5737. */
export const anAddressOutside = '203.0.113.10';

export function questionsFor({ from, to, ports }: ContractFlow, world: World): readonly Question[] {
  const ends = from.kind === 'component' ? 'both' : 'receiver';
  return pairs(callersOf(from, world), calleesOf(to, world)).flatMap(([a, b]) => ports.flatMap((port) => flowsTo(a, b, port).map((flow) => ({ flow, ends }))));
}

/** A range is asked about at both ends. */
export function flowsTo(from: Endpoint, to: Endpoint, port: Port): readonly Flow[] {
  if (port.protocol === 'ICMP') return [{ from, to, protocol: 'ICMP', icmpType: port.icmpType }];
  return [...new Set([port.port, port.endPort ?? port.port])].map((number) => ({ from, to, protocol: port.protocol, port: number }));
}

/** Pods of a contract that have an identity of their own. */
export function podsOf({ pods }: Contract, world: World): readonly Pod[] {
  return world.pods.filter((pod) => pod.namespace === pods.namespace && !pod.hostNetwork && Object.entries(pods.labels).every(([key, value]) => pod.labels[key] === value));
}

export const podEndpoint = ({ namespace, name }: Pod): Endpoint => ({ kind: 'pod', namespace, name });

/**
 * The API server as a caller is asked about from every node: while its address is not among the endpoints of
 * default/kubernetes, or behind konnectivity, its calls arrive with the identity of any remote node.
 */
function callersOf(party: Party, world: World): readonly Endpoint[] {
  switch (party.kind) {
    case 'component': return party.contract.pods.hostNetwork ? nodesOf(party.contract, world) : podsOf(party.contract, world).map(podEndpoint);
    case 'apiServer': return [...allNodes(world), ...apart(world)];
    case 'nodes': return allNodes(world);
    case 'health': return [{ kind: 'health' }];
    case 'anyPod': return world.pods.filter(({ hostNetwork }) => !hostNetwork).map(podEndpoint);
    case 'cidrs': return party.cidrs.map((cidr) => ({ kind: 'address', ip: addressIn(cidr) }));
    case 'names': return party.names.map((name) => ({ kind: 'fqdn', name: nameLike(name) }));
  }
}

function calleesOf(party: Party, world: World): readonly Endpoint[] {
  if (party.kind === 'component' && party.contract.pods.entity) return [...nodesOf(party.contract, world), ...apart(world)];
  return callersOf(party, world);
}

const allNodes = ({ nodes }: World): readonly Endpoint[] => nodes.map(({ name }) => ({ kind: 'node', name }));
const apart = ({ apiServerAddresses }: World): readonly Endpoint[] => apiServerAddresses.map((ip) => ({ kind: 'address', ip }));

function nodesOf({ pods }: Contract, { nodes }: World): readonly Endpoint[] {
  return nodes.filter(({ isControlPlane }) => pods.where !== 'controlPlane' || isControlPlane).map(({ name }) => ({ kind: 'node', name }));
}

/** Nobody calls itself through a policy. */
function pairs(from: readonly Endpoint[], to: readonly Endpoint[]): readonly (readonly [Endpoint, Endpoint])[] {
  return from.flatMap((a) => to.filter((b) => JSON.stringify(a) !== JSON.stringify(b)).map((b) => [a, b] as const));
}

/** An address of an IPv4 CIDR: the first that can be a host's; for every address one that no cluster has. */
export function addressIn(cidr: string): string {
  const [address = '', length = '32'] = cidr.split('/');
  if (length === '0') return anAddressOutside;
  if (length === '32') return address;
  const parts = address.split('.');
  return [...parts.slice(0, 3), Number(parts[3]) + 1].join('.');
}

/** A name that a pattern matches. */
const nameLike = (pattern: string): string => pattern.replaceAll(/\*+/g, 'a');
