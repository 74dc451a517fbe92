/** The four roles people and machines have in an organization's namespace and in its clusters. Bindings and rights derive from them. */
import type { Manifest } from './manifest.ts';
import { rightsOf, type Place, type Right } from './role-rights.ts';

export const roleNames = ['reader', 'editor', 'admin', 'automation'] as const;
export type RoleName = (typeof roleNames)[number];

export interface Role {
  readonly name: RoleName;
  readonly description: string;
  /** Whether the role may read Secrets: credentials of clouds and kubeconfigs are among them. */
  readonly canReadSecrets: boolean;
  /** Whether the role may give roles to others. */
  readonly canGrant: boolean;
  /** Kubernetes aggregates roles with this label into the role of the same name. */
  readonly aggregationLabel: `keelson.dev/aggregate-to-${RoleName}`;
}

export const roles: Readonly<Record<RoleName, Role>> = {
  reader: role('reader', 'Sees clusters, Apps and their state; changes nothing, reads no Secret.', { canReadSecrets: false, canGrant: false }),
  editor: role('editor', 'Creates, changes and deletes clusters and Apps; logs in to clusters.', { canReadSecrets: true, canGrant: false }),
  admin: role('admin', "Everything in the organization's namespace, including who else may do what.", { canReadSecrets: true, canGrant: true }),
  automation: role('automation', 'What a pipeline needs: creates and changes clusters and Apps, waits for their state; reads no Secret, grants nothing.', { canReadSecrets: false, canGrant: false }),
};

/** Name of the ClusterRole that a RoleBinding in a namespace names: "keelson-editor". */
export const clusterRoleName = (name: RoleName): string => `keelson-${name}`;

/**
 * The role as ClusterRole, to be bound namespace by namespace. Rights of further kinds come by aggregation: a ClusterRole
 * with the role's label is merged into it, so the rights of here are in a ClusterRole of their own, `keelson-<name>-base`.
 */
export function clusterRolesOf(name: RoleName, place: Place): Manifest[] {
  const { aggregationLabel, description } = roles[name];
  const annotations = { 'keelson.dev/description': description };
  return [
    { ...rbac(clusterRoleName(name), { annotations }), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregationLabel]: 'true' } }] }, rules: [] },
    { ...rbac(`${clusterRoleName(name)}-base`, { labels: { [aggregationLabel]: 'true' } }), rules: rightsOf(name, place).map(({ apiGroup, resources, verbs }: Right) => ({ apiGroups: [apiGroup], resources, verbs })) },
  ];
}

function rbac(name: string, metadata: Omit<Manifest['metadata'], 'name'>): Manifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, ...metadata } };
}

function role(name: RoleName, description: string, rights: { canReadSecrets: boolean; canGrant: boolean }): Role {
  return { name, description, ...rights, aggregationLabel: `keelson.dev/aggregate-to-${name}` };
}
