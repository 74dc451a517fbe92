/** AccessBinding: a role for people, groups and service accounts in workload clusters of an organization; in ones that come later too. */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta, type StatusCondition } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { rules } from './openapi.ts';
import { clusterField, clusterWide, namespaces, reachRules, role } from './workload-rights.ts';

const subject = z
  .object({
    kind: z.enum(['User', 'Group', 'ServiceAccount']).describe('User and Group as the management cluster knows them; ServiceAccount of the workload cluster.'),
    name: z.string().min(1).max(256).describe('With the prefix of its issuer: oidc:team-a.'),
    namespace: z.string().min(1).max(63).optional().describe('Of a ServiceAccount, in the workload cluster.'),
  })
  .meta(rules(
    { rule: "(self.kind == 'ServiceAccount') == has(self.namespace)", message: 'a ServiceAccount has a namespace, a User or Group has none' },
    { rule: "self.kind == 'ServiceAccount' || !self.name.startsWith('system:')", message: 'system: belongs to Kubernetes' },
    { rule: "self.kind == 'ServiceAccount' || !self.name.startsWith('keelson:')", message: 'keelson: belongs to logins by ClusterAccess; give the name without it' },
  ));

/** metav1.LabelSelector. */
export const labelSelector = z.object({
  matchLabels: z.record(z.string(), z.string().max(63)).optional().describe('Labels that must have these values.'),
  matchExpressions: z
    .array(z.object({ key: z.string().min(1).max(317), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: z.array(z.string().max(63)).max(64).optional() }).meta(rules(
      { rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)", message: 'In and NotIn have values, Exists and DoesNotExist have none' },
    )))
    .max(16).optional().describe('Conditions that must all hold.'),
});
export type LabelSelector = z.output<typeof labelSelector>;

export const accessBindingSpec = z
  .object({
    subjects: z.array(subject).min(1).max(64).describe('Who gets the role.'),
    role: role.describe('What they may do.'),
    clusters: z
      .object({
        names: z.array(clusterField).min(1).max(64).optional().meta({ 'x-kubernetes-list-type': 'set' }).describe('Clusters by name.'),
        selector: labelSelector.optional().describe('Clusters by label.'),
      })
      .default({})
      .meta(rules({ rule: '!(has(self.names) && has(self.selector))', message: 'names and selector exclude each other' }))
      .describe('Clusters of the same namespace. Empty: all of them.'),
    namespaces,
    namespaceSelector: labelSelector.optional().describe("Namespaces of the cluster by label; never the platform's."),
    clusterWide,
  })
  .meta(rules(
    ...reachRules,
    { rule: '!has(self.namespaceSelector) || (!has(self.namespaces) && !self.clusterWide)', message: 'namespaces, namespaceSelector and clusterWide exclude each other' },
  ))
  .describe('Who may do what, where.');

export const accessBindingStatus = z
  .object({
    observedGeneration,
    clusters: z.int().min(0).optional().describe('Clusters it selects.'),
    applied: z.int().min(0).optional().describe('Clusters in which the rights are as they should be.'),
    conditions,
  })
  .describe('What is.');

export type AccessBindingSpec = z.output<typeof accessBindingSpec>;
export type AccessBindingStatus = Omit<z.output<typeof accessBindingStatus>, 'conditions'> & { conditions?: StatusCondition[] };
export type AccessBinding = { apiVersion: typeof apiVersion; kind: 'AccessBinding'; metadata: ObjectMeta; spec: AccessBindingSpec; status?: AccessBindingStatus };

export function accessBindingDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'AccessBinding',
    plural: 'accessbindings',
    version,
    description: 'AccessBinding gives a role in workload clusters.',
    spec: accessBindingSpec,
    status: accessBindingStatus,
    columns: [
      { name: 'Role', type: 'string', jsonPath: '.spec.role' },
      { name: 'Clusters', type: 'integer', jsonPath: '.status.clusters' },
      { name: 'Applied', type: 'integer', jsonPath: '.status.applied' },
      readyColumn,
      ageColumn,
    ],
  });
}

/** Whether labels satisfy a selector; an empty one selects everything (metav1.LabelSelectorAsSelector). */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, operator, values = [] }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    return operator === 'In' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
  });
}
