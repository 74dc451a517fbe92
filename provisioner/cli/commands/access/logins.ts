/** Logins by ClusterAccess that are open: a workload cluster's RBAC knows them by a group, and only the management cluster whose they are. */
import type { Grant, Identity, Subject } from '../../../../policies/tenancy/rights/evaluate.ts';
import type { ClusterAccess } from '../../../api/cluster-access.ts';
import { isKubeError, keyOf, type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import { certificateSubject, ownGroup } from '../../../operators/access/identity.ts';
import { isOpen, isRefused } from '../../../operators/access/report.ts';
import type { CliContext } from '../../context.ts';

export interface Login {
  /** "ClusterAccess demo-x7k2p". */
  readonly access: string;
  /** "<namespace>/<name>" of the Cluster. */
  readonly cluster: string;
  /** As the management cluster knows them. */
  readonly requester: string;
  /** "editor", "cluster-admin"; not given: only what AccessBindings give. */
  readonly role?: string;
  readonly expiresAt: string;
}

export interface OpenLogin extends Login {
  /** Who it is in the workload cluster, and the group that nobody else has there. */
  readonly identity: Identity;
  readonly ownGroup: string;
}

/** Those of one cluster, or of all. Who may not list them is told so, and sees the rest. @throws {KubeError} */
export async function openLogins(context: CliContext, client: KubeClient, at: { readonly namespace?: string | undefined; readonly cluster?: string | undefined }): Promise<OpenLogin[]> {
  const { namespace, cluster } = at;
  try {
    const { items } = await client.list<KubeObject>(resources.clusterAccesses, { signal: context.signal, ...(namespace === undefined ? {} : { namespace }) });
    const now = new Date();
    return (items as unknown as ClusterAccess[]).filter((access) => isOpen(access, now) && !isRefused(access) && (cluster === undefined || access.spec.cluster === cluster)).map(loginOf);
  } catch (error) {
    if (!isKubeError(error, 'KUBE_FORBIDDEN', 'KUBE_NOT_FOUND')) throw error;
    context.stderr.write(`logins by ClusterAccess are not among these: ${error.message}\n`);
    return [];
  }
}

function loginOf(access: ClusterAccess): OpenLogin {
  const { metadata, spec, status } = access;
  return {
    access: `ClusterAccess ${metadata.name}`, cluster: keyOf({ namespace: metadata.namespace, name: spec.cluster }), requester: spec.requester.username, expiresAt: status?.expiresAt ?? '',
    ...(spec.role === undefined ? {} : { role: spec.role }), identity: certificateSubject(access), ownGroup: ownGroup(access),
  };
}

/** What is printed of it: who it is in the cluster follows from the rest. */
export const shownLogin = ({ access, cluster, requester, role, expiresAt }: Login): Login => ({ access, cluster, requester, ...(role === undefined ? {} : { role }), expiresAt });

/** The login whose certificate a binding names, where it is one. */
export const loginBehind = (subject: Subject, logins: readonly OpenLogin[]): OpenLogin | undefined => logins.find(({ ownGroup: group }) => subject.kind === 'Group' && subject.name === group);

/** "RoleBinding x", or the login by which somebody has it. */
export const originOf = (grant: Grant | undefined, login: Login | undefined): string => (login ? `${login.access} until ${login.expiresAt}` : grant ? `${grant.binding.kind} ${grant.binding.name}` : '');
