/** What the last round of DNS means, as a pure function: one server of several, or the whole way to names. */
import type { DnsResult, DnsRole } from '../catalogue.ts';
import { finding, type Finding } from './finding.ts';

export interface DnsView {
  readonly name: string;
  readonly role: DnsRole;
  /** Where it runs, if that is known: a node that does not answer explains a server that does not. */
  readonly node?: string | undefined;
  readonly zone?: string | undefined;
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly proto: 'udp' | 'tcp';
  readonly result: DnsResult;
  /** Undefined where nothing came. */
  readonly seconds: number | undefined;
}

interface State {
  readonly detail: 'silent' | 'errors' | 'slow';
  /** The one protocol that is bad; undefined where all are. */
  readonly onlyOver: 'udp' | 'tcp' | undefined;
}

/** @param isExplained whether the mesh says of a node or zone that it does not answer */
export function dnsFindings(servers: readonly DnsView[], options: { readonly slowSeconds: number; readonly isExplained: (place: Pick<DnsView, 'node' | 'zone'>) => boolean }): readonly Finding[] {
  const states = servers.map((server) => ({ server, state: stateOf(server.answers, options.slowSeconds) }));
  const bad = states.flatMap(({ server, state }) => (state === undefined ? [] : [{ server, state }]));
  if (bad.length === 0) return [];
  const paths = states.filter(({ server }) => server.role === 'service');
  const pods = states.filter(({ server }) => server.role === 'pod');
  const isAnyGood = bad.length < states.length;
  const [first] = [...bad].sort((a, b) => order(a.server.role) - order(b.server.role));
  if (!isAnyGood) return first ? [pathBad(first.server, first.state)] : [];
  const badPods = pods.filter(({ state }) => state !== undefined).length;
  return bad.flatMap(({ server, state }) => {
    if (options.isExplained(server)) return [];
    if (server.role !== 'service') return [finding('dns_server_bad', server.name, state.detail)];
    // A Service hands queries to any of its pods: some bad ones explain what is seen through it.
    if (badPods > 0 && badPods < pods.length) return [];
    const isOneOfSeveral = pods.length === 0 && paths.some((path) => path.state === undefined);
    return [isOneOfSeveral ? finding('dns_server_bad', server.name, state.detail) : pathBad(server, state)];
  });
}

/** The protocol, where the other one is well, says more than what is wrong with it. */
const pathBad = ({ name }: DnsView, { detail, onlyOver }: State): Finding => finding('dns_path_bad', name, onlyOver ?? detail);

const order = (role: DnsRole): number => ['service', 'node_local', 'pod'].indexOf(role);

/** Undefined for a server that is well. */
function stateOf(answers: readonly Answer[], slowSeconds: number): State | undefined {
  const states = (['udp', 'tcp'] as const).flatMap((proto) => {
    const own = answers.filter((answer) => answer.proto === proto);
    return own.length === 0 ? [] : [{ proto, detail: stateOfProtocol(own, slowSeconds) }];
  });
  const bad = states.filter(({ detail }) => detail !== undefined);
  const detail = (['errors', 'silent', 'slow'] as const).find((one) => bad.some((state) => state.detail === one));
  return detail && { detail, onlyOver: bad.length < states.length ? bad[0]?.proto : undefined };
}

const isSilence = (result: DnsResult): boolean => result === 'TIMEOUT' || result === 'UNREACHABLE';

/** One lost query of several is no fault of the server; an answer that is wrong is. */
function stateOfProtocol(answers: readonly Answer[], slowSeconds: number): 'silent' | 'errors' | 'slow' | undefined {
  if (answers.every(({ result }) => isSilence(result))) return 'silent';
  if (answers.some(({ result }) => result !== 'NOERROR' && !isSilence(result))) return 'errors';
  const fastest = Math.min(...answers.flatMap(({ seconds }) => seconds ?? []));
  return fastest > slowSeconds ? 'slow' : undefined;
}
