/** The roles as ClusterRoles, to be bound namespace by namespace. */
import type { Manifest } from './manifest.ts';
import { rightsOf, type Place } from './role-rights.ts';
import { roles, type RoleName } from './roles.ts';

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
    { ...rbac(`${clusterRoleName(name)}-base`, { labels: { [aggregationLabel]: 'true' } }), rules: rightsOf(name, place).map(({ apiGroup, resources, verbs }) => ({ apiGroups: [apiGroup], resources, verbs })) },
  ];
}

function rbac(name: string, metadata: Omit<Manifest['metadata'], 'name'>): Manifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, ...metadata } };
}
