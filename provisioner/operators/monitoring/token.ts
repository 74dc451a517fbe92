/** Asks a workload cluster for a token of its federation reader (authentication.k8s.io/v1 TokenRequest). */
import { z } from 'zod';
import { federationService } from '../../../monitoring/federation.ts';
import { systemNamespace } from '../../api/names.ts';
import type { KubeClient } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import type { Token } from './federation.ts';

/** The API server may shorten it, not below ten minutes. */
const lifeSeconds = 86_400;
const answerSchema = z.object({ status: z.object({ token: z.string().min(1), expirationTimestamp: z.iso.datetime({ offset: true }) }) });

/** @throws {OperatorError} TOKEN_REFUSED without a word of the answer, which holds the token @throws {KubeError} */
export async function requestToken(client: KubeClient, signal: AbortSignal): Promise<Token> {
  const account = `${systemNamespace}/${federationService.reader}`;
  const answer = await client.request({
    method: 'POST',
    path: `/api/v1/namespaces/${systemNamespace}/serviceaccounts/${federationService.reader}/token`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: lifeSeconds } }),
    signal,
  });
  if (answer.status < 200 || answer.status > 299) {
    throw new OperatorError('TOKEN_REFUSED', `token of ServiceAccount ${account}: status ${answer.status}; is the chart workload-monitoring installed?`);
  }
  const parsed = answerSchema.safeParse(parseJson(answer.body));
  if (!parsed.success) throw new OperatorError('TOKEN_REFUSED', `token of ServiceAccount ${account}: the answer holds none`);
  const { token, expirationTimestamp } = parsed.data.status;
  return { token, expiresAt: new Date(expirationTimestamp) };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
