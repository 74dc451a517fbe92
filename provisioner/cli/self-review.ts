/** What the API server says of who asks it: who that is, and what they may do. */
import { KubeError, type KubeClient } from '../kube/index.ts';

interface Review {
  readonly apiGroup: 'authentication.k8s.io' | 'authorization.k8s.io';
  /** SelfSubjectReview, SelfSubjectAccessReview. */
  readonly kind: string;
  readonly spec?: object;
}

/** @returns the status of the answer @throws KubeError KUBE_UNAUTHORIZED for somebody it does not know; KUBE_SERVER_ERROR */
export async function selfReview<T>(client: KubeClient, { apiGroup, kind, spec }: Review, signal: AbortSignal): Promise<T> {
  const path = `/apis/${apiGroup}/v1/${kind.toLowerCase()}s`;
  const { status, body } = await client.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: `${apiGroup}/v1`, kind, ...(spec ? { spec } : {}) }), signal });
  if (status === 401) throw new KubeError('KUBE_UNAUTHORIZED', `${kind}: the management cluster does not know you; log in again`, { status });
  if (status !== 201) throw new KubeError('KUBE_SERVER_ERROR', `${kind}: status ${status}`, { status });
  return (JSON.parse(body.toString('utf8')) as { status: T }).status;
}
