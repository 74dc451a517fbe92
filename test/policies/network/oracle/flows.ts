/** Flows between everything there is in a world, and the questions that they are to an agent. */
import type { Endpoint, Flow, World } from '../../../../policies/network/model.ts';
import type { OracleEnd, OracleQuery } from './oracle.ts';
import type { Chance } from './random.ts';
import { dnsNames, outsideAddresses } from './worlds.ts';

export function makeFlows(chance: Chance, world: World, count: number): Flow[] {
  return Array.from({ length: count }, () => {
    const from = makeEnd(chance, world, false);
    return { from, to: makeEnd(chance, world, true), ...transport(chance) };
  });
}

function makeEnd(chance: Chance, world: World, isReceiver: boolean): Endpoint {
  return chance.weighted<Endpoint>([
    [10, () => podEnd(chance, world)],
    [3, () => ({ kind: 'node', name: chance.one(world.nodes).name })],
    [3, () => ({ kind: 'address', ip: chance.one(outsideAddresses) })],
    [0.7, () => ({ kind: 'address', ip: chance.one([...world.pods.map((p) => p.addresses[0] ?? ''), ...world.nodes.map((n) => n.addresses[0] ?? '')]) })],
    [isReceiver ? 2.5 : 0, () => ({ kind: 'fqdn', name: chance.one(dnsNames) })],
    [0.7, () => ({ kind: 'apiServer' })],
    [0.7, () => ({ kind: 'health' })],
    [0.5, () => ({ kind: 'init' })],
    [0.5, () => ({ kind: 'ingress' })],
    [0.4, () => ({ kind: 'unmanaged' })],
  ]);
}

function podEnd(chance: Chance, world: World): Endpoint {
  const { namespace, name } = chance.one(world.pods);
  return { kind: 'pod', namespace, name };
}

function transport(chance: Chance): Pick<Flow, 'protocol' | 'port' | 'icmpType'> {
  return chance.weighted<Pick<Flow, 'protocol' | 'port' | 'icmpType'>>([
    [8, () => ({ protocol: 'TCP', port: chance.one([80, 8080, 9100, 443, 8000, 65535, 53]) })],
    [3, () => ({ protocol: 'UDP', port: chance.one([53, 80, 8080]) })],
    [1, () => ({ protocol: 'SCTP', port: chance.one([80, 8080]) })],
    [1.5, () => ({ protocol: 'ICMP', icmpType: chance.one([8, 8, 3]) })],
    [0.7, () => ({ protocol: 'ICMPv6', icmpType: chance.one([128, 129]) })],
  ]);
}

/** What the oracle is asked about one end of a flow; undefined where no agent has a say. */
export function queryOf(world: World, flow: Flow, direction: 'ingress' | 'egress'): OracleQuery | undefined {
  const from = resolve(world, flow.from);
  const to = resolve(world, flow.to);
  if (!from || !to || isSame(from.end, to.end)) return undefined;
  const [subject, peer] = direction === 'egress' ? [from, to] : [to, from];
  if (['address', 'fqdn', 'unmanaged'].includes(subject.end.kind)) return undefined;
  return { subject: subject.end, peer: peer.end, ingress: direction === 'ingress', protocol: flow.protocol, port: flow.port ?? flow.icmpType ?? 8, node: subject.node };
}

function isSame(a: OracleEnd, b: OracleEnd): boolean {
  return (a.kind === 'pod' || a.kind === 'node') && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** Written apart from the simulator's own search; undefined for a pod in the network of an unknown node. */
function resolve(world: World, end: Endpoint): { readonly end: OracleEnd; readonly node: string } | undefined {
  const ofNode = (name: string, ip?: string) => ({ end: { kind: 'node', name, ...(ip === undefined ? {} : { ip }) }, node: name });
  switch (end.kind) {
    case 'pod': {
      const pod = world.pods.find((p) => p.namespace === end.namespace && p.name === end.name);
      if (!pod || (pod.hostNetwork && pod.node === undefined)) return undefined;
      return pod.hostNetwork ? ofNode(pod.node ?? '') : { end: { kind: 'pod', namespace: pod.namespace, name: pod.name }, node: pod.node ?? '' };
    }
    case 'node':
      return ofNode(end.name);
    case 'address': {
      const pod = world.pods.find((p) => !p.hostNetwork && p.addresses.includes(end.ip));
      const node = world.nodes.find((n) => n.addresses.includes(end.ip));
      if (pod) return resolve(world, { kind: 'pod', namespace: pod.namespace, name: pod.name });
      return node ? ofNode(node.name) : { end: { kind: 'address', ip: end.ip }, node: '' };
    }
    case 'apiServer':
      return world.apiServerAddresses[0] === undefined ? ofNode('n1') : { end: { kind: 'address', ip: world.apiServerAddresses[0] }, node: '' };
    case 'fqdn':
      return { end: { kind: 'fqdn', name: end.name }, node: '' };
    default:
      return { end: { kind: end.kind }, node: '' };
  }
}
