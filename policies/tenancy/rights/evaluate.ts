/** Who may do what, from RBAC objects alone: the answer of the API server's RBAC authorizer, for everybody at once and with the way it comes. */
import type { ObjectRef } from '../../findings/finding.ts';
import type { BindingItem, PolicyRule, RoleItem } from '../lint/rbac-objects.ts';
import { covers, isPath, type RightsRequest } from './rule.ts';

export interface RbacState {
  readonly roles: readonly RoleItem[];
  readonly bindings: readonly BindingItem[];
}

export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export type Subject = BindingItem['subjects'][number];

/** One binding that gives something, and to whom. */
export interface Grant {
  readonly subject: Subject;
  readonly binding: ObjectRef;
  readonly role: ObjectRef;
  /** Namespace in which it holds; undefined: everywhere. */
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
}

/** Its members may do everything, whatever RBAC says (k8s.io/apiserver, PrivilegedGroups). */
export const mastersGroup = 'system:masters';

/** Every grant of every binding. One whose role is not there gives nothing. */
export function grantsOf({ roles, bindings }: RbacState): Grant[] {
  const known = new Map(roles.map((role) => [idOf(role.ref), role]));
  return bindings.flatMap(({ ref, roleRef, subjects }) => {
    const namespace = ref.kind === 'RoleBinding' ? (ref.namespace ?? '') : undefined;
    const role = known.get(roleRef.kind === 'Role' ? `Role ${namespace ?? ''}/${roleRef.name}` : `ClusterRole ${roleRef.name}`);
    if (!role || (roleRef.kind === 'Role' && namespace === undefined)) return [];
    return subjects.map((subject) => ({ subject, binding: ref, role: role.ref, rules: role.rules, ...(namespace === undefined ? {} : { namespace }) }));
  });
}

/** The grants by which somebody may make the request. Members of system:masters may besides. */
export function whoCan(state: RbacState, request: RightsRequest): Grant[] {
  return grantsOf(state).filter((grant) => gives(grant, request));
}

export function isAllowed(state: RbacState, identity: Identity, request: RightsRequest): boolean {
  return identity.groups.includes(mastersGroup) || grantsOf(state).some((grant) => reaches(grant, identity) && gives(grant, request));
}

/** Everything that somebody has, in the order of the bindings. */
export function grantsTo(state: RbacState, identity: Identity): Grant[] {
  return grantsOf(state).filter((grant) => reaches(grant, identity));
}

/** The user with the groups that the API server adds by itself. */
export function identityOf(user: string, groups: readonly string[] = []): Identity {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? [];
  const implied = user === 'system:anonymous' ? ['system:unauthenticated'] : [...(namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]), 'system:authenticated'];
  return { user, groups: [...new Set([...groups, ...implied])] };
}

function gives({ namespace, rules }: Grant, request: RightsRequest): boolean {
  if (namespace !== undefined && (isPath(request) || request.namespace !== namespace)) return false;
  return rules.some((rule) => covers(rule, request));
}

/** k8s.io/kubernetes/pkg/registry/rbac/validation/rule.go, appliesToUser: a ServiceAccount without namespace is of the binding's. */
function reaches({ subject, binding }: Grant, { user, groups }: Identity): boolean {
  if (subject.kind === 'User') return subject.name === user;
  if (subject.kind === 'Group') return groups.includes(subject.name);
  const namespace = subject.namespace || (binding.kind === 'RoleBinding' ? binding.namespace : undefined);
  return subject.kind === 'ServiceAccount' && Boolean(namespace) && user === `system:serviceaccount:${namespace}:${subject.name}`;
}

const idOf = ({ kind, namespace, name }: ObjectRef): string => (kind === 'Role' ? `Role ${namespace ?? ''}/${name}` : `ClusterRole ${name}`);
