/** Who may read: the API server knows the caller by its token and says whether it may `get` the path, as for its own /metrics. */
import type { KubeClient, KubeObject, Resource } from '../kube/index.ts';

export type Verdict =
  | { readonly kind: 'allowed'; readonly user: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'forbidden'; readonly user: string };

interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

type TokenReview = KubeObject & { readonly status?: { readonly authenticated?: boolean; readonly user?: UserInfo } };
type SubjectAccessReview = KubeObject & { readonly status?: { readonly allowed?: boolean } };

const tokenReviews: Resource = { group: 'authentication.k8s.io', version: 'v1', plural: 'tokenreviews', kind: 'TokenReview', namespaced: false };
const subjectAccessReviews: Resource = { group: 'authorization.k8s.io', version: 'v1', plural: 'subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false };

/** @throws KubeError where the API server does not answer: then nobody gets in */
export async function judge(client: KubeClient, { token, path }: { readonly token: string; readonly path: string }, signal: AbortSignal): Promise<Verdict> {
  const review: TokenReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: { name: '' }, spec: { token } };
  const { status } = await client.create(tokenReviews, review, { signal });
  if (status?.authenticated !== true || !status.user) return { kind: 'unknown' };
  const { username, uid, groups, extra } = status.user;
  const spec = { user: username, uid, groups, extra, nonResourceAttributes: { path, verb: 'get' } };
  const access: SubjectAccessReview = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: { name: '' }, spec };
  const { status: answer } = await client.create(subjectAccessReviews, access, { signal });
  return { kind: answer?.allowed === true ? 'allowed' : 'forbidden', user: username };
}

/** RFC 6750: `Authorization: Bearer <token>`. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/-]{1,16384}=*)$/i.exec(header ?? '')?.[1];
}
