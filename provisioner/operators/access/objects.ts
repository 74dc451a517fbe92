/** What one ClusterAccess has beside it in the management cluster: the Secret, and the right of one person to read it. Pure. */
import { stringify } from 'yaml';
import { accessObjectName, type ClusterAccess, loginSecretType } from '../../api/cluster-access.ts';
import { labels } from '../../api/labels.ts';
import type { KubeObject, OwnerReference } from '../../kube/index.ts';
import type { ApiServer } from '../monitoring/api-server.ts';
import type { SignedLogin } from './signing.ts';

export interface AccessSecret extends KubeObject {
  readonly data?: { readonly kubeconfig?: string };
}

/** On the Secret, for an operator that was killed before it could say so in the status. */
const notes = { uid: 'keelson.dev/cluster-access-uid', expiresAt: 'keelson.dev/expires-at', issuedAt: 'keelson.dev/issued-at', serialNumber: 'keelson.dev/serial-number' } as const;

export interface Issued {
  readonly secretName: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly serialNumber: string;
}

export function accessSecret(access: ClusterAccess, o: { readonly login: SignedLogin; readonly api: ApiServer; readonly issued: Issued }): AccessSecret {
  const { metadata, spec } = access;
  return {
    apiVersion: 'v1', kind: 'Secret', type: loginSecretType,
    metadata: {
      ...head(access), labels: { [labels.managedBy]: 'keelson', [labels.clusterName]: spec.cluster },
      annotations: { [notes.uid]: metadata.uid ?? '', [notes.expiresAt]: o.issued.expiresAt, [notes.issuedAt]: o.issued.issuedAt, [notes.serialNumber]: o.issued.serialNumber },
    },
    data: { kubeconfig: base64(kubeconfig(access, o)) },
  };
}

/** What the Secret says of a certificate that is in it; undefined where it holds none for this object. */
export function issuedIn(secret: AccessSecret | undefined, access: ClusterAccess): Issued | undefined {
  const { [notes.uid]: uid, [notes.expiresAt]: expiresAt, [notes.issuedAt]: issuedAt, [notes.serialNumber]: serialNumber } = secret?.metadata.annotations ?? {};
  if (!secret?.data?.kubeconfig || uid !== access.metadata.uid || !expiresAt || !issuedAt || !serialNumber) return undefined;
  return { secretName: secret.metadata.name, expiresAt, issuedAt, serialNumber };
}

/** The uid of the ClusterAccess that a Secret was made for. */
export const ownerOf = (secret: AccessSecret): string | undefined => secret.metadata.annotations?.[notes.uid];

/** `get` on this one Secret, for the requester alone. */
export function readersOf(access: ClusterAccess): { readonly role: KubeObject; readonly binding: KubeObject } {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { ...head(access), labels: { [labels.managedBy]: 'keelson' } };
  return {
    role: { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [metadata.name], verbs: ['get'] }] },
    binding: { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name }, subjects: [{ apiGroup: rbac, kind: 'User', name: access.spec.requester.username }] },
  };
}

function head({ apiVersion, kind, metadata }: ClusterAccess): { name: string; namespace: string; ownerReferences: OwnerReference[] } {
  return { name: accessObjectName(metadata.name), namespace: metadata.namespace ?? '', ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }] };
}

/** One context, named as the cluster, so that several can be merged. */
function kubeconfig({ metadata, spec }: ClusterAccess, { login, api }: { readonly login: SignedLogin; readonly api: ApiServer }): string {
  const name = `${metadata.namespace ?? ''}-${spec.cluster}`;
  return stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': name,
    clusters: [{ name, cluster: { server: `https://${api.endpoint}`, 'certificate-authority-data': base64(api.ca), ...(api.serverName === undefined ? {} : { 'tls-server-name': api.serverName }) } }],
    contexts: [{ name, context: { cluster: name, user: metadata.name } }],
    users: [{ name: metadata.name, user: { 'client-certificate-data': base64(login.certificate), 'client-key-data': base64(login.key) } }],
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
