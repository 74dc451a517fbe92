/** Kubeconfigs of the fleet for the user's shell: same identity and CA, reached through a relay on 127.0.0.1. */
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.string() }) })).min(1),
  users: z.array(z.looseObject({ name: z.string() })).min(1),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) })).min(1),
});

/**
 * The kubeconfig with its server replaced by the relay. The certificate does not name the relay, so the client is told
 * to expect `kubernetes`, a name that kubeadm puts into every API server certificate.
 * @throws ZodError when the text is no kubeconfig
 */
export function throughRelay(text: string, options: { cluster: string; port: number }): string {
  const config = kubeconfig.parse(parse(text));
  const [cluster] = config.clusters;
  const [user] = config.users;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: options.cluster, cluster: { ...cluster?.cluster, server: `https://127.0.0.1:${options.port}`, 'tls-server-name': 'kubernetes' } }],
    users: [{ ...user, name: `${options.cluster}-admin` }],
    contexts: [{ name: options.cluster, context: { cluster: options.cluster, user: `${options.cluster}-admin` } }],
    'current-context': options.cluster,
  });
}

/** Where the kubeconfig says the API server is. */
export function serverOf(text: string): { address: string; port: number } {
  const server = kubeconfig.parse(parse(text)).clusters[0]?.cluster.server ?? '';
  const url = new URL(server);
  return { address: url.hostname, port: Number(url.port || 443) };
}
