/** The roles as ClusterRoles, to be bound namespace by namespace. */
import type { Manifest } from './manifest.ts';
import { rightsOf, type Place } from './role-rights.ts';
import { roles, type RoleName } from './roles.ts';

/** Name of the ClusterRole that a RoleBinding in a namespace names: "keelson-organization-editor" in the management cluster, "keelson-editor" in a workload cluster. */
export const clusterRoleName = (name: RoleName, place: Place): string => (place === 'organization' ? `keelson-organization-${name}` : `keelson-${name}`);

/** A ClusterRole with this label is merged into the role. The two places stay apart also where one cluster has both. */
export const aggregationLabel = (name: RoleName, place: Place): string => `keelson.dev/aggregate-to-${place === 'organization' ? 'organization-' : ''}${name}`;

/**
 * The role as ClusterRole, to be bound namespace by namespace. Rights of further kinds come by aggregation: a ClusterRole
 * with the role's label is merged into it, so the rights of here are in a ClusterRole of their own, `keelson-<name>-base`.
 */
export function clusterRolesOf(name: RoleName, place: Place): Manifest[] {
  const annotations = { 'keelson.dev/description': roles[name].description };
  const labels = { [aggregationLabel(name, place)]: 'true' };
  return [
    { ...rbac(clusterRoleName(name, place), { annotations }), aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] }, rules: [] },
    { ...rbac(`${clusterRoleName(name, place)}-base`, { labels }), rules: rightsOf(name, place).map(({ apiGroup, resources, resourceNames, verbs }) => ({ apiGroups: [apiGroup], resources, ...(resourceNames ? { resourceNames } : {}), verbs })) },
  ];
}

function rbac(name: string, metadata: Omit<Manifest['metadata'], 'name'>): Manifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, ...metadata } };
}
