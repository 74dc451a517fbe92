/** Flows, rules and causes in words; and the objects that findings are about. */
import type { ObjectRef } from '../../findings/finding.ts';
import type { Cause, Decision, Endpoint, Flow, PolicyReference, RuleReference, Verdict } from '../model.ts';

/** "kube-system/coredns-0", "node worker-a", "203.0.113.10". */
export function endpointText(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'pod': return `${endpoint.namespace}/${endpoint.name}`;
    case 'node': return `node ${endpoint.name}`;
    case 'address': return endpoint.ip;
    case 'fqdn': return endpoint.name;
    case 'apiServer': return 'the API server';
    case 'health': return "Cilium's health endpoint";
    case 'init': return 'a pod without identity yet';
    case 'ingress': return "Cilium's ingress proxy";
    case 'unmanaged': return 'a pod that Cilium does not manage';
  }
}

/** "kube-system/a → kube-system/b 9153/TCP". */
export function flowText({ from, to, protocol, port, icmpType }: Flow): string {
  return `${endpointText(from)} → ${endpointText(to)} ${port === undefined ? `${protocol} ${icmpType ?? 8}` : `${port}/${protocol}`}`;
}

export const policyText = ({ kind, namespace, name }: PolicyReference): string => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** "CiliumNetworkPolicy kube-system/coredns spec.ingress[0]". */
export const ruleText = ({ policy, path }: RuleReference): string => `${policyText(policy)} ${path}`;

/** Why one end is open or closed, in one line. */
export function causeText(cause: Cause): string {
  const list = (rules: readonly RuleReference[]): string => `${rules.slice(0, 3).map(ruleText).join(', ')}${rules.length > 3 ? ` and ${rules.length - 3} more` : ''}`;
  switch (cause.kind) {
    case 'no-policy': return 'no policy selects it';
    case 'no-default-deny': return `policies select it and none turns default deny on: ${list(cause.rules)}`;
    case 'allowed-by': return `allowed by ${list(cause.rules)}`;
    case 'local-host': return 'a node always reaches its own pods';
    case 'denied-by': return `denied by ${list(cause.rules)}`;
    case 'default-deny': return `nothing allows it, and default deny is on by ${list(cause.by)}${cause.why === undefined ? '' : `; ${cause.why}`}`;
    case 'not-enforced': return `not enforced: ${cause.why}`;
  }
}

/** Which end said no, and why. */
export function denialText({ egress, ingress }: Verdict): string {
  const ends = [egress.allowed ? undefined : `at the sender, ${causeText(egress.cause)}`, ingress.allowed ? undefined : `at the receiver, ${causeText(ingress.cause)}`];
  return ends.filter((text) => text !== undefined).join('; ');
}

const apiVersions: Readonly<Record<PolicyReference['kind'], string>> = { CiliumNetworkPolicy: 'cilium.io/v2', CiliumClusterwideNetworkPolicy: 'cilium.io/v2', NetworkPolicy: 'networking.k8s.io/v1' };

/** Where to look first: the rule that decided, or the end of the flow that no rule decided about. */
export function placeOf({ cause }: Decision, end: Endpoint): { readonly object: ObjectRef; readonly path: string } {
  const [rule] = cause.kind === 'default-deny' ? cause.by : 'rules' in cause ? cause.rules : [];
  if (rule) return { object: { apiVersion: apiVersions[rule.policy.kind], ...rule.policy }, path: rule.path };
  if (end.kind === 'pod') return { object: { apiVersion: 'v1', kind: 'Pod', namespace: end.namespace, name: end.name }, path: '' };
  return { object: { apiVersion: 'v1', kind: end.kind === 'node' ? 'Node' : 'Endpoint', name: endpointText(end) }, path: '' };
}
