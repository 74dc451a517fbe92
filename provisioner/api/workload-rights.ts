/** What a right in a workload cluster is made of: a role and where it holds. ClusterAccess and AccessBinding share it. */
import { z } from 'zod';

/** The roles of `policies/tenancy/roles.ts`, and the one that only the fleet's owners give. */
export const accessRoles = ['reader', 'editor', 'admin', 'automation', 'cluster-admin'] as const;
export type AccessRole = (typeof accessRoles)[number];

/**
 * Namespaces of the platform. A role that reads Secrets would reach the credentials of the cloud there, so a tenant's rights
 * never extend to them; reader may.
 */
export const platformNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'keelson-system'] as const;

/**
 * Who may give or take which role is a right of its own: the verb `assume` on the virtual resource `workloadroles.keelson.dev`,
 * named as the role. So RBAC itself says how far a requester reaches, and its escalation check holds for it too.
 */
export const assume = { resource: 'workloadroles', verb: 'assume' } as const;

/** The operator's own right to say how a cluster is reached: virtual too. */
export const publish = { resource: 'connections', verb: 'publish' } as const;

export const role = z.enum(accessRoles);
const label = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
export const clusterField = label;

export const namespaces = z.array(label).min(1).max(64).optional().meta({ 'x-kubernetes-list-type': 'set' }).describe("Namespaces of the cluster in which the role holds, also ones that come later. Not given: every namespace that is not the platform's.");
export const clusterWide = z.boolean().default(false).describe('The role holds in the whole cluster, namespaces of the platform and cluster-scoped objects included.');

/** CEL rules over a spec with role, namespaces and clusterWide. */
export const reachRules = [
  { rule: '!self.clusterWide || !has(self.namespaces)', message: 'namespaces and clusterWide exclude each other' },
  { rule: "!has(self.role) || self.role != 'cluster-admin' || self.clusterWide", message: 'cluster-admin holds cluster-wide: set clusterWide' },
] as const;

/** "role editor in namespaces a, b", for people. */
export function reachText(spec: { readonly role?: AccessRole | undefined; readonly namespaces?: readonly string[] | undefined; readonly clusterWide: boolean }): string {
  if (spec.role === undefined) return 'no role of its own';
  return `role ${spec.role} ${spec.clusterWide ? 'in the whole cluster' : spec.namespaces ? `in ${spec.namespaces.join(', ')}` : "in all namespaces but the platform's"}`;
}
