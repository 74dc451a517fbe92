/** Selectors that find nobody: pods on the host network, labels that Cilium drops, labels of namespaces among those of pods, typing errors. */
import type { Finding } from '../../findings/finding.ts';
import { policyText } from '../check/words.ts';
import { labelFilter } from '../simulator/label-filter.ts';
import { clusterLabel, namespaceLabels, podNamespace, type Requirement, serviceAccountLabel } from '../simulator/labels.ts';
import type { Rule } from '../simulator/rule.ts';
import { about, type LintContext } from './context.ts';

/** One finding per selector: a policy's subject stands in each of its rules. */
export function deadSelectors(context: LintContext): readonly Finding[] {
  const seen = new Set<string>();
  const subjects = context.rules.filter((rule) => {
    const key = `${policyText(rule.reference.policy)} ${JSON.stringify(rule.subject)}`;
    if (rule.isAboutNodes || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return [
    ...subjects.flatMap((rule) => judge(rule, rule.subject, 'subject', context)),
    ...context.rules.flatMap((rule) => (typeof rule.peers === 'string' ? [] : rule.peers.flatMap((peer) => (peer.kind === 'labels' ? judge(rule, peer.requirements, 'peer', context) : [])))),
  ];
}

function judge(rule: Rule, requirements: readonly Requirement[], role: 'subject' | 'peer', context: LintContext): readonly Finding[] {
  if (requirements.some(({ source }) => source === 'reserved' || source === 'node' || source === 'cidrgroup')) return [];
  // Only namespace and cluster: everybody of a namespace, which may well be empty today.
  const own = requirements.filter(({ key }) => ![podNamespace, clusterLabel].includes(key));
  if (own.length === 0) return [];
  if (context.podsWith(requirements).length > 0 || context.isKnown(requirements)) return [];
  const what = role === 'subject' ? 'the policy selects' : `${rule.direction === 'ingress' ? 'the sender' : 'the receiver'} is selected by`;
  const finding = (name: string, severity: Finding['severity'], message: string, fix: string): readonly Finding[] => [about(context, rule, '', { rule: name, severity, message: `${what} ${textOf(own)}: ${message}`, fix })];

  const [onHost] = context.hostPodsWith(requirements);
  if (onHost) {
    return finding('host-network', 'error', `only pods on the host network have these labels (${onHost.namespace}/${onHost.name}); they have the identity of their node, so no selector of pods ever finds them`,
      role === 'subject' ? 'write a CiliumClusterwideNetworkPolicy with a nodeSelector' : 'name the entities host and remote-node');
  }
  const dropped = own.find(({ key }) => !isKept(key, context));
  if (dropped?.key.startsWith('kubernetes.io/metadata.name')) {
    return finding('namespace-label', 'error', `${dropped.key} is a label of namespaces, not of pods`, `write k8s:${podNamespace}, or k8s:${namespaceLabels}.${dropped.key}`);
  }
  if (dropped) return finding('filtered-label', 'error', `Cilium leaves the label ${dropped.key} out of identities, so nothing is ever selected by it`, 'select by another label, or add it to the setting `labels` of the agents');
  if (own.every(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist')) return [];
  return finding('dead-selector', 'warning', `no pod among the manifests has these labels${near(own, context)}`, 'correct the labels, or leave the rule out until the pods exist');
}

function isKept(key: string, { simulator }: LintContext): boolean {
  return [serviceAccountLabel, podNamespace, clusterLabel].includes(key) || key.startsWith(`${namespaceLabels}.`) || labelFilter(simulator.world.settings?.identityLabels)(key, 'k8s');
}

const textOf = (requirements: readonly Requirement[]): string =>
  requirements.map(({ key, operator, values }) => (operator === 'In' ? `${key}=${values.join('|')}` : `${key} ${operator} ${values.join('|')}`.trim())).join(', ');

/** In another namespace the selector would find somebody: the usual reason. */
function near(own: readonly Requirement[], { podsWith }: LintContext): string {
  const [elsewhere] = podsWith(own);
  return elsewhere ? `; ${elsewhere.namespace}/${elsewhere.name} has, in another namespace: a selector means the policy's own namespace unless it names k8s:${podNamespace}` : '';
}
