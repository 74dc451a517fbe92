/** The serving certificate of a Service: what should be in its Secret now. */
import { annotations, labels } from '../../api/labels.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { Authority, Secret } from './authority.ts';
import { certificateLabel, servingForAnnotation } from './names.ts';
import { dnsNamesOf, isPair, readCertificate, type KeyPair } from './x509.ts';

export type ServingPlan =
  | { readonly kind: 'keep'; readonly renewAt: Date }
  /** The certificate stays, what is trusted has changed. */
  | { readonly kind: 'updateBundle' }
  | { readonly kind: 'issue'; readonly why: string }
  /** A Secret of that name exists and is not for this Service. */
  | { readonly kind: 'refuse'; readonly why: string };

/** Name of the Secret a Service asks for. */
export function servingSecretName(service: KubeObject): string | undefined {
  return service.metadata.annotations?.[annotations.servingCertSecret] || undefined;
}

/** Names that clients inside the cluster use: the API server asks webhooks by `<svc>.<ns>.svc`. */
export function servingDnsNames(service: KubeObject): string[] {
  const host = `${service.metadata.name}.${service.metadata.namespace ?? 'default'}.svc`;
  return [host, `${host}.cluster.local`];
}

export function servingPlan(service: KubeObject, stored: Secret | undefined, authority: Authority, now: Date): ServingPlan {
  if (!stored) return { kind: 'issue', why: 'there is none' };
  const owner = stored.metadata.annotations?.[servingForAnnotation];
  if (owner !== service.metadata.name) return { kind: 'refuse', why: owner === undefined ? 'it was not made by Keelson' : `it is for the Service ${owner}` };
  const certificate = readCertificate(text(stored, 'tls.crt'));
  if (!certificate) return { kind: 'issue', why: 'it cannot be read' };
  if (!isPair(certificate, text(stored, 'tls.key'))) return { kind: 'issue', why: 'the key is another one' };
  const issuer = readCertificate(authority.current.certificate);
  if (!issuer || !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return { kind: 'issue', why: 'another CA signs now' };
  if (dnsNamesOf(certificate).join() !== servingDnsNames(service).sort().join()) return { kind: 'issue', why: 'the names are others' };
  // Whoever put it there: until then nobody trusts it, and the time of its renewal lies far ahead.
  if (certificate.validFromDate > now) return { kind: 'issue', why: 'it is not valid yet' };
  const renewAt = renewalOf(certificate);
  if (now >= renewAt) return { kind: 'issue', why: 'two thirds of its life are over' };
  return text(stored, 'ca.crt') === authority.bundle ? { kind: 'keep', renewAt } : { kind: 'updateBundle' };
}

/** When two thirds of a certificate's life are over. */
export function renewalOf(certificate: { readonly validFromDate: Date; readonly validToDate: Date }): Date {
  const from = certificate.validFromDate.getTime();
  return new Date(from + ((certificate.validToDate.getTime() - from) * 2) / 3);
}

/** The whole Secret. It goes with its Service. */
export function servingSecret(service: KubeObject, pair: KeyPair, bundle: string): Secret {
  const { name, namespace, uid } = service.metadata;
  return {
    apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls',
    metadata: {
      name: servingSecretName(service) ?? name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [labels.managedBy]: 'keelson', [certificateLabel]: 'serving' },
      annotations: { [servingForAnnotation]: name },
      ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid }] }),
    },
    data: { 'tls.crt': base64(pair.certificate), 'tls.key': base64(pair.key), 'ca.crt': base64(bundle) },
  };
}

/** Certificate and key of a Secret that `servingPlan` wants to keep. */
export function servingPair(stored: Secret): KeyPair {
  return { certificate: text(stored, 'tls.crt') ?? '', key: text(stored, 'tls.key') ?? '' };
}

function text(secret: Secret, field: string): string | undefined {
  const value = secret.data?.[field];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}
