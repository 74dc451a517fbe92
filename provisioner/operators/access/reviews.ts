/** Asks the management cluster whether the requester still has the role: rights may have ended between the request and its turn, and while the login is open. */
import { z } from 'zod';
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { group } from '../../api/names.ts';
import { assume, platformNamespaces } from '../../api/workload-rights.ts';
import { KubeError, type KubeClient } from '../../kube/index.ts';

const answer = z.object({ status: z.object({ allowed: z.boolean() }) });

/** The roles that the requester would have to have. */
export function rolesNeeded({ role, clusterWide, namespaces }: ClusterAccess['spec']): readonly string[] {
  if (role === undefined) return [];
  const reachesPlatform = clusterWide || (namespaces ?? []).some((name) => (platformNamespaces as readonly string[]).includes(name));
  return role !== 'reader' && role !== 'cluster-admin' && reachesPlatform ? [role, 'cluster-admin'] : [role];
}

/** What the requester has not, as words: "the role editor"; undefined where all is well. @throws {KubeError} */
export async function roleMissing(client: KubeClient, access: ClusterAccess, signal: AbortSignal): Promise<string | undefined> {
  const roles = rolesNeeded(access.spec);
  // Without a role it brings what AccessBindings give; who has no role in the organization any more gets no such login; the certificate of one that is open keeps what AccessBindings give until it ends.
  if (roles.length === 0 && !(await may(client, access, { resource: 'clusteraccesses', verb: 'create' }, signal))) return 'a role that logs in';
  for (const name of roles) if (!(await may(client, access, { ...assume, name }, signal))) return `the role ${name}`;
  return undefined;
}

/** authorization.k8s.io/v1 SubjectAccessReview. */
async function may(client: KubeClient, { metadata, spec: { requester } }: ClusterAccess, right: { readonly resource: string; readonly verb: string; readonly name?: string }, signal: AbortSignal): Promise<boolean> {
  const { status, body } = await client.request({
    method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', headers: { 'content-type': 'application/json' }, signal,
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview',
      spec: { user: requester.username, groups: requester.groups, resourceAttributes: { namespace: metadata.namespace, group, ...right } },
    }),
  });
  if (status !== 201) throw new KubeError(status === 403 ? 'KUBE_FORBIDDEN' : 'KUBE_SERVER_ERROR', `SubjectAccessReview of ${requester.username}: status ${status}; may the operator create subjectaccessreviews?`, { status });
  return answer.parse(JSON.parse(body.toString('utf8'))).status.allowed;
}
