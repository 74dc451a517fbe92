/**
 * As whom the operator asks a workload cluster for certificates: a service account that may have client certificates signed and
 * nothing else, so that the cluster's audit log tells logins apart from all else the operator does there.
 */
import { z } from 'zod';
import { type Clock, KubeClient, type KubeObject, resources, sleep } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import { apiServerOf } from '../monitoring/api-server.ts';

export const signerName = 'kubernetes.io/kube-apiserver-client';
const name = 'keelson-access-signer';
const namespace = 'kube-system';
const rbac = 'rbac.authorization.k8s.io';
const fieldManager = 'keelson-access';
const lifeSeconds = 3600;

/** Everything the signer may do. */
const rules = [
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', 'get'] },
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['patch'] },
  { apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [signerName], verbs: ['approve'] },
];

const objects = [
  [resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace }, automountServiceAccountToken: false }],
  [resources.clusterRoles, { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules }],
  [resources.clusterRoleBindings, { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace }] }],
] as const satisfies readonly (readonly [unknown, KubeObject])[];

/** A client with those rights; its tokens are renewed as they are used. The caller closes it. @throws {KubeError} */
export async function signerClient(admin: KubeClient, o: { readonly kubeconfig: string; readonly clock: Clock; readonly signal: AbortSignal }): Promise<KubeClient> {
  for (const [resource, object] of objects) await admin.apply(resource, object, { fieldManager, force: true, signal: o.signal });
  const api = apiServerOf(o.kubeconfig);
  let known: Promise<Token> | undefined;
  let renewAt = 0;
  const client = new KubeClient({
    server: `https://${api.endpoint}`, ca: api.ca, ...(api.serverName === undefined ? {} : { serverName: api.serverName }), userAgent: 'keelson-access', timeoutMs: 15_000, maxSockets: 4,
    token: async ({ fresh }) => {
      if (fresh || !known || o.clock.now().getTime() >= renewAt) {
        known = requestToken(admin);
        renewAt = o.clock.now().getTime() + (lifeSeconds * 1000 * 2) / 3;
        known.catch(() => (known = undefined));
      }
      return (await known).token;
    },
  });
  await untilAllowed(client, o);
  return client;
}

/** The authorizer has new rights by a watch, a moment after they were written. A cluster that takes longer refuses, and the request is tried again. */
async function untilAllowed(client: KubeClient, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void> {
  const resourceAttributes = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create' };
  const body = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } });
  for (let pauseMs = 10; pauseMs < 2000; pauseMs *= 2) {
    const { status, body: text } = await client.request({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', headers: { 'content-type': 'application/json' }, body, signal });
    if (status === 201 && allowance.parse(JSON.parse(text.toString('utf8'))).status.allowed) return;
    await sleep(pauseMs, { clock, signal });
  }
}
const allowance = z.object({ status: z.object({ allowed: z.boolean() }) });

interface Token {
  readonly token: string;
}
const answer = z.object({ status: z.object({ token: z.string().min(1) }) });

async function requestToken(admin: KubeClient): Promise<Token> {
  const { status, body } = await admin.request({
    method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: lifeSeconds } }),
  });
  // Nothing of the answer is repeated: it holds the token.
  const parsed = status === 201 ? answer.safeParse(JSON.parse(body.toString('utf8'))) : undefined;
  if (!parsed?.success) throw new OperatorError('TOKEN_REFUSED', `token of ServiceAccount ${namespace}/${name}: status ${status}; it may have been deleted, the next try makes it again`);
  return parsed.data.status;
}
