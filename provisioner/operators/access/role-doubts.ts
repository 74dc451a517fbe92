/** Which open logins may have lost their role, and when the API server is asked about them: after a change of RBAC, and not otherwise. */
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { assume } from '../../api/workload-rights.ts';
import { type Change, type Clock, keyOf, type KubeObject } from '../../kube/index.ts';

interface Rule {
  readonly resources?: readonly string[];
}
/** Role or ClusterRole. */
export interface RoleObject extends KubeObject {
  /** null in an aggregated role to which nothing has been added (rbac/v1 has no omitempty there). */
  readonly rules?: readonly Rule[] | null;
}
/** RoleBinding or ClusterRoleBinding. */
export interface BindingObject extends KubeObject {
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/**
 * After a change, in milliseconds. The API server that answers sees it by a watch of its own, maybe later than we do; and who
 * is given another role in two writes is without one for a moment, which ends nothing.
 */
const askedAfterMs = [250, 1000, 5000, 30_000] as const;

export class RoleDoubts {
  readonly #clock: Clock;
  /** Uid → when to ask. A login that is not here was never asked about by this process. */
  readonly #times = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its role is asked now: what changes from here on is another doubt. */
  begin({ metadata: { uid = '' } }: ClusterAccess): void {
    if (!this.#times.has(uid)) this.#times.set(uid, []);
  }

  raise({ metadata: { uid = '' } }: ClusterAccess): void {
    const now = this.#clock.monotonicMs();
    this.#times.set(uid, askedAfterMs.map((ms) => now + ms));
  }

  isDue({ metadata: { uid = '' } }: ClusterAccess): boolean {
    const [first = Infinity] = this.#times.get(uid) ?? [0];
    return first <= this.#clock.monotonicMs();
  }

  /** The role was there, as somebody answered who was asked at this time (monotonic). */
  allay({ metadata: { uid = '' } }: ClusterAccess, askedAtMs: number): void {
    this.#times.set(uid, (this.#times.get(uid) ?? []).filter((time) => time > askedAtMs));
  }

  /** Until it is asked next; undefined where there is no doubt. */
  nextMs({ metadata: { uid = '' } }: ClusterAccess): number | undefined {
    const [first] = this.#times.get(uid) ?? [];
    return first === undefined ? undefined : Math.max(1, first - this.#clock.monotonicMs());
  }

  forget(uid: string): void {
    this.#times.delete(uid);
  }

  /** Raises a doubt about each. @returns their keys */
  raiseAll(accesses: readonly ClusterAccess[]): string[] {
    for (const access of accesses) this.raise(access);
    return accesses.map(({ metadata }) => keyOf(metadata));
  }
}

/** Whether somebody is no longer bound. */
export function unbinds({ type, old, object }: Change<BindingObject>): boolean {
  if (type === 'deleted') return true;
  const left = new Set(object.subjects?.map(subjectKey));
  return old?.subjects?.some((subject) => !left.has(subjectKey(subject))) ?? false;
}
const subjectKey = ({ kind, namespace = '', name }: { kind: string; namespace?: string; name: string }): string => `${kind} ${namespace}/${name}`;

/** Whether a role that lets somebody log in is no longer what it was. */
export function weakens({ type, old, object }: Change<RoleObject>): boolean {
  if (type === 'deleted') return isAboutLogins(object);
  return old !== undefined && isAboutLogins(old) && JSON.stringify(old.rules) !== JSON.stringify(object.rules);
}
const isAboutLogins = ({ rules }: RoleObject): boolean => (rules ?? []).some(({ resources = [] }) => resources.some((one) => one === assume.resource || one === 'clusteraccesses' || one === '*'));

/** Logins of the people whom a binding names, in its namespace or, where it has none, in all. */
export function loginsOf({ metadata: { namespace = '' }, subjects = [] }: BindingObject, accesses: readonly ClusterAccess[]): ClusterAccess[] {
  return accesses.filter((access) => (namespace === '' || access.metadata.namespace === namespace) && subjects.some((subject) => names(subject, namespace, access.spec.requester)));
}

/** k8s.io/kubernetes/pkg/registry/rbac/validation/rule.go, appliesToUser. */
function names({ kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace?: string }, own: string, { username, groups }: ClusterAccess['spec']['requester']): boolean {
  if (kind === 'Group') return groups.includes(name);
  return username === (kind === 'ServiceAccount' ? `system:serviceaccount:${namespace || own}:${name}` : name);
}

/** What the caches keep: who is bound, and what a role is about. */
export const trimmedBinding = ({ apiVersion, kind, metadata, subjects = [] }: BindingObject): BindingObject => ({ apiVersion, kind, metadata: trimmed(metadata), subjects });
export const trimmedRole = (role: RoleObject): RoleObject => ({ apiVersion: role.apiVersion, kind: role.kind, metadata: trimmed(role.metadata), rules: isAboutLogins(role) ? (role.rules ?? []) : [] });

function trimmed({ name, namespace, uid, resourceVersion }: KubeObject['metadata']): KubeObject['metadata'] {
  return { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
