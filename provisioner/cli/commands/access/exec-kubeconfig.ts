/** A kubeconfig whose user logs in at an OIDC issuer by `keelson access token`. It holds no secret and can be given to anybody. */
import { stringify } from 'yaml';

export interface OidcKubeconfig {
  /** Of cluster, context and user. */
  readonly name: string;
  /** https URL of the API server. */
  readonly server: string;
  /** PEM; undefined: the system's authorities. */
  readonly ca?: string | undefined;
  readonly serverName?: string | undefined;
  readonly issuerUrl: string;
  readonly clientId: string;
  /** Path of a PEM file on the user's machine. */
  readonly issuerCa?: string | undefined;
}

export function oidcKubeconfig({ name, server, ca, serverName, issuerUrl, clientId, issuerCa }: OidcKubeconfig): string {
  const args = ['access', 'token', `--issuer-url=${issuerUrl}`, `--client-id=${clientId}`, ...(issuerCa === undefined ? [] : [`--issuer-ca=${issuerCa}`])];
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1', command: 'keelson', args, interactiveMode: 'IfAvailable', provideClusterInfo: false,
    installHint: 'install the command keelson and put it on PATH',
  };
  return stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': name,
    clusters: [{ name, cluster: { server, ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }), ...(serverName === undefined ? {} : { 'tls-server-name': serverName }) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { exec } }],
  });
}
