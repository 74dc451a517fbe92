/**
 * Labels of identities, and requirements on them. An identity has at most one label per key; each label knows its source:
 * k8s (pods, namespaces), reserved (host, world, …), node. A requirement asks for one source or for "any".
 * Follows pkg/labels and pkg/policy/types/requirements.go of Cilium 1.20.
 */
import type { Labels } from '../model.ts';

export interface SourcedLabel {
  readonly source: string;
  readonly value: string;
}

/** By key. */
export type IdentityLabels = ReadonlyMap<string, SourcedLabel>;

export type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

export interface Requirement {
  readonly source: string;
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** metav1.LabelSelector as written. */
export interface LabelSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[] | undefined;
}

/** Labels that Cilium adds to pods (pkg/k8s/apis/cilium.io/const.go). */
export const podNamespace = 'io.kubernetes.pod.namespace';
export const namespaceLabels = 'io.cilium.k8s.namespace.labels';
export const clusterLabel = 'io.cilium.k8s.policy.cluster';
export const serviceAccountLabel = 'io.cilium.k8s.policy.serviceaccount';

export function matchesRequirement({ source, key, operator, values }: Requirement, labels: IdentityLabels): boolean {
  const found = labels.get(key);
  const label = found && (source === 'any' || source === found.source) ? found : undefined;
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label.value);
    case 'NotIn':
      return label === undefined || !values.includes(label.value);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
  }
}

export function matchesAll(requirements: readonly Requirement[], labels: IdentityLabels): boolean {
  return requirements.every((requirement) => matchesRequirement(requirement, labels));
}

/**
 * A selector as requirements. Keys may name their source ("k8s:app", "reserved:host"); others get `source`.
 * @param source "any" in Cilium's policies, "k8s" in NetworkPolicies, "cidrgroup" for groups
 */
export function requirementsOf(selector: LabelSelector, source: string): Requirement[] {
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({ ...splitKey(key, source), operator: 'In', values: [value] }));
  const expressions = (selector.matchExpressions ?? []).map((e): Requirement => ({ ...splitKey(e.key, source), operator: e.operator as Operator, values: e.values ?? [] }));
  return [...labels, ...expressions];
}

export function exists(source: string, key: string): Requirement {
  return { source, key, operator: 'Exists', values: [] };
}

export function equals(source: string, key: string, value: string): Requirement {
  return { source, key, operator: 'In', values: [value] };
}

/** A requirement on a pod's own labels or on what Cilium adds to them, under a key that starts so. */
export function isOnPodLabel(requirement: Requirement, key: string): boolean {
  return (requirement.source === 'k8s' || requirement.source === 'any') && requirement.key === key;
}

/** "k8s:app=web,reserved:host": one text for equal requirements, in whatever order they were written. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return requirements.map(({ source, key, operator, values }) => `${source}:${key} ${operator} ${[...values].sort().join('|')}`).sort().join(', ');
}

function splitKey(key: string, source: string): { source: string; key: string } {
  const colon = key.indexOf(':');
  return colon < 0 ? { source, key } : { source: key.slice(0, colon), key: key.slice(colon + 1) };
}
