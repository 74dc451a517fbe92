/** Keeps the CA in its Secret. One writer at a time (the leader), and even then the API server decides who was first. */
import { caSecretName } from '../../api/names.ts';
import { resources } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { type Authority, authorityPlan, authoritySecret, readAuthority, type Secret, successor } from './authority.ts';
import { issueCa } from './x509.ts';

/**
 * The authority as it should be now, made or moved on where its time has come. Read from the API server each time: a cache a moment old
 * would make a second CA.
 * @throws {OperatorError} CA_UNREADABLE @throws {KubeError} KUBE_CONFLICT or KUBE_ALREADY_EXISTS when another process was faster; try again
 */
export async function ensureAuthority(context: OperatorContext, signal: AbortSignal): Promise<Authority> {
  const { client, systemNamespace: namespace, clock, log } = context;
  const stored = await client.get<Secret>(resources.secrets, { namespace, name: caSecretName }, { signal });
  const authority = readAuthority(stored);
  const now = clock.now();
  const plan = authorityPlan(authority, now);
  if (plan.kind === 'keep' && authority) return authority;

  const made = plan.kind === 'create' || plan.kind === 'addNext' ? await issueCa(now) : undefined;
  const next = successor(authority, plan, made, now);
  const secret = authoritySecret(next, namespace);
  if (stored) {
    await client.replace(resources.secrets, { ...stored, ...secret, metadata: { ...stored.metadata, labels: { ...stored.metadata.labels, ...secret.metadata.labels } } }, { signal });
  } else {
    await client.create(resources.secrets, secret, { signal });
  }
  log.info({ secret: `${namespace}/${caSecretName}`, plan: plan.kind }, 'CA changed');
  return next;
}
