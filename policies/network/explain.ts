/** The decision path of one flow: both ends, the rules by name with their reasons, and what is left open. */
import { NetworkError } from './errors.ts';
import type { Catalogue } from './contracts/catalogue.ts';
import { podEndpoint, podsOf } from './check/questions.ts';
import { causeText, endpointText, flowText, ruleText } from './check/words.ts';
import type { Cause, Decision, Endpoint, Flow, RuleReference, Simulator, Transport, Verdict } from './model.ts';

export interface Explanation {
  readonly flow: Flow;
  readonly verdict: Verdict;
}

/**
 * An end as people name it: a component of the catalogue, `namespace/pod` (or the beginning of a pod's name),
 * `node/NAME`, an IPv4 address, `apiserver`, `health`, or a DNS name.
 * @throws {NetworkError} NETWORK_UNKNOWN_ENDPOINT with what there is
 */
export function endpointNamed(text: string, catalogue: Catalogue, { world }: Simulator): Endpoint {
  const contract = catalogue.contracts.find(({ component }) => component === text);
  if (contract) {
    if (contract.pods.hostNetwork) {
      const node = world.nodes.find(({ isControlPlane }) => contract.pods.where !== 'controlPlane' || isControlPlane);
      if (node) return { kind: 'node', name: node.name };
    }
    const [pod] = podsOf(contract, world);
    if (!pod) throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', `${text} is a component, and none of its pods is among the manifests; name a pod as namespace/name`);
    return podEndpoint(pod);
  }
  if (text === 'apiserver') return { kind: 'apiServer' };
  if (text === 'health') return { kind: 'health' };
  if (/^\d+(\.\d+){3}$/.test(text) || text.includes(':')) return { kind: 'address', ip: text };
  const [first = '', name] = text.split('/');
  if (name === undefined) {
    if (text.includes('.')) return { kind: 'fqdn', name: text };
    throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', `${text} is neither a component (${catalogue.contracts.map(({ component }) => component).join(', ')}) nor namespace/pod, node/NAME, an address, apiserver, health or a DNS name`);
  }
  if (first === 'node') return { kind: 'node', name };
  const pods = world.pods.filter(({ namespace }) => namespace === first);
  const pod = pods.find((one) => one.name === name) ?? pods.find((one) => one.name.startsWith(name));
  if (!pod) throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', `no pod ${text}: ${pods.length > 0 ? `namespace ${first} has ${pods.map((one) => one.name).join(', ')}` : `no pods in namespace ${first}; there are ${[...new Set(world.pods.map(({ namespace }) => namespace))].join(', ')}`}`);
  return podEndpoint(pod);
}

/** "8080", "53/UDP", "icmp", "icmp/8". @throws {NetworkError} NETWORK_BAD_FLOW */
export function portNamed(text: string): { readonly protocol: Transport; readonly port?: number; readonly icmpType?: number } {
  const icmp = /^icmp(?:\/(\d+))?$/i.exec(text);
  if (icmp) return { protocol: 'ICMP', icmpType: Number(icmp[1] ?? 8) };
  const [, port, protocol = 'TCP'] = /^(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  if (port === undefined) throw new NetworkError('NETWORK_BAD_FLOW', `${text} is no port: write 8080, 53/UDP or icmp; Services have ports of their own, policies see the pods'`);
  return { protocol: protocol.toUpperCase() as Transport, port: Number(port) };
}

export function explain(flow: Flow, simulator: Simulator): Explanation {
  return { flow, verdict: simulator.decide(flow) };
}

export function explanationText({ flow, verdict }: Explanation): string {
  return [
    `${verdict.allowed ? 'ALLOWED' : 'DENIED'}  ${flowText(flow)}`, '',
    ...endLines('at the sender, egress of', endpointText(flow.from), verdict.egress),
    ...endLines('at the receiver, ingress of', endpointText(flow.to), verdict.ingress),
    ...(verdict.undecided ?? []).map((text) => `not decided here: ${text}`),
  ].join('\n').trimEnd() + '\n';
}

function endLines(which: string, who: string, { allowed, cause }: Decision): readonly string[] {
  return [`${which} ${who}: ${allowed ? 'open' : 'closed'}`, `  ${headOf(cause)}`, ...rulesOf(cause).flatMap((rule) => [`  - ${ruleText(rule)}`, ...reasonLines(rule)]), ''];
}

function headOf(cause: Cause): string {
  switch (cause.kind) {
    case 'allowed-by': return 'allowed by';
    case 'denied-by': return 'denied by';
    case 'default-deny': return `nothing allows it; default deny is on by${cause.why === undefined ? '' : ` (${cause.why})`}`;
    case 'no-default-deny': return 'selected, and none of these turns default deny on:';
    default: return causeText(cause);
  }
}

function rulesOf(cause: Cause): readonly RuleReference[] {
  return cause.kind === 'default-deny' ? cause.by : 'rules' in cause ? cause.rules : [];
}

/** Generated policies say the reason of each rule in their description, by its place. */
function reasonLines({ path, description }: RuleReference): readonly string[] {
  if (description === undefined) return [];
  const place = path.split('.').at(-1) ?? '';
  const line = description.split('\n').find((text) => text.startsWith(`${place} `));
  return [`    ${line === undefined ? description.split('\n')[0] : line.slice(place.length + 1)}`];
}
