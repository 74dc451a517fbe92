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
export function throughRelay(text: string, options: { cluster: string; port: number; user?: string }): string {
  const config = kubeconfig.parse(parse(text));
  const [cluster] = config.clusters;
  const [user] = config.users;
  const name = options.user ?? `${options.cluster}-admin`;
  const relayed = { ...cluster?.cluster, server: `https://127.0.0.1:${options.port}`, 'tls-server-name': 'kubernetes' };
  return written(options.cluster, { name: options.cluster, cluster: relayed }, { ...user, name });
}

/** The same cluster, as somebody else. @param person.certificate PEM, like the key */
export function asPerson(text: string, person: { readonly name: string; readonly certificate: string; readonly key: string }): string {
  const config = kubeconfig.parse(parse(text));
  const [cluster] = config.clusters;
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  return written(person.name, { ...cluster, name: cluster?.name ?? '' }, { name: person.name, user: { 'client-certificate-data': base64(person.certificate), 'client-key-data': base64(person.key) } });
}

/** Where the kubeconfig says the API server is. */
export function serverOf(text: string): { address: string; port: number } {
  const server = kubeconfig.parse(parse(text)).clusters[0]?.cluster.server ?? '';
  const url = new URL(server);
  return { address: url.hostname, port: Number(url.port || 443) };
}

interface Entry {
  readonly name: string;
  readonly [field: string]: unknown;
}

function written(context: string, cluster: Entry, user: Entry): string {
  return stringify({ apiVersion: 'v1', kind: 'Config', clusters: [cluster], users: [user], contexts: [{ name: context, context: { cluster: cluster.name, user: user.name } }], 'current-context': context });
}
