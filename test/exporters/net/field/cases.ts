/** The ten faults, and "it is me", with what each pod and the cluster as a whole must say of them. Nothing else may be said by anybody. */
import type { Fault } from './faults.ts';
import type { Topology } from './topology.ts';

/** One conclusion of one pod, as text: `node-a1: peer_down node-b2`. */
export type Statement = string;

export interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** Probe intervals within which everything must have been said. */
  readonly intervals: number;
  /** What pods must say. */
  says(field: Topology): readonly Statement[];
  /** What may be said besides: true from where a pod stands, or of a connection that ends at what is at fault. */
  may?(words: string): boolean;
  /** A node that says nothing of others while the fault is there. */
  readonly lost?: string;
  /** What the recording rules must make of it, exactly: `node node-b2 unreachable`. */
  readonly blame: readonly string[];
}

const names = (field: Topology, zone?: string): readonly string[] => field.nodes.filter((node) => zone === undefined || node.zone === zone).map((node) => node.name);
const others = (field: Topology, name: string): readonly string[] => names(field).filter((one) => one !== name);
const eachSays = (pods: readonly string[], what: string): readonly Statement[] => pods.map((pod) => `${pod}: ${what}`);
/** Each pod of one zone says it of each node of the other, and the other way round. */
const across = (field: Topology, [one, other]: readonly [string, string], verdict: string): readonly Statement[] =>
  [[one, other] as const, [other, one] as const].flatMap(([from, to]) => names(field, from).flatMap((pod) => names(field, to).map((peer) => `${pod}: ${verdict} ${peer}`)));

export const cases: readonly Case[] = [
  {
    name: 'node dead', fault: { kind: 'node dead', node: 'node-b2' }, intervals: 2, lost: 'node-b2',
    says: (field) => eachSays(others(field, 'node-b2'), 'peer_down node-b2'),
    blame: ['node node-b2 unreachable'],
  },
  {
    name: 'zone partition', fault: { kind: 'zone partition', zones: ['b', 'c'] }, intervals: 2,
    says: (field) => [...eachSays(names(field, 'b'), 'zone_unreachable c'), ...eachSays(names(field, 'c'), 'zone_unreachable b')],
    // dns-2 is in zone b.
    may: (words) => /^node-c\d: dns_server_bad dns-2 silent$/.test(words),
    blame: ['zones b→c unreachable', 'zones c→b unreachable'],
  },
  {
    name: 'one-way block', fault: { kind: 'one-way block', from: 'node-a1', to: 'node-b1' }, intervals: 2,
    // node-a1 hears node-b1; node-b1 hears nothing at all of node-a1, and cannot know more.
    says: () => ['node-a1: one_way_loss node-b1 out', 'node-b1: peer_down node-a1'],
    may: (words) => /^link node-(a1→node-b1|b1→node-a1) loss$/.test(words),
    blame: ['link node-a1→node-b1 unreachable', 'link node-b1→node-a1 unreachable'],
  },
  {
    name: '5 % loss', fault: { kind: 'loss', node: 'node-c1', percent: 5 }, intervals: 4,
    says: () => ['node-c1: self node-c1 loss'],
    may: (words) => /^node-\w\d: (packet_loss|one_way_loss) node-c1( in)?$|^link .*node-c1.* loss$/.test(words),
    blame: ['node node-c1 loss'],
  },
  {
    name: '50 ms more', fault: { kind: 'latency', node: 'node-c2', ms: 50 }, intervals: 2,
    says: (field) => [...eachSays(others(field, 'node-c2'), 'slow_peer node-c2'), 'node-c2: self node-c2 slow'],
    blame: ['node node-c2 slow'],
  },
  {
    name: 'MTU black hole', fault: { kind: 'MTU black hole', zones: ['a', 'c'], longerThan: 1400 }, intervals: 2,
    says: (field) => across(field, ['a', 'c'], 'large_packets_lost'),
    blame: ['zones a→c large_packets', 'zones c→a large_packets'],
  },
  {
    name: 'DNS pod dead', fault: { kind: 'DNS pod dead', server: 'dns-1' }, intervals: 2,
    says: (field) => eachSays(names(field), 'dns_server_bad dns-1 silent'),
    blame: ['dns dns-1 silent'],
  },
  {
    name: 'resolver slow over UDP', fault: { kind: 'slow resolver', protocol: 'udp', ms: 300 }, intervals: 2,
    says: (field) => eachSays(names(field), 'dns_path_bad kube-dns udp'),
    blame: ['resolver kube-dns udp'],
  },
  {
    name: 'resolver slow over TCP', fault: { kind: 'slow resolver', protocol: 'tcp', ms: 300 }, intervals: 2,
    says: (field) => eachSays(names(field), 'dns_path_bad kube-dns tcp'),
    blame: ['resolver kube-dns tcp'],
  },
  {
    name: 'clock off by 2 s', fault: { kind: 'clock off', node: 'node-a2', seconds: 2 }, intervals: 2,
    says: () => ['node-a2: clock_off node-a2'],
    blame: ['node node-a2 clock'],
  },
  {
    name: 'cut off: it is me', fault: { kind: 'cut off', node: 'node-a3' }, intervals: 2, lost: 'node-a3',
    says: (field) => [...eachSays(others(field, 'node-a3'), 'peer_down node-a3'), 'node-a3: self node-a3 unreachable'],
    blame: ['node node-a3 unreachable'],
  },
];

/** Faults that can be told apart when they come at the same time: each once. For tests that have little time. */
export const groups: readonly (readonly string[])[] = [
  ['node dead', 'clock off by 2 s', 'cut off: it is me', 'resolver slow over TCP'],
  ['one-way block', '50 ms more', 'DNS pod dead'],
  ['5 % loss', 'resolver slow over UDP'],
  ['zone partition', 'MTU black hole'],
];

/** A resolver is slow from half a second on at the program's defaults, which a test that has little time does not wait for. */
export function inLife(one: Case): Case {
  return one.fault.kind === 'slow resolver' ? { ...one, fault: { ...one.fault, ms: 800 } } : one;
}

export function caseNamed(name: string): Case {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`there is no case ${name}`);
  return found;
}
