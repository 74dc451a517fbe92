/**
 * Open doors that no contract knows. One finding per listener with everybody who should not get through, one per
 * component that gets out of the cluster.
 */
import type { Contract, Port } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { type ContractFlow, flowsOf, portText } from '../flows.ts';
import type { Endpoint, Flow, Simulator } from '../model.ts';
import type { Finding } from '../../findings/finding.ts';
import { causeText, flowText, placeOf } from './words.ts';
import { anAddressOutside, flowsTo, podEndpoint, podsOf } from './questions.ts';

interface Caller {
  readonly who: string;
  /** undefined: tenants, and what is outside. */
  readonly contract: Contract | undefined;
  readonly endpoint: Endpoint;
}
interface Door {
  readonly contract: Contract;
  readonly name: string;
  readonly port: Port;
  readonly endpoint: Endpoint;
}

const outside: Caller = { who: 'addresses outside', contract: undefined, endpoint: { kind: 'address', ip: anAddressOutside } };
/** No contract uses it. */
const strangePort = 4444;

export interface LeakOptions {
  /** Whether a component's pods are real, not stand-ins: what protects others is not this bundle's business. */
  readonly isThere?: (contract: Contract) => boolean;
  /** The answers of `simulator.decide` without causes, where somebody has them all at hand. */
  readonly isAllowed?: (flow: Flow) => boolean;
}

export function leaks(catalogue: Catalogue, simulator: Simulator, { isThere = () => true, isAllowed = (flow) => simulator.decide(flow).allowed }: LeakOptions = {}): readonly Finding[] {
  const { world } = simulator;
  const known = knownCallers(flowsOf(catalogue));
  const inside = catalogue.contracts.filter((contract) => !contract.pods.hostNetwork && isThere(contract)).flatMap((contract) => podsOf(contract, world).slice(0, 1).map((pod): Caller & { contract: Contract } => ({ who: contract.component, contract, endpoint: podEndpoint(pod) })));
  const tenant = world.pods.find(({ namespace, hostNetwork }) => !hostNetwork && !catalogue.managedNamespaces.includes(namespace));
  const callers: readonly Caller[] = [...inside, ...(tenant ? [{ who: 'tenants', contract: undefined, endpoint: podEndpoint(tenant) }] : []), outside];
  const onNodes = catalogue.contracts.filter(({ pods }) => pods.hostNetwork).flatMap((contract) =>
    world.nodes.filter(({ isControlPlane }) => isControlPlane === (contract.pods.where === 'controlPlane')).slice(0, 1).map(({ name }): { contract: Contract; endpoint: Endpoint } => ({ contract, endpoint: { kind: 'node', name } })));
  return [
    ...[...inside, ...onNodes].flatMap(({ contract, endpoint }) => doorsOf(contract, endpoint)).flatMap((door) => openDoor(door, callers, known, { simulator, isAllowed })),
    ...inside.flatMap(({ contract, endpoint }) => wayOut(contract.component, endpoint, simulator)),
  ];
}

/** Namespaces of tenants that should be closed until a tenant opens them: nobody else's pods and nothing outside gets in, and nothing gets out. */
export function tenantLeaks(tenants: readonly string[], simulator: Simulator): readonly Finding[] {
  const podOf = (namespace: string): Endpoint | undefined => simulator.world.pods.filter((pod) => pod.namespace === namespace && !pod.hostNetwork).map(podEndpoint)[0];
  return tenants.flatMap((tenant) => {
    const endpoint = podOf(tenant);
    if (!endpoint) return [];
    const others = simulator.world.namespaces.map(({ name }) => name).filter((name) => name !== tenant).flatMap((name): Caller[] => {
      const other = podOf(name);
      return other ? [{ who: name, contract: undefined, endpoint: other }] : [];
    });
    const way = [...others, outside].map((caller) => ({ caller, flow: { from: caller.endpoint, to: endpoint, protocol: 'TCP', port: strangePort } satisfies Flow })).find(({ flow }) => simulator.decide(flow).ingress.allowed);
    const intoIt: Finding[] = way ? [{ rule: 'network/tenant-open', severity: 'error', ...placeOf(simulator.decide(way.flow).ingress, way.flow.to), message: `namespace ${tenant} is open to ${way.caller.who}: ${flowText(way.flow)} ${causeText(simulator.decide(way.flow).ingress.cause)}`, fix: 'give the namespace the defaults of tenants, and name the callers in a policy of its own' }] : [];
    return [...intoIt, ...wayOut(`namespace ${tenant}`, endpoint, simulator)];
  });
}

