/** Keeps a serving certificate in a Secret for every Service that asks for one. */
import { Controller, keyOf, type KubeObject, type ReconcileResult, Reflector, type Request, resources, source } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import { ensureAuthority } from './authority-keeper.ts';
import type { Secret } from './authority.ts';
import { certificateLabel, fieldManager, servingForAnnotation } from './names.ts';
import { renewalOf, servingDnsNames, servingPair, servingPlan, servingSecret, servingSecretName } from './serving.ts';
import { issueServing, readCertificate } from './x509.ts';

/** The longest a certificate goes unlooked at: it also bounds how late the CA's own succession is noticed. */
const longestPauseMs = 12 * 3_600_000;

export function servingController(context: OperatorContext, secrets: Reflector<Secret>): Controller {
  const services = new Reflector<KubeObject>({
    ...context, resource: resources.services,
    observer: context.metrics?.reflectorObserver('services'),
    transform: (service) => (servingSecretName(service) ? { ...service, spec: undefined, status: undefined } : undefined),
  });
  return new Controller({
    ...context,
    name: 'certificates-serving',
    sources: [
      source({ reflector: services }),
      source({ reflector: secrets, keys: (secret) => servicesOf(secret, services.items()) }),
    ],
    reconcile: (request, signal) => reconcile(context, services, request, signal),
  });
}

/** The Services to look at when one of our Secrets changed: its own, and all of them when it is the CA. */
function servicesOf(secret: Secret, services: readonly KubeObject[]): string[] {
  if (secret.metadata.labels?.[certificateLabel] === 'ca') return services.map((s) => keyOf(s.metadata));
  const name = secret.metadata.annotations?.[servingForAnnotation];
  return name === undefined ? [] : [keyOf({ namespace: secret.metadata.namespace, name })];
}

async function reconcile(context: OperatorContext, services: Reflector, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const { client, clock, log, events } = context;
  const service = services.get(request);
  const name = service && servingSecretName(service);
  if (!service || name === undefined) return;

  const authority = await ensureAuthority(context, signal);
  const { namespace } = request;
  const stored = await client.get<Secret>(resources.secrets, { namespace, name }, { signal });
  const now = clock.now();
  const plan = servingPlan(service, stored, authority, now);
  if (plan.kind === 'refuse') {
    const what = `Service ${keyOf(request)} asks for a certificate in Secret ${name}, but ${plan.why}; delete that Secret or name another`;
    events.event(service, 'Warning', 'CertificateRefused', what);
    throw new OperatorError('SECRET_FOREIGN', what);
  }
  if (plan.kind === 'keep') return { requeueAfterMs: pauseUntil(plan.renewAt, now) };

  const isIssue = plan.kind === 'issue' || !stored;
  const pair = isIssue ? await issueServing(authority.current, { dnsNames: servingDnsNames(service), now }) : servingPair(stored);
  await client.apply(resources.secrets, servingSecret(service, pair, authority.bundle), { fieldManager, force: true, signal });
  const certificate = readCertificate(pair.certificate);
  const why = plan.kind === 'issue' ? plan.why : 'the bundle changed';
  log.info({ service: keyOf(request), secret: name, why, notAfter: certificate?.validToDate }, isIssue ? 'certificate issued' : 'CA bundle updated');
  if (isIssue) events.event(service, 'Normal', 'CertificateIssued', `Certificate in Secret ${name} issued: ${why}`);
  return { requeueAfterMs: certificate ? pauseUntil(renewalOf(certificate), now) : longestPauseMs };
}

function pauseUntil(at: Date, now: Date): number {
  return Math.max(1000, Math.min(longestPauseMs, at.getTime() - now.getTime()));
}
