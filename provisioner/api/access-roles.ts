/** What the roles of an organization may do about logins and rights in its clusters, as ClusterRoles that aggregate into `keelson-organization-<role>`. */
import { group } from './names.ts';
import { type AccessRole, accessRoles, assume } from './workload-rights.ts';

type TenantRole = Exclude<AccessRole, 'cluster-admin'>;

/** Role → roles in workload clusters that it may take itself (ClusterAccess) and, where it may write AccessBindings, give. */
export const assumable: Readonly<Record<TenantRole, readonly AccessRole[]>> = {
  reader: ['reader'],
  editor: ['reader', 'editor'],
  automation: ['reader', 'automation'],
  admin: ['reader', 'editor', 'automation', 'admin'],
};

const read = ['get', 'list', 'watch'];

/** `fleet-owner` is bound by nobody but the owners of the fleet. */
export function accessClusterRoles(): { apiVersion: string; kind: string; metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> }; rules: object[] }[] {
  const tenants = Object.entries(assumable).map(([role, roles]) => clusterRole(`keelson-access-of-${role}`, { [`keelson.dev/aggregate-to-organization-${role}`]: 'true' }, [
    logins, bindings(role === 'admin'), assumes(roles),
  ]));
  const owner = clusterRole('keelson-fleet-owner', undefined, [clusters, logins, bindings(true), assumes(accessRoles)]);
  return [...tenants, { ...owner, metadata: { ...owner.metadata, annotations: { 'keelson.dev/description': 'Logs in to every cluster as cluster-admin, for an hour and with a reason; each time an event and an alert.' } } }];
}

/** Nothing of a request can be changed, and who deletes one ends a login. */
const logins = { apiGroups: [group], resources: ['clusteraccesses'], verbs: [...read, 'create', 'delete'] };
const clusters = { apiGroups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: read };
const bindings = (mayWrite: boolean): object => ({ apiGroups: [group], resources: ['accessbindings'], verbs: mayWrite ? [...read, 'create', 'update', 'patch', 'delete'] : read });
const assumes = (roles: readonly AccessRole[]): object => ({ apiGroups: [group], resources: [assume.resource], resourceNames: roles, verbs: [assume.verb] });

function clusterRole(name: string, labels: Record<string, string> | undefined, rules: object[]): ReturnType<typeof accessClusterRoles>[number] {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, ...(labels ? { labels } : {}) }, rules };
}
