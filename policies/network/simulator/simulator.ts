/** Answers whether a flow is open, and why, at both of its ends. */
import type { CiliumSettings, Decision, Flow, PolicyObject, PolicyProblem, Simulator, Verdict, World } from '../model.ts';
import { NetworkError } from '../errors.ts';
import { ByNamespace } from './by-namespace.ts';
import { decideDirection, notEnforced } from './decide.ts';
import { Identities, type End } from './identities.ts';
import type { Identity } from './identity.ts';
import { selectsSubject } from './matching.ts';
import { readPolicies } from './read-policies.ts';
import type { Rule } from './rule.ts';
import { openQuestions } from './undecided.ts';

/** Reads the policies once; verdicts are computed when asked for. @param policies the three kinds and CiliumCIDRGroups, as parsed YAML */
export function createSimulator(world: World, policies: readonly PolicyObject[]): Simulator {
  const { rules, groups, problems } = readPolicies(policies, world);
  return new PolicySimulator(world, rules, new Identities(world, groups), problems);
}

class PolicySimulator implements Simulator {
  readonly world: World;
  readonly problems: readonly PolicyProblem[];
  readonly #rules: readonly Rule[];
  readonly #byNamespace: ByNamespace;
  readonly #identities: Identities;
  readonly #settings: CiliumSettings;
  readonly #selected = new Map<Identity, readonly Rule[]>();

  constructor(world: World, rules: readonly Rule[], identities: Identities, problems: readonly PolicyProblem[]) {
    this.world = world;
    this.problems = problems;
    this.#rules = rules;
    this.#byNamespace = new ByNamespace(rules, (i) => rules[i]?.namespace);
    this.#identities = identities;
    this.#settings = world.settings ?? {};
  }

  decide(flow: Flow): Verdict {
    checkFlow(flow);
    const from = this.#identities.find(flow.from);
    const to = this.#identities.find(flow.to);
    if (from.kind === 'name') throw new NetworkError('NETWORK_BAD_FLOW', `${from.name} is a DNS name: a flow can go to one, not come from one`);
    const port = flow.port ?? flow.icmpType ?? (flow.protocol === 'ICMPv6' ? 128 : 8);
    if (isSame(from, to)) {
      const inside = notEnforced('it never leaves its own network namespace');
      return { allowed: true, egress: inside, ingress: inside };
    }
    const egress = this.#decide('egress', from, to, flow, port);
    const ingress = this.#decide('ingress', to, from, flow, port);
    const undecided = [
      ...openQuestions({ rules: this.#rulesFor(from), direction: 'egress', subject: from, peer: to, decision: egress, protocol: flow.protocol, port }),
      ...openQuestions({ rules: this.#rulesFor(to), direction: 'ingress', subject: to, peer: from, decision: ingress, protocol: flow.protocol, port }),
    ];
    return { allowed: egress.allowed && ingress.allowed, egress, ingress, ...(undecided.length > 0 ? { undecided } : {}) };
  }

  #decide(direction: 'ingress' | 'egress', subject: End, peer: End, { protocol }: Flow, port: number): Decision {
    if (subject.kind === 'outside' || subject.kind === 'name') return notEnforced('it is outside the cluster');
    if (subject.kind === 'reserved' && subject.name === 'unmanaged') return notEnforced('the pod is not managed by Cilium');
    if (subject.kind === 'node' && !subject.node) return notEnforced('it is in the network of a node that is not known');
    return decideDirection(
      {
        rules: this.#rulesFor(subject).filter((rule) => rule.direction === direction),
        direction,
        subject: this.#identities.subject(subject),
        peer: this.#identities.peer(peer, this.#identities.nodeOf(subject)),
        protocol,
        port,
      },
      this.#settings,
    );
  }

  #rulesFor(end: End): readonly Rule[] {
    const identity = this.#identities.subject(end);
    const known = this.#selected.get(identity);
    if (known) return known;
    const selected = this.#byNamespace.near(identity).map((i) => this.#rules[i]).filter((rule): rule is Rule => rule !== undefined && selectsSubject(rule, identity));
    this.#selected.set(identity, selected);
    return selected;
  }
}

/** @throws NetworkError NETWORK_BAD_FLOW */
function checkFlow({ protocol, port, icmpType }: Flow): void {
  const isIcmp = protocol === 'ICMP' || protocol === 'ICMPv6';
  const bad = (what: string) => new NetworkError('NETWORK_BAD_FLOW', what);
  if (isIcmp && port !== undefined) throw bad(`${protocol} has no ports: give icmpType`);
  if (!isIcmp && (port === undefined || !Number.isInteger(port) || port < 1 || port > 65535)) throw bad(`a flow over ${protocol} needs a port from 1 to 65535, not ${port ?? 'none'}`);
  if (icmpType !== undefined && (!isIcmp || !Number.isInteger(icmpType) || icmpType < 0 || icmpType > 255)) throw bad(`icmpType ${icmpType} does not fit ${protocol}`);
}

function isSame(a: End, b: End): boolean {
  if (a.kind === 'pod' && b.kind === 'pod') return a.pod === b.pod;
  return a.kind === 'node' && b.kind === 'node' && a.node !== undefined && a.node === b.node;
}
