/**
 * The CA and its succession. A new CA is first only trusted (it joins the bundle that everybody gets), then it signs, and the old one
 * stays trusted until it expires: at no moment does a client meet a certificate whose CA it has not heard of.
 */
import type { X509Certificate } from 'node:crypto';
import { caSecretName, systemNamespace } from '../../api/names.ts';
import { labels } from '../../api/labels.ts';
import type { KubeObject } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import { certificateLabel } from './names.ts';
import { isPair, joinBundle, readBundle, readCertificate, type KeyPair } from './x509.ts';

export interface Secret extends KubeObject {
  readonly type?: string;
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface Authority {
  /** Signs now. */
  readonly current: KeyPair;
  /** Will sign next; trusted already. */
  readonly next?: KeyPair;
  /** What clients should trust: PEM. */
  readonly bundle: string;
}

export type AuthorityPlan =
  | { readonly kind: 'create' }
  /** Make a successor and let it be trusted. */
  | { readonly kind: 'addNext' }
  /** Let the successor sign. */
  | { readonly kind: 'promote' }
  /** Drop expired certificates from the bundle. */
  | { readonly kind: 'prune' }
  | { readonly kind: 'keep' };

const day = 24 * 3_600_000;
/** How long before its end a CA gets a successor: more than four lives of a serving certificate. */
const successionMs = 365 * day;
/** How long a successor is only trusted. Bundles reach every client within minutes; this leaves a day for one that is down. */
const announcementMs = day;

/** What to do about the CA now. */
export function authorityPlan(authority: Authority | undefined, now: Date): AuthorityPlan {
  if (!authority) return { kind: 'create' };
  const current = certificateOf(authority.current);
  if (authority.next) {
    const announcedMs = now.getTime() - certificateOf(authority.next).validFromDate.getTime();
    const isDue = announcedMs >= announcementMs || now >= current.validToDate;
    if (isDue) return { kind: 'promote' };
  } else if (now.getTime() >= current.validToDate.getTime() - successionMs) {
    return { kind: 'addNext' };
  }
  return authority.bundle === bundleOf(authority, now) ? { kind: 'keep' } : { kind: 'prune' };
}

/** The authority after the plan was carried out. @param made the new CA for `create` and `addNext` */
export function successor(authority: Authority | undefined, plan: AuthorityPlan, made: KeyPair | undefined, now: Date): Authority {
  if (plan.kind === 'create' && made) return { current: made, bundle: joinBundle([made.certificate]) };
  if (!authority) throw new OperatorError('CA_UNREADABLE', `no CA to ${plan.kind}`);
  const changed: Authority =
    plan.kind === 'addNext' && made ? { ...authority, next: made }
      : plan.kind === 'promote' && authority.next ? { current: authority.next, bundle: joinBundle([authority.next.certificate, authority.bundle]) }
        : authority;
  return { ...changed, bundle: bundleOf(changed, now) };
}

/** Current first, then the successor, then those of before that have not expired. */
function bundleOf(authority: Authority, now: Date): string {
  const before = readBundle(authority.bundle).filter((c) => c.validToDate > now).map((c) => c.toString());
  return joinBundle([authority.current.certificate, ...(authority.next ? [authority.next.certificate] : []), ...before]);
}

/** @throws {OperatorError} CA_UNREADABLE: replacing it by itself would take trust away from everything that runs, so a person decides */
export function readAuthority(secret: Secret | undefined): Authority | undefined {
  if (!secret) return undefined;
  const field = (name: string): string | undefined => {
    const value = secret.data?.[name];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
  };
  const current = pairFrom(field('tls.crt'), field('tls.key'));
  if (!current) throw new OperatorError('CA_UNREADABLE', `Secret ${systemNamespace}/${caSecretName}: tls.crt and tls.key are no certificate and its key; delete the Secret to get a new CA`);
  const next = pairFrom(field('next.crt'), field('next.key'));
  return { current, ...(next ? { next } : {}), bundle: field('ca.crt') ?? current.certificate };
}

/** The Secret that holds the authority. */
export function authoritySecret(authority: Authority, namespace: string): Secret {
  const fields = {
    'tls.crt': authority.current.certificate, 'tls.key': authority.current.key, 'ca.crt': authority.bundle,
    ...(authority.next ? { 'next.crt': authority.next.certificate, 'next.key': authority.next.key } : {}),
  };
  return {
    apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls',
    metadata: { name: caSecretName, namespace, labels: { [labels.managedBy]: 'keelson', [certificateLabel]: 'ca' } },
    data: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  };
}

function pairFrom(certificate: string | undefined, key: string | undefined): KeyPair | undefined {
  const parsed = readCertificate(certificate);
  return parsed && certificate !== undefined && key !== undefined && isPair(parsed, key) ? { certificate, key } : undefined;
}

function certificateOf(pair: KeyPair): X509Certificate {
  const parsed = readCertificate(pair.certificate);
  if (!parsed) throw new OperatorError('CA_UNREADABLE', 'a certificate of the CA cannot be read');
  return parsed;
}
