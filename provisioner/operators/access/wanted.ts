/** The RBAC objects that a workload cluster should have of us: a pure function of who asked, who was given what, and its namespaces. */
import { aggregationLabel, clusterRoleName } from '../../../policies/tenancy/cluster-roles.ts';
import { rightsOf } from '../../../policies/tenancy/role-rights.ts';
import type { AccessBinding } from '../../api/access-binding.ts';
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { selects } from '../../api/label-selector.ts';
import { labels } from '../../api/labels.ts';
import { type AccessRole, platformNamespaces } from '../../api/workload-rights.ts';
import type { KubeObject } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import { loginGroup, loginUser, ownGroup } from './identity.ts';

export interface RbacSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

/** ClusterRole, ClusterRoleBinding or RoleBinding. */
export interface RbacObject extends KubeObject {
  readonly rules?: readonly object[];
  readonly aggregationRule?: object;
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly RbacSubject[];
}

export interface RightsInput {
  /** Those whose certificate is signed and not expired, of this cluster. */
  readonly accesses: readonly ClusterAccess[];
  /** Those that select this cluster. */
  readonly bindings: readonly AccessBinding[];
  /** Namespaces of the cluster. */
  readonly namespaces: readonly KubeObject[];
}

/** Selects what is ours in a workload cluster. */
export const rightsSelector = `${labels.access}=rights`;
const rbac = 'rbac.authorization.k8s.io';
const apiVersion = `${rbac}/v1`;

/** In the order in which they are applied: roles before what binds them. */
export function wantedRights({ accesses, bindings, namespaces }: RightsInput): RbacObject[] {
  const grants = [...accesses.flatMap(grantOfAccess), ...bindings.map(grantOfBinding)];
  const used = new Set(grants.map(({ role }) => role));
  return [...[...used].toSorted().flatMap(roleObjects), ...grants.flatMap((grant) => bindingObjects(grant, namespaces))];
}

interface Grant {
  readonly name: string;
  readonly origin: string;
  readonly role: AccessRole;
  readonly subjects: readonly RbacSubject[];
  readonly clusterWide: boolean;
  isIn(namespace: KubeObject): boolean;
}

function grantOfAccess(access: ClusterAccess): Grant[] {
  const { role, namespaces, clusterWide } = access.spec;
  if (role === undefined) return [];
  return [{
    name: ownGroup(access), origin: `ClusterAccess ${access.metadata.name}`, role, clusterWide, subjects: [person('Group', ownGroup(access))],
    isIn: ({ metadata }) => namespaces?.includes(metadata.name) ?? !isPlatform(metadata.name),
  }];
}

/** People as their issuer names them, for clusters that ask the same issuer, and as logins by certificate name them. */
function grantOfBinding({ metadata, spec }: AccessBinding): Grant {
  const { role, namespaces, namespaceSelector, clusterWide } = spec;
  return {
    // A binding's role cannot be changed (roleRef is immutable): another role is another object.
    name: `keelson:binding:${metadata.name}:${role}`, origin: `AccessBinding ${metadata.name}`, role, clusterWide,
    subjects: spec.subjects.flatMap(({ kind, name, namespace }): RbacSubject[] => {
      if (kind === 'ServiceAccount') return [{ kind, name, namespace: namespace ?? '' }];
      return [person(kind, name), person(kind, kind === 'User' ? loginUser(name) : loginGroup(name))];
    }),
    isIn: (namespace) => namespaces?.includes(namespace.metadata.name) ?? (!isPlatform(namespace.metadata.name) && selects(namespaceSelector, namespace.metadata.labels)),
  };
}

const isPlatform = (namespace: string): boolean => (platformNamespaces as readonly string[]).includes(namespace);
const person = (kind: 'User' | 'Group', name: string): RbacSubject => ({ kind, name, apiGroup: rbac });

function bindingObjects(grant: Grant, namespaces: readonly KubeObject[]): RbacObject[] {
  const { name, origin, subjects, clusterWide, role } = grant;
  const rest = { roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: workloadRoleName(role) }, subjects };
  if (clusterWide) return [{ apiVersion, kind: 'ClusterRoleBinding', metadata: metadata(name, origin), ...rest }];
  return namespaces.filter((namespace) => !isDeleting(namespace) && grant.isIn(namespace)).map((namespace) => ({ apiVersion, kind: 'RoleBinding', metadata: { ...metadata(name, origin), namespace: namespace.metadata.name }, ...rest }));
}

/** Roles of our own, beside those that the chart policies may bring: Helm takes over no object that it has not made. */
export const workloadRoleName = (role: AccessRole): string => (role === 'cluster-admin' ? role : `keelson-access-${role}`);

/** The role, to which ClusterRoles with its label add their rights, and the one that has those of `policies/tenancy`. */
function roleObjects(role: AccessRole): RbacObject[] {
  if (role === 'cluster-admin') return [];
  const merged = { [aggregationLabel(role, 'workload')]: 'true' };
  const name = workloadRoleName(role);
  const origin = `role ${clusterRoleName(role, 'workload')}`;
  const base = metadata(`${name}-base`, origin);
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { ...base, labels: { ...base.labels, ...merged } }, rules: rightsOf(role, 'workload').map(({ apiGroup, resources, verbs }) => ({ apiGroups: [apiGroup], resources, verbs })) },
    { apiVersion, kind: 'ClusterRole', metadata: metadata(name, origin), aggregationRule: { clusterRoleSelectors: [{ matchLabels: merged }] } },
  ];
}

function metadata(name: string, origin: string): { name: string; labels: Record<string, string>; annotations: Record<string, string> } {
  return { name, labels: { [labels.access]: 'rights', [labels.managedBy]: 'keelson' }, annotations: { 'keelson.dev/origin': origin } };
}
