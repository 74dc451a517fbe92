/** Generated worlds, asked of the simulator and of Cilium's engine: what both say, where they differ, what was exercised. */
import type { Flow, PolicyObject, World } from '../../../../policies/network/model.ts';
import { Identities } from '../../../../policies/network/simulator/identities.ts';
import { createSimulator } from '../../../../policies/network/simulator/index.ts';
import { selectsSubject, type Question } from '../../../../policies/network/simulator/matching.ts';
import { readPolicies } from '../../../../policies/network/simulator/read-policies.ts';
import { makeFlows, queryOf } from './flows.ts';
import type { Oracle } from './oracle.ts';
import { makePolicies } from './policies.ts';
import { Chance } from './random.ts';
import { allSemantics, semanticsOf } from './semantics.ts';
import { makeWorld } from './worlds.ts';

const flowsPerWorld = 40;

export interface Disagreement {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  /** undefined where they differ on whether a policy is valid. */
  readonly flow?: Flow;
  readonly direction?: 'ingress' | 'egress';
  readonly simulator: string;
  readonly oracle: string;
}

export interface Agreement {
  readonly worlds: number;
  readonly verdicts: number;
  readonly refusedPolicies: number;
  readonly acceptedPolicies: number;
  /** Questions where Cilium cannot compute the subject's policy, because L7 rules of several policies contradict each other. */
  readonly uncomputable: number;
  /** Differences with a known cause; see `isExplained`. */
  readonly explained: number;
  /** Semantic → how often with either verdict. */
  readonly tally: ReadonlyMap<string, { allowed: number; denied: number }>;
  readonly disagreements: readonly Disagreement[];
}

/** World number i of a seed is the same whatever the other worlds are. */
export async function compare(oracle: Oracle, seed: number, worlds: number): Promise<Agreement> {
  const tally = new Map(allSemantics.map((name) => [name, { allowed: 0, denied: 0 }]));
  const result = { worlds, verdicts: 0, refusedPolicies: 0, acceptedPolicies: 0, uncomputable: 0, explained: 0, tally, disagreements: [] as Disagreement[] };
  for (let i = 0; i < worlds; i++) {
    const chance = new Chance(seed + i * 7919);
    const world = makeWorld(chance);
    const policies = makePolicies(chance);
    await compareWorld(oracle, world, policies, makeFlows(chance, world, flowsPerWorld), result);
  }
  return result;
}

async function compareWorld(oracle: Oracle, world: World, policies: readonly PolicyObject[], flows: readonly Flow[], result: Mutable): Promise<void> {
  const simulator = createSimulator(world, policies);
  const asked = flows.flatMap((flow) =>
    (['egress', 'ingress'] as const).flatMap((direction) => {
      const query = queryOf(world, flow, direction);
      return query ? [{ flow, direction, query }] : [];
    }),
  );
  const answer = await oracle.verdicts(world, policies, asked.map(({ query }) => query));
  if (answer.failure) throw new Error(`${answer.failure}\n${JSON.stringify({ world, policies })}`);
  compareErrors(world, policies, answer.errors ?? [], simulator.problems, result);

  const insides = openInsides(world, policies);
  for (const [i, { flow, direction }] of asked.entries()) {
    const said = answer.verdicts?.[i] ?? '';
    if (said.startsWith('error')) {
      result.uncomputable++;
      continue;
    }
    const decision = simulator.decide(flow)[direction];
    const own = decision.allowed ? 'allowed' : 'denied';
    result.verdicts++;
    if (own !== said && isExplained(policies, insides(flow, direction).question)) result.explained++;
    else if (own !== said) result.disagreements.push({ world, policies, flow, direction, simulator: `${own}: ${JSON.stringify(decision.cause)}`, oracle: said });
    for (const name of semanticsOf(insides(flow, direction))) {
      const count = result.tally.get(name);
      if (count) count[decision.allowed ? 'allowed' : 'denied']++;
    }
  }
}