function doorsOf(contract: Contract, endpoint: Endpoint): readonly Door[] {
  return Object.entries(contract.listens).flatMap(([name, { ports }]) => ports.map((port) => ({ contract, name, port, endpoint })));
}

interface Answers {
  readonly simulator: Simulator;
  readonly isAllowed: (flow: Flow) => boolean;
}

function openDoor({ contract, name, port, endpoint }: Door, callers: readonly Caller[], known: Known, { simulator, isAllowed }: Answers): readonly Finding[] {
  const expected = known.get(doorKey(contract, port));
  const open = callers.flatMap((caller) => {
    if (caller.contract === contract || isKnown(expected, caller)) return [];
    return flowsTo(caller.endpoint, endpoint, port).filter((flow) => isAllowed(flow) && isOpen(flow, simulator)).slice(0, 1).map((flow) => ({ who: caller.who, flow }));
  });
  const [first] = open;
  if (!first) return [];
  return [{
    rule: 'network/unexpected-flow-open', severity: 'error', ...placeOf(simulator.decide(first.flow).ingress, first.flow.to),
    message: `${contract.component} listens on ${portText(port)} (${name}), which no contract opens to ${open.map(({ who }) => who).join(', ')}, and it is open: ${flowText(first.flow)} ${causeText(simulator.decide(first.flow).ingress.cause)}`,
    fix: 'narrow the rule that allows it, turn default deny on for these pods, or state the flow in a contract',
  }];
}

/** Nodes are open while host policies are in audit mode or off: only what a rule opens counts there. */
function isOpen(flow: Flow, simulator: Simulator): boolean {
  const { allowed, ingress } = simulator.decide(flow);
  return allowed && (flow.to.kind !== 'node' || ingress.cause.kind === 'allowed-by') && !isAudited(flow, simulator);
}

/** In audit mode rules allow, but nothing would be dropped without them. */
function isAudited({ from, to }: Flow, simulator: Simulator): boolean {
  return to.kind === 'node' && simulator.decide({ from, to, protocol: 'TCP', port: strangePort }).ingress.cause.kind === 'no-default-deny';
}

/** Who may call which port by contract: the component, "anyPod" or "cidrs". */
type Known = ReadonlyMap<string, ReadonlySet<string>>;

const doorKey = (callee: Contract, port: Port): string => `${callee.component} ${portText(port)}`;

function knownCallers(flows: readonly ContractFlow[]): Known {
  const known = new Map<string, Set<string>>();
  for (const { from, to, ports } of flows) {
    if (to.kind !== 'component') continue;
    for (const port of ports) {
      const key = doorKey(to.contract, port);
      const callers = known.get(key) ?? new Set();
      callers.add(from.kind === 'component' ? `component ${from.contract.component}` : from.kind);
      known.set(key, callers);
    }
  }
  return known;
}

function isKnown(callers: ReadonlySet<string> | undefined, { who, contract }: Caller): boolean {
  if (!callers) return false;
  if (contract && callers.has(`component ${contract.component}`)) return true;
  return callers.has(who === outside.who ? 'cidrs' : 'anyPod');
}

function wayOut(who: string, endpoint: Endpoint, simulator: Simulator): readonly Finding[] {
  const flow: Flow = { from: endpoint, to: outside.endpoint, protocol: 'TCP', port: strangePort };
  const { egress } = simulator.decide(flow);
  if (!egress.allowed) return [];
  return [{
    rule: 'network/unexpected-flow-open', severity: 'error', ...placeOf(egress, flow.from),
    message: `${who} reaches any address outside, and no contract asks for it: ${flowText(flow)} ${causeText(egress.cause)}`,
    fix: 'turn default deny on for its egress, or state the flow in its contract',
  }];
}
