/** A client certificate by the workload cluster's own CSR API (certificates.k8s.io/v1): the key is made here, the CA's key stays where it is. */
import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { type Clock, type KubeClient, type KubeObject, resources, sleep } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import { signerName } from './signer-identity.ts';

export interface Login {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface SignedLogin {
  /** PEM */
  readonly certificate: string;
  /** PKCS #8, PEM */
  readonly key: string;
  readonly notAfter: Date;
  /** Hexadecimal. */
  readonly serialNumber: string;
}

interface SigningRequest extends KubeObject {
  readonly status?: { readonly certificate?: string; readonly conditions?: readonly { readonly type: string; readonly message?: string }[] };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** certificates.k8s.io: expirationSeconds is 600 at least. */
const shortestSeconds = 600;
const signedWithinMs = 15_000;
const firstPauseMs = 20;
const longestPauseMs = 500;

/** @throws OperatorError SIGNING_FAILED where the cluster refuses or does not sign in time; KubeError */
export async function signLogin(signer: KubeClient, login: Login, o: { readonly lifeMs: number; readonly why: string; readonly clock: Clock; readonly signal: AbortSignal }): Promise<SignedLogin> {
  const { request, key } = await certificateRequest(login);
  const { metadata } = await signer.create<KubeObject>(resources.certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest',
    metadata: { name: `keelson-access-${randomBytes(8).toString('hex')}`, annotations: { 'keelson.dev/origin': o.why } },
    spec: { request: Buffer.from(request).toString('base64'), signerName, usages: ['digital signature', 'client auth'], expirationSeconds: Math.max(shortestSeconds, Math.ceil(o.lifeMs / 1000)) },
  }, { signal: o.signal });
  const approval = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'ClusterAccess', message: o.why }] } };
  await signer.patch(resources.certificateSigningRequests, metadata, { type: 'merge', subresource: 'approval', body: approval, signal: o.signal });
  const certificate = await signed(signer, metadata.name, o);
  const { validToDate, serialNumber } = new X509Certificate(certificate);
  return { certificate, key, notAfter: validToDate, serialNumber: serialNumber.toLowerCase() };
}

async function signed(signer: KubeClient, name: string, o: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<string> {
  const endsAt = o.clock.monotonicMs() + signedWithinMs;
  for (let pauseMs = firstPauseMs; o.clock.monotonicMs() < endsAt; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const found = await signer.get<SigningRequest>(resources.certificateSigningRequests, { name }, { signal: o.signal });
    const failure = found?.status?.conditions?.find(({ type }) => type === 'Failed' || type === 'Denied');
    if (failure) throw new OperatorError('SIGNING_FAILED', `CertificateSigningRequest ${name}: ${failure.type}: ${failure.message ?? 'no reason given'}`);
    if (found?.status?.certificate) return Buffer.from(found.status.certificate, 'base64').toString('utf8');
    await sleep(pauseMs, { clock: o.clock, signal: o.signal });
  }
  throw new OperatorError('SIGNING_FAILED', `CertificateSigningRequest ${name} is approved and not signed after ${signedWithinMs / 1000} s; does the cluster's kube-controller-manager run with its CA (--cluster-signing-cert-file)?`);
}

async function certificateRequest({ user, groups }: Login): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: [...groups.map((group) => ({ O: [group] })), { CN: [user] }], keys, signingAlgorithm: algorithm });
  return { request: request.toString('pem'), key: `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n` };
}
