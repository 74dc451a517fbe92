/** Two sets of policies in one world: which flows opened, which closed, and for each the smallest flow that shows it. */
import type { Endpoint, Flow, PolicyObject, Verdict, World } from './model.ts';
import { type Reachability, reachability, type Span } from './reachability/index.ts';
import { difference, formatSpans, type Spans } from './reachability/spans.ts';
import { createSimulator } from './simulator/index.ts';
import { endpointText } from './check/words.ts';
import { isRecord } from './world/manifest.ts';

export interface Change {
  readonly change: 'opened' | 'closed';
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** "TCP 8080, UDP 53", "everything". */
  readonly ports: string;
  /** The lowest port between the first of them. */
  readonly witness: Flow;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** Between ends of different nodes: what opens or closes between a pod and its own node alone is not listed (`check` sees it where a contract wants it). */
export function diff(world: World, before: readonly PolicyObject[], after: readonly PolicyObject[]): readonly Change[] {
  const [a, b] = [reachability(world, [...before, ...after.map(onNobody)]), reachability(world, [...after, ...before.map(onNobody)])];
  const [old, now] = [createSimulator(world, before), createSimulator(world, after)];
  const groups = jointGroups(a, b);
  const found = groups.flatMap((from) => groups.flatMap((to) => {
    const [spansBefore, spansAfter] = [a.open(from.before, to.before), b.open(from.after, to.after)];
    const kinds: readonly (readonly [Change['change'], Spans])[] = [['opened', difference(spansAfter, spansBefore)], ['closed', difference(spansBefore, spansAfter)]];
    return kinds.flatMap(([change, spans]): Single[] => {
      const [first] = spans;
      if (!first) return [];
      const witness = pairs(from, to).map((pair): Flow => flowOf(pair, first)).find((flow) => old.decide(flow).allowed === (change === 'closed') && now.decide(flow).allowed === (change === 'opened'));
      return witness ? [{ change, from: from.label, to: to.label, ports: formatSpans(spans), witness, before: old.decide(witness), after: now.decide(witness) }] : [];
    });
  }));
  return merged(found);
}

/**
 * The other side's policies, about nobody: they decide nothing here, but their peers, addresses and ports make both sides
 * divide the world alike.
 */
function onNobody(policy: PolicyObject): PolicyObject {
  if (!isRecord(policy) || policy['kind'] === 'CiliumCIDRGroup') return policy;
  const metadata = isRecord(policy['metadata']) ? policy['metadata'] : {};
  const nobody = { matchLabels: { 'keelson.dev/nobody': 'selected' } };
  const about = (spec: unknown): unknown => {
    if (!isRecord(spec)) return spec;
    const subject = ['podSelector', 'endpointSelector', 'nodeSelector'].find((field) => spec[field] !== undefined) ?? 'podSelector';
    return { ...spec, [subject]: nobody };
  };
  return {
    ...policy,
    metadata: { ...metadata, name: `of-the-other-side-${String(metadata['name'])}` },
    ...(policy['spec'] === undefined ? {} : { spec: about(policy['spec']) }),
    ...(Array.isArray(policy['specs']) ? { specs: (policy['specs'] as unknown[]).map(about) } : {}),
  };
}

interface JointGroup {
  readonly before: number;
  readonly after: number;
  readonly members: readonly Endpoint[];
  readonly label: string;
}

/** Ends that neither side tells apart. */
function jointGroups(a: Reachability, b: Reachability): readonly JointGroup[] {
  const after = new Map(b.groups.flatMap(({ members }, i) => members.map((member) => [JSON.stringify(member), i] as const)));
  const joint = new Map<string, { before: number; after: number; members: Endpoint[] }>();
  for (const [i, { members }] of a.groups.entries()) {
    for (const member of members) {
      const j = after.get(JSON.stringify(member));
      if (j === undefined) continue;
      const known = joint.get(`${i} ${j}`);
      if (known) known.members.push(member);
      else joint.set(`${i} ${j}`, { before: i, after: j, members: [member] });
    }
  }
  return [...joint.values()].map((group) => ({ ...group, label: `${group.members.slice(0, 1).map(endpointText).join('')}${group.members.length > 1 ? ` and ${group.members.length - 1} like it` : ''}` }));
}

/** Of two groups the first members, of one its first two; nodes have several, because a node is another thing to its own pods. */
function pairs(from: JointGroup, to: JointGroup): readonly (readonly [Endpoint, Endpoint])[] {
  return from.members.slice(0, 3).flatMap((x) => to.members.slice(0, 3).filter((y) => x !== y).map((y) => [x, y] as const));
}

function flowOf([from, to]: readonly [Endpoint, Endpoint], { protocol, from: first }: Span): Flow {
  return protocol === 'ICMP' || protocol === 'ICMPv6' ? { from, to, protocol, icmpType: first } : { from, to, protocol, port: first };
}

type Single = Omit<Change, 'from' | 'to'> & { readonly from: string; readonly to: string };

/** Changes on the same ports to the same end are one, then those from the same ends. */
function merged(list: readonly Single[]): readonly Change[] {
  const byReceiver = grouped(list.map((one): Change => ({ ...one, from: [one.from], to: [one.to] })), ({ change, to, ports }) => JSON.stringify([change, to, ports]), (x, y) => ({ ...x, from: [...x.from, ...y.from] }));
  return grouped(byReceiver, ({ change, from, ports }) => JSON.stringify([change, from, ports]), (x, y) => ({ ...x, to: [...x.to, ...y.to] }));
}

function grouped(list: readonly Change[], key: (one: Change) => string, merge: (x: Change, y: Change) => Change): readonly Change[] {
  const out = new Map<string, Change>();
  for (const one of list) {
    const known = out.get(key(one));
    out.set(key(one), known ? merge(known, one) : one);
  }
  return [...out.values()];
}
