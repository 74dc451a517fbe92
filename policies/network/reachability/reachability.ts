/**
 * Who reaches whom on which ports, for all ends at once: rows and columns are classes of ends that policies cannot tell
 * apart. Says the same as `Simulator.decide` for every single flow, without causes. A node stands for a node that is not
 * the other end's own; the own node's exception (allow-localhost) is left to `decide`.
 */
import type { CiliumSettings, Endpoint, PolicyObject, PolicyProblem, World } from '../model.ts';
import { Identities } from '../simulator/identities.ts';
import type { NamedPorts, PortMatch } from '../simulator/ports.ts';
import { readPolicies } from '../simulator/read-policies.ts';
import type { Rule } from '../simulator/rule.ts';
import { canBeSubject, classesOf, distinctPeers, endpointsOf, type Class, type Peers } from './classes.ts';
import { matrixEnds } from './ends.ts';
import { difference, everything, intersection, nothing, union, type Span, type Spans } from './spans.ts';

export interface Group {
  /** For people: "shop/web-0 and 11 more", "node n1", "10.0.0.0/8 but not 10.1.0.0/16". */
  readonly label: string;
  readonly members: readonly Endpoint[];
}

export interface Reachability {
  readonly groups: readonly Group[];
  readonly problems: readonly PolicyProblem[];
  /** What members of one group may open to (other) members of another; indexes are those of `groups`. */
  open(from: number, to: number): Spans;
}

export function reachability(world: World, policies: readonly PolicyObject[]): Reachability {
  const { rules, groups: cidrGroups, problems } = readPolicies(policies, world);
  const identities = new Identities(world, cidrGroups);
  const ends = matrixEnds(world, rules, cidrGroups.flatMap((group) => group.prefixes));
  const peers = distinctPeers(rules);
  const classes = classesOf(ends, world, rules, peers, identities);
  const matrix = new Matrix(classes, rules, peers, world.settings ?? {});
  return {
    groups: classes.map((each) => ({ label: labelOf(each), members: endpointsOf(each) })),
    problems,
    open: (from, to) => matrix.open(from, to),
  };
}

/** One row for each way to be selected by rules, not for each class; equal sets of ports are kept once. */
class Matrix {
  readonly #classes: readonly Class[];
  readonly #rules: readonly Rule[];
  readonly #settings: CiliumSettings;
  readonly #matched: ReadonlyMap<Rule, readonly number[]>;
  readonly #spans: Spans[] = [];
  readonly #spansByText = new Map<string, number>();
  readonly #rowsByProfile = new Map<string, Uint32Array>();
  readonly #rows: { readonly egress: Uint32Array; readonly ingress: Uint32Array }[];
  readonly #meets = new Map<number, Spans>();
  /** Classes with the same named ports have the same number. */
  readonly #portsOf: readonly number[];
  readonly #nothing: number;
  readonly #everything: number;

