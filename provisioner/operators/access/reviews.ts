/** Asks the management cluster whether the requester still has the role: rights may have ended between the request and its turn. */
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

/** The first role that the requester has not; undefined where all is well. @throws {KubeError} */
export async function roleMissing(client: KubeClient, access: ClusterAccess, signal: AbortSignal): Promise<string | undefined> {
  for (const role of rolesNeeded(access.spec)) if (!(await mayAssume(client, access, role, signal))) return role;
  return undefined;
}

/** authorization.k8s.io/v1 SubjectAccessReview. */
async function mayAssume(client: KubeClient, { metadata, spec: { requester } }: ClusterAccess, role: string, signal: AbortSignal): Promise<boolean> {
  const { status, body } = await client.request({
    method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', headers: { 'content-type': 'application/json' }, signal,
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview',
      spec: { user: requester.username, groups: requester.groups, resourceAttributes: { namespace: metadata.namespace, group, resource: assume.resource, name: role, verb: assume.verb } },
    }),
  });
  if (status !== 201) throw new KubeError(status === 403 ? 'KUBE_FORBIDDEN' : 'KUBE_SERVER_ERROR', `SubjectAccessReview of ${requester.username}: status ${status}; may the operator create subjectaccessreviews?`, { status });
  return answer.parse(JSON.parse(body.toString('utf8'))).status.allowed;
}
