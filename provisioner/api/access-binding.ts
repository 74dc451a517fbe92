/** AccessBinding: a role for people, groups and service accounts in workload clusters of an organization; in ones that come later too. */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn } from './crd.ts';
import { labelSelector } from './label-selector.ts';
import { conditions, observedGeneration, type ObjectMeta, type StatusOf } from './metadata.ts';
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
export type AccessBindingStatus = StatusOf<typeof accessBindingStatus>;
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
