/** What holds for all policies, on generated worlds. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decision, Flow, PolicyObject, World } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { makeFlows } from './oracle/flows.ts';
import { makePolicies, networkPolicy } from './oracle/policies.ts';
import { Chance } from './oracle/random.ts';
import { makeWorld } from './oracle/worlds.ts';
import { ccnp } from './small-world.ts';
import { toCilium } from './translate.ts';

/** The same worlds every time: counts below are about them. */
const runs = { numRuns: 100, seed: 8 };
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const flowsEach = 25;

interface Scene {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  readonly more: readonly PolicyObject[];
  readonly flows: readonly Flow[];
}

/** A world with policies, further policies, flows; all from one seed. */
function scene(seed: number): Scene {
  const chance = new Chance(seed);
  const world = makeWorld(chance);
  const policies = makePolicies(chance);
  const more = makePolicies(chance).map((policy, i) => renamed(policy, `more-${i}`));
  return { world, policies, more, flows: makeFlows(chance, world, flowsEach) };
}

type Entry = Readonly<Record<string, unknown>>;

describe('rules that are added', () => {
  const closed = [ccnp({ ingress: [{}], egress: [{}] }, 'closed'), ccnp({ nodeSelector: {}, ingress: [{}], egress: [{}] }, 'closed-nodes')];

  test('an allow never closes a flow where default deny already holds', () => {
    let opened = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world, policies, more, flows } = scene(seed);
        // A CIDR group is no allow: deny rules may refer to it.
        const allows = more.filter((policy) => (policy as { kind: string }).kind !== 'CiliumCIDRGroup').map((policy) => only(policy, ['ingress', 'egress']));
        const [before, after] = [decisions(world, [...closed, ...policies], flows), decisions(world, [...closed, ...policies, ...allows], flows)];
        for (const [i, decision] of before.entries()) {
          if (decision.allowed) expect(after[i]?.allowed).toBe(true);
          else if (after[i]?.allowed) opened++;
        }
      }),
      runs,
    );
    expect(opened).toBeGreaterThan(30);
  });

  test('the first rule of a direction may', () => {
    const { world, flows } = scene(7);
    const [before, after] = [decisions(world, [], flows), decisions(world, [ccnp({ ingress: [{ fromEntities: ['health'] }] })], flows)];
    expect(before.some((decision, i) => decision.allowed && !after[i]?.allowed)).toBe(true);
  });

  test('a deny with default deny switched off never opens a flow', () => {
    let closedBy = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world, policies, more, flows } = scene(seed);
        // With enforcement "always" the first rule, whatever it says, brings the exception for the own node (cilium#48444).
        const calm = { ...world, settings: { ...world.settings, enforcement: 'default' } as const, pods: world.pods.filter((pod) => pod.labels['init'] === undefined) };
        const inside = flows.filter((flow) => isIn(calm, flow.from) && isIn(calm, flow.to) && flow.to.kind !== 'init');
        const denies = more.map((policy) => withoutDefaultDeny(only(policy, ['ingressDeny', 'egressDeny'])));
        const [before, after] = [decisions(calm, policies, inside), decisions(calm, [...policies, ...denies], inside)];
        for (const [i, decision] of before.entries()) {
          if (!decision.allowed) expect(after[i]?.allowed).toBe(false);
          else if (!after[i]?.allowed) closedBy++;
        }
      }),
      runs,
    );
    expect(closedBy).toBeGreaterThan(20);
  });
});

test('the order of policies does not matter, not even to the cause', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { world, policies, more, flows } = scene(seed);
      const all = [...policies, ...more];
      const shuffled = new Chance(seed + 1).some(all, all.length, all.length);
      expect(decisions(world, shuffled, flows).map(sorted)).toEqual(decisions(world, all, flows).map(sorted));
    }),
    runs,
  );
});

test('a NetworkPolicy and its translation agree', () => {
  let denied = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const chance = new Chance(seed);
      const world = makeWorld(chance);
      const policies = Array.from({ length: 3 }, (_, i) => networkPolicy(chance, `policy-${i}`)).filter((policy) => createSimulator(world, [policy]).problems.every((p) => p.kind !== 'refused'));
      const flows = makeFlows(chance, world, flowsEach);
      const kubernetes = decisions(world, policies, flows);
      expect(decisions(world, policies.map(toCilium), flows).map((d) => d.allowed)).toEqual(kubernetes.map((d) => d.allowed));
      denied += kubernetes.filter((d) => !d.allowed).length;
    }),
    runs,
  );
  expect(denied).toBeGreaterThan(500);
});

function decisions(world: World, policies: readonly PolicyObject[], flows: readonly Flow[]): Decision[] {
  const simulator = createSimulator(world, policies);
  return flows.flatMap((flow) => {
    const { egress, ingress } = simulator.decide(flow);
    return [egress, ingress];
  });
}

function sorted(decision: Decision): unknown {
  const { cause } = decision;
  const list = 'rules' in cause ? cause.rules : 'by' in cause ? cause.by : [];
  return { allowed: decision.allowed, kind: cause.kind, rules: list.map((rule) => JSON.stringify(rule)).sort() };
}

/** The policy with some of its lists only; NetworkPolicies, which only allow, as they are. */
function only(policy: PolicyObject, lists: readonly string[]): PolicyObject & Entry {
  const { kind, spec, ...rest } = policy as { kind: string; spec: Entry };
  if (!kind.startsWith('Cilium') || kind === 'CiliumCIDRGroup') return { kind, spec, ...rest };
  const kept = Object.entries(spec).filter(([key]) => !/^(ingress|egress)/.test(key) || lists.includes(key));
  return { ...rest, kind, spec: Object.fromEntries(kept), specs: undefined };
}

/** Deny rules that close nothing else; other policies become empty and are refused. */
function withoutDefaultDeny(policy: PolicyObject): PolicyObject {
  const { kind, spec, ...rest } = policy as { kind: string; spec: Entry };
  const isCilium = kind === 'CiliumNetworkPolicy' || kind === 'CiliumClusterwideNetworkPolicy';
  return isCilium ? { ...rest, kind, spec: { ...spec, enableDefaultDeny: { ingress: false, egress: false } } } : { kind: 'CiliumCIDRGroup', metadata: { name: 'unused' }, spec: { externalCIDRs: [] } };
}

function renamed(policy: PolicyObject, name: string): PolicyObject {
  const { metadata, ...rest } = policy as { metadata: Entry };
  return { ...rest, metadata: { ...metadata, name } };
}

function isIn(world: World, end: Flow['from']): boolean {
  return end.kind !== 'pod' || world.pods.some((pod) => pod.namespace === end.namespace && pod.name === end.name);
}
