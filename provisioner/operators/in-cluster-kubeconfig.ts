/** A pod's own service account as a kubeconfig, for Helm. */
import { stringify } from 'yaml';

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The token stays in its file, which the kubelet renews. @param env with KUBERNETES_SERVICE_HOST and _PORT, which the kubelet sets */
export function inClusterKubeconfig(env: Readonly<Record<string, string | undefined>>): string {
  const host = env['KUBERNETES_SERVICE_HOST'] || 'kubernetes.default.svc';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] || '443'}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'own',
    clusters: [{ name: 'own', cluster: { server, 'certificate-authority': `${folder}/ca.crt` } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    users: [{ name: 'own', user: { tokenFile: `${folder}/token` } }],
  });
}
