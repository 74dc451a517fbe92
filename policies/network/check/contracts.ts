/** Contracts against policies: what is required is open, what is forbidden is closed. */
import type { Prohibition } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { componentNamed, type ContractFlow, flowsOf, partyText, portsOf, portText } from '../flows.ts';
import type { Decision, Endpoint, Flow, Simulator, Verdict, World } from '../model.ts';
import type { Finding } from '../../findings/finding.ts';
import { causeText, denialText, flowText, placeOf } from './words.ts';
import { addressIn, anAddressOutside, flowsTo, podEndpoint, podsOf, questionsFor } from './questions.ts';

/** Needed flows that are denied: one finding per flow of the catalogue, with the first question that was answered with no. */
export function* brokenContracts(catalogue: Catalogue, simulator: Simulator): Generator<Finding> {
  for (const flow of flowsOf(catalogue)) if (flow.need !== 'allowed') yield* brokenFlow(flow, simulator);
}

function brokenFlow(flow: ContractFlow, simulator: Simulator): readonly Finding[] {
  for (const { flow: question, ends } of questionsFor(flow, simulator.world)) {
    const verdict = simulator.decide(question);
    const isOpen = ends === 'receiver' ? verdict.ingress.allowed : verdict.allowed;
    if (isOpen || (flow.need === 'ifNamed' && isUnnamed(verdict.ingress))) continue;
    const asked: Verdict = ends === 'receiver' ? { ...verdict, egress: { ...verdict.egress, allowed: true } } : verdict;
    return [{
      rule: 'network/required-flow-denied',
      severity: 'error',
      ...(asked.egress.allowed ? placeOf(asked.ingress, question.to) : placeOf(asked.egress, question.from)),
      message: `${partyText(flow.from)} must reach ${partyText(flow.to)} on ${flow.ports.map(portText).join(', ')} (${flow.reason}), and ${flowText(question)} is denied ${denialText(asked)}`,
      fix: 'allow it at each end that denies it, or take the flow out of the contract if nobody needs it',
    }];
  }
  return [];
}

/** A NetworkPolicy alone closes it: the kind knows the API server and nodes by address only. */
const isUnnamed = ({ cause }: Decision): boolean => cause.kind === 'default-deny' && cause.by.every(({ policy }) => policy.kind === 'NetworkPolicy');

/** Forbidden flows that are open: one finding per prohibition. */
export function brokenProhibitions(catalogue: Catalogue, simulator: Simulator): readonly Finding[] {
  return catalogue.prohibitions.flatMap((prohibition) => {
    const open = forbidden(prohibition, catalogue, simulator.world).find((flow) => simulator.decide(flow).allowed);
    if (!open) return [];
    const verdict = simulator.decide(open);
    return [{
      rule: 'network/forbidden-flow-open', severity: 'error', ...placeOf(verdict.egress, open.from),
      message: `${prohibition.name} is forbidden (${prohibition.reason}), and ${flowText(open)} is open: at the sender ${causeText(verdict.egress.cause)}, at the receiver ${causeText(verdict.ingress.cause)}`,
      fix: 'deny it with a CiliumClusterwideNetworkPolicy of deny rules and enableDefaultDeny off, as keelson policy network generate writes it',
    }];
  });
}

function forbidden({ from, to }: Prohibition, catalogue: Catalogue, world: World): readonly Flow[] {
  const callers = from === 'outside' ? [outsideEndpoint] : world.pods.filter(({ namespace, hostNetwork }) => !hostNetwork && (from === 'anyPod' || !catalogue.managedNamespaces.includes(namespace))).map(podEndpoint);
  if (to.kind === 'cidrs') return callers.flatMap((caller) => to.cidrs.flatMap((cidr) => flowsTo(caller, { kind: 'address', ip: addressIn(cidr) }, { protocol: 'TCP', port: 80 })));
  const contract = componentNamed(catalogue, to.component, 'a prohibition');
  const ports = portsOf(contract, to.listener);
  const callees = contract.pods.hostNetwork ? world.nodes.filter(({ isControlPlane }) => contract.pods.where !== 'controlPlane' || isControlPlane).map(({ name }): Endpoint => ({ kind: 'node', name })) : podsOf(contract, world).map(podEndpoint);
  return callers.flatMap((caller) => callees.flatMap((callee) => ports.flatMap((port) => flowsTo(caller, callee, port))));
}

const outsideEndpoint: Endpoint = { kind: 'address', ip: anAddressOutside };
