/** Parsed YAML objects → rules, CIDR groups, and what was wrong with them. */
import type { PolicyKind, PolicyObject, PolicyProblem, World } from '../model.ts';
import { parsePrefix, type Prefix } from './addresses.ts';
import { ciliumRules } from './cilium-rules.ts';
import { cidrGroupShape } from './cilium-shape.ts';
import type { AddressGroup } from './identities.ts';
import { kubernetesRules } from './kubernetes-rules.ts';
import { Problems, readShape } from './problems.ts';
import type { Rule } from './rule.ts';

export interface ReadPolicies {
  readonly rules: readonly Rule[];
  readonly groups: readonly AddressGroup[];
  readonly problems: readonly PolicyProblem[];
}

export function readPolicies(policies: readonly PolicyObject[], world: World): ReadPolicies {
  const { settings = {} } = world;
  const context = {
    clusterName: world.clusterName ?? 'default',
    services: world.services,
    honoursEnableDefaultDeny: settings.nonDefaultDenyPolicies ?? true,
    hasNodeSelectorLabels: settings.nodeSelectorLabels ?? false,
  };
  const rules: Rule[] = [];
  const groups: AddressGroup[] = [];
  const found: PolicyProblem[] = [];
  for (const [i, object] of policies.entries()) {
    const { kind, label } = describe(object, i);
    const problems = new Problems(label);
    if (kind === 'NetworkPolicy') rules.push(...kubernetesRules(object, context, problems));
    else if (kind === 'CiliumNetworkPolicy' || kind === 'CiliumClusterwideNetworkPolicy') rules.push(...ciliumRules(object, kind satisfies PolicyKind, context, problems));
    else if (kind === 'CiliumCIDRGroup') groups.push(...cidrGroup(object, problems));
    else problems.add('refused', 'kind', `"${kind}" is none of NetworkPolicy, CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, CiliumCIDRGroup`);
    found.push(...problems.found);
  }
  return { rules, groups, problems: found };
}

function describe(object: PolicyObject, index: number): { kind: string; label: string } {
  const { kind, metadata } = (object ?? {}) as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  const [kindText, name, namespace] = [kind, metadata?.name, metadata?.namespace].map((part) => (typeof part === 'string' ? part : undefined));
  return { kind: kindText ?? '', label: `${kindText ?? 'object'} ${name === undefined ? `#${index + 1}` : namespace === undefined ? name : `${namespace}/${name}`}` };
}

function cidrGroup(object: PolicyObject, problems: Problems): AddressGroup[] {
  const group = readShape(cidrGroupShape, object, problems);
  if (!group) return [];
  const labels = Object.fromEntries(Object.entries(group.metadata.labels ?? {}).filter(([key]) => !key.startsWith('io.cilium.k8s')));
  return [{ name: group.metadata.name, labels, prefixes: group.spec.externalCIDRs.map(parsePrefix).filter((p): p is Prefix => p !== undefined) }];
}