/**
 * Cilium keys an empty cidrGroupSelector like the selector for every peer, so that an agent has only one of the two. It is
 * taken for every peer, but where port names at the sender make the agent list the peers: there the list is that of
 * whichever came first. The simulator reports such policies as undecided; oracle.integration.test.ts pins the case.
 */
function isExplained(policies: readonly PolicyObject[], { direction, rules }: Question): boolean {
  const hasNames = rules.some((rule) => rule.ports !== 'all' && rule.ports.some((port) => 'name' in port));
  return direction === 'egress' && hasNames && JSON.stringify(policies).includes('"cidrGroupSelector":{}');
}

type Mutable = { -readonly [K in keyof Agreement]: Agreement[K] } & { disagreements: Disagreement[] };

/** The simulator refuses what Cilium refuses, and what its CRDs refuse, which are not asked here. */
function compareErrors(world: World, policies: readonly PolicyObject[], errors: readonly string[], problems: ReturnType<typeof createSimulator>['problems'], result: Mutable): void {
  for (const [i, policy] of policies.entries()) {
    const { kind, metadata } = policy as { kind: string; metadata: { name: string; namespace?: string } };
    const label = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
    const refusals = problems.filter((p) => p.policy === label && p.kind === 'refused');
    const error = errors[i] ?? '';
    if (error) result.refusedPolicies++;
    else result.acceptedPolicies++;
    if ((error !== '') !== refusals.length > 0) {
      result.disagreements.push({ world, policies: [policy], simulator: refusals.map((p) => `${p.path}: ${p.message}`).join('; ') || 'accepted', oracle: error || 'accepted' });
    }
  }
}

/** The inner view of one question, for the tally only. */
function openInsides(world: World, policies: readonly PolicyObject[]) {
  const { rules, groups } = readPolicies(policies, world);
  const identities = new Identities(world, groups);
  const isHostPod = (end: Flow['from']) => end.kind === 'pod' && world.pods.some((p) => p.namespace === end.namespace && p.name === end.name && p.hostNetwork);
  return (flow: Flow, direction: 'ingress' | 'egress') => {
    const ends = [identities.find(flow.from), identities.find(flow.to)] as const;
    const [subjectEnd, peerEnd] = direction === 'egress' ? ends : ([ends[1], ends[0]] as const);
    const subject = identities.subject(subjectEnd);
    const peer = identities.peer(peerEnd, identities.nodeOf(subjectEnd));
    const selected = rules.filter((rule) => rule.direction === direction && selectsSubject(rule, subject));
    const question: Question = { rules: selected, direction, subject, peer, protocol: flow.protocol, port: flow.port ?? flow.icmpType ?? 8 };
    return { world, policies, question, hasHostNetworkPod: isHostPod(flow.from) || isHostPod(flow.to) };
  };
}

/** Semantics that were met less often than that with one of their verdicts. */
export function rarelyMet(agreement: Agreement, atLeast: number): string[] {
  return [...agreement.tally].flatMap(([name, count]) =>
    (['allowed', 'denied'] as const).filter((verdict) => count[verdict] < atLeast).map((verdict) => `${name}: ${verdict} ${count[verdict]} times`),
  );
}

/** The distribution as text. */
export function describeAgreement({ worlds, verdicts, refusedPolicies, acceptedPolicies, uncomputable, explained, tally, disagreements }: Agreement, seed: number): string {
  const lines = [...tally].map(([name, { allowed, denied }]) => `${name.padEnd(56)}${String(allowed).padStart(9)} allowed${String(denied).padStart(9)} denied`);
  return [
    `seed ${seed}: ${worlds} worlds, ${verdicts} verdicts, ${acceptedPolicies} policies accepted, ${refusedPolicies} refused, ${uncomputable} questions without answer (L7 conflicts), ${disagreements.length} disagreements, ${explained} more explained`,
    ...lines,
  ].join('\n');
}
