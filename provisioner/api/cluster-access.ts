/**
 * ClusterAccess: one login to one workload cluster, for a while and for a reason. The operator has the cluster sign a client
 * certificate by its own CSR API and leaves a kubeconfig in a Secret that only the requester reads. What the certificate may do
 * hangs on a group that only it carries, so rights end with the object although a certificate cannot be taken back.
 */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta, type StatusOf } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { rules } from './openapi.ts';
import { clusterField, clusterWide, namespaces, reachRules, role } from './workload-rights.ts';

/** Below ten minutes no cluster signs (kubernetes.io CSR API, expirationSeconds ≥ 600). */
export const accessLife = { shortest: '10m', longest: '12h', longestOfClusterAdmin: '1h' } as const;
/** Longest name: Secret, Role and RoleBinding are named after it. */
const maxName = 63;
/** Requests of one person that may be open at a time; more are refused. */
export const maxOpenPerRequester = 10;

export const requester = z
  .object({
    username: z.string().min(1).max(256).describe('As the management cluster authenticated it.'),
    groups: z.array(z.string().max(256)).max(256).default([]).meta({ 'x-kubernetes-list-type': 'atomic' }).describe('As the management cluster authenticated them.'),
  })
  .describe('Who wrote this object. Filled in at admission, whatever was written.');

export const clusterAccessSpec = z
  .object({
    cluster: clusterField.describe('Name of the Cluster in the same namespace.'),
    role: role.optional().describe("What the certificate may do: never more than the requester's own role. Not given: only what AccessBindings give the requester."),
    namespaces,
    clusterWide,
    groups: z.array(z.string().min(1).max(256)).max(32).default([]).meta({ 'x-kubernetes-list-type': 'set' }).describe('Groups of the requester that the certificate carries, for AccessBindings to groups.'),
    ttl: z.string().max(16).regex(/^([0-9]+(\.[0-9]+)?[hms])+$/).default('1h').meta(rules({
      rule: `duration(self) >= duration('${accessLife.shortest}') && duration(self) <= duration('${accessLife.longest}')`, message: `between ${accessLife.shortest} and ${accessLife.longest}`,
    })).describe(`How long it lasts, from ${accessLife.shortest} to ${accessLife.longest}.`),
    reason: z.string().max(512).default('').describe('Why, for those who look later. Required for cluster-admin.'),
    requester,
  })
  .meta(rules(
    { rule: 'self == oldSelf', message: 'a ClusterAccess cannot be changed; delete it and ask again', reason: 'FieldValueForbidden' },
    ...reachRules,
    { rule: "!has(self.role) || self.role != 'cluster-admin' || self.reason.size() >= 10", message: 'cluster-admin needs a reason of ten characters at least' },
    { rule: `!has(self.role) || self.role != 'cluster-admin' || duration(self.ttl) <= duration('${accessLife.longestOfClusterAdmin}')`, message: `cluster-admin lasts ${accessLife.longestOfClusterAdmin} at most` },
    { rule: "has(self.role) || self.groups.size() > 0", message: 'give a role, or groups that AccessBindings know' },
  ))
  .describe('What is asked for.');

export const clusterAccessStatus = z
  .object({
    observedGeneration,
    secretName: z.string().optional().describe('Secret beside this object with the key kubeconfig; only the requester may read it.'),
    issuedAt: z.string().optional().meta({ format: 'date-time' }).describe('When the cluster signed.'),
    expiresAt: z.string().optional().meta({ format: 'date-time' }).describe('When certificate, Secret, rights and this object end.'),
    serialNumber: z.string().optional().describe('Of the certificate, hexadecimal.'),
    conditions,
  })
  .describe('What is.');

export type ClusterAccessSpec = z.output<typeof clusterAccessSpec>;
export type ClusterAccessStatus = StatusOf<typeof clusterAccessStatus>;
export type ClusterAccess = { apiVersion: typeof apiVersion; kind: 'ClusterAccess'; metadata: ObjectMeta; spec: ClusterAccessSpec; status?: ClusterAccessStatus };

/** Secret, Role and RoleBinding of one request. */
export const accessObjectName = (access: string): string => `keelson-access-${access}`;

/** Type of that Secret: admission lets only the operator write it. */
export const loginSecretType = 'keelson.dev/cluster-access';

/** "1h30m", "90s" → milliseconds; undefined for what no Go duration is. Admission has bounded it. */
export function durationMs(text: string): number | undefined {
  const units = { h: 3_600_000, m: 60_000, s: 1000 } as const;
  if (!/^(\d+(\.\d+)?[hms])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units], 0);
}

export function clusterAccessDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'ClusterAccess',
    plural: 'clusteraccesses',
    version,
    description: 'ClusterAccess is one login to one workload cluster, for a while and for a reason.',
    spec: clusterAccessSpec,
    status: clusterAccessStatus,
    rules: [{ rule: `self.metadata.name.size() <= ${maxName}`, message: `a name has ${maxName} characters at most` }],
    columns: [
      { name: 'Cluster', type: 'string', jsonPath: '.spec.cluster' },
      { name: 'Role', type: 'string', jsonPath: '.spec.role' },
      { name: 'Requester', type: 'string', jsonPath: '.spec.requester.username' },
      readyColumn,
      reasonColumn,
      { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt' },
      ageColumn,
    ],
  });
}