  constructor(classes: readonly Class[], rules: readonly Rule[], peers: Peers, settings: CiliumSettings) {
    this.#classes = classes;
    this.#rules = rules;
    this.#settings = settings;
    this.#matched = matchedClasses(classes, rules, peers);
    this.#nothing = this.#number(nothing);
    this.#everything = this.#number(everything);
    const known = new Map<string, number>();
    this.#portsOf = classes.map(({ peer }) => {
      const text = JSON.stringify([...peer.ports]);
      const number = known.get(text) ?? known.size;
      known.set(text, number);
      return number;
    });
    this.#rows = classes.map((each) => ({ egress: this.#row(each, 'egress'), ingress: this.#row(each, 'ingress') }));
  }

  open(from: number, to: number): Spans {
    const [sender, receiver] = [this.#rows[from], this.#rows[to]];
    if (!sender || !receiver || this.#classes[from]?.end.kind === 'name') return nothing;
    const [out = 0, into = 0] = [sender.egress[to], receiver.ingress[from]];
    if (out === this.#nothing || into === this.#nothing) return nothing;
    if (out === into || into === this.#everything) return this.#spans[out] ?? nothing;
    if (out === this.#everything) return this.#spans[into] ?? nothing;
    const key = out * 2 ** 20 + into;
    const known = this.#meets.get(key);
    if (known) return known;
    const meet = intersection(this.#spans[out] ?? nothing, this.#spans[into] ?? nothing);
    this.#meets.set(key, meet);
    return meet;
  }

  /** For each class as the other end, the number of the spans that are open. */
  #row(subject: Class, direction: 'ingress' | 'egress'): Uint32Array {
    const selected = subject.rules.map((i) => this.#rules[i]).filter((rule): rule is Rule => rule?.direction === direction);
    const isOff = !canBeSubject(subject.end) || this.#settings.enforcement === 'never' || (subject.subject.isLocalHost && !this.#settings.hostFirewall);
    const isAlways = this.#settings.enforcement === 'always' || subject.subject.labels.has('init');
    const ownPorts = direction === 'ingress' && selected.some(hasPortNames) ? JSON.stringify([...subject.subject.ports]) : '';
    const profile = isOff ? 'off' : `${direction} ${isAlways} ${subject.rules.join()} ${ownPorts}`;
    const known = this.#rowsByProfile.get(profile);
    if (known) return known;
    const row = isOff || (selected.length === 0 && !isAlways) ? new Uint32Array(this.#classes.length).fill(this.#everything) : this.#computeRow(subject, direction, selected, isAlways);
    this.#rowsByProfile.set(profile, row);
    return row;
  }

  /** Other ends are sorted by which of the selected rules name them; each sort is evaluated once. */
  #computeRow(subject: Class, direction: 'ingress' | 'egress', selected: readonly Rule[], isAlways: boolean): Uint32Array {
    const { sortOf, rulesOf } = this.#sorted(selected);
    const isClosed = isAlways || selected.some((rule) => rule.hasDefaultDeny);
    // At the sender a port name is the number that each receiver has under it.
    const isByReceiver = direction === 'egress' && selected.some(hasPortNames);
    const evaluated = new Map<number, number>();
    return sortOf.map((sort, j) => {
      const receiver = isByReceiver ? (this.#portsOf[j] ?? 0) : 0;
      const key = receiver * rulesOf.length + sort;
      const known = evaluated.get(key);
      if (known !== undefined) return known;
      const ports = (direction === 'ingress' ? subject.subject : this.#classes[j]?.peer)?.ports ?? new Map<string, never>();
      const number = this.#number(openSpans(rulesOf[sort] ?? [], isClosed, ports));
      evaluated.set(key, number);
      return number;
    });
  }

  /** For each class the number of its sort, for each sort the rules that name it. */
  #sorted(selected: readonly Rule[]): { readonly sortOf: Uint32Array; readonly rulesOf: readonly (readonly Rule[])[] } {
    const sortOf = new Uint32Array(this.#classes.length);
    const rulesOf: (readonly Rule[])[] = [[]];
    for (const rule of selected.filter((each) => each.peers !== 'none')) {
      const refined = new Map<number, number>();
      for (const j of rule.peers === 'any' ? sortOf.keys() : (this.#matched.get(rule) ?? [])) {
        const sort = sortOf[j] ?? 0;
        const finer = refined.get(sort) ?? rulesOf.push([...(rulesOf[sort] ?? []), rule]) - 1;
        refined.set(sort, finer);
        sortOf[j] = finer;
      }
    }
    return { sortOf, rulesOf };
  }

  #number(spans: Spans): number {
    const text = JSON.stringify(spans);
    const known = this.#spansByText.get(text) ?? this.#spans.push(spans) - 1;
    this.#spansByText.set(text, known);
    return known;
  }
}

/** The rule of decide.ts for all ports at once: what is allowed, or everything where nothing closes, without what is denied. */
function openSpans(matching: readonly Rule[], isClosed: boolean, ports: NamedPorts): Spans {
  const spansOf = (verdict: Rule['verdict']) => union(matching.filter((rule) => rule.verdict === verdict).flatMap((rule) => (rule.ports === 'all' ? everything : rule.ports.flatMap((match) => spanOf(match, ports)))));
  return difference(isClosed ? spansOf('allow') : everything, spansOf('deny'));
}

function hasPortNames({ ports }: Rule): boolean {
  return ports !== 'all' && ports.some((port) => 'name' in port);
}

function spanOf(match: PortMatch, ports: NamedPorts): Span[] {
  if (!('name' in match)) return [{ protocol: match.protocol, from: match.from, to: match.to }];
  const named = ports.get(match.name);
  return named?.protocol === match.protocol ? [{ protocol: match.protocol, from: named.port, to: named.port }] : [];
}

/** For each rule with a list of peers, the classes that it names, in order; rules with equal lists share one. */
function matchedClasses(classes: readonly Class[], rules: readonly Rule[], peers: Peers): ReadonlyMap<Rule, readonly number[]> {
  const classesOfPeer: number[][] = peers.list.map(() => []);
  for (const [j, each] of classes.entries()) for (const peer of each.peers) classesOfPeer[peer]?.push(j);
  const byPeers = new Map<string, readonly number[]>();
  const result = new Map<Rule, readonly number[]>();
  for (const rule of rules) {
    if (rule.peers === 'any' || rule.peers === 'none') continue;
    const indexes = rule.peers.map((peer) => peers.indexOf(peer));
    const key = indexes.join();
    const matched = byPeers.get(key) ?? [...new Set(indexes.flatMap((i) => classesOfPeer[i] ?? []))].sort((a, b) => a - b);
    byPeers.set(key, matched);
    result.set(rule, matched);
  }
  return result;
}

function labelOf({ members }: Class): string {
  const [first] = members;
  return `${first?.label ?? ''}${members.length > 1 ? ` and ${members.length - 1} more` : ''}`;
}
