/** Where the API server of a cluster is and whom it is signed by, from its kubeconfig. */
import { parse } from 'yaml';
import { z } from 'zod';
import { KubeError } from '../../kube/index.ts';

export interface ApiServer {
  /** host:port */
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  /** Name in its certificate, where it is not the host. */
  readonly serverName?: string;
}

const kubeconfig = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string() }) })),
  clusters: z.array(z.object({
    name: z.string(),
    cluster: z.object({ server: z.url({ protocol: /^https$/ }), 'certificate-authority-data': z.base64(), 'tls-server-name': z.string().optional() }),
  })),
});

/** @throws {KubeError} KUBE_CONFIG; nothing of the text is repeated */
export function apiServerOf(text: string): ApiServer {
  const parsed = kubeconfig.safeParse(parse(text, { logLevel: 'silent' }));
  const context = parsed.data?.contexts.find((c) => c.name === parsed.data?.['current-context'])?.context;
  const cluster = parsed.data?.clusters.find((c) => c.name === context?.cluster)?.cluster;
  if (!cluster) throw new KubeError('KUBE_CONFIG', 'kubeconfig: needs a current context, and a cluster with server (https) and certificate-authority-data');
  const url = new URL(cluster.server);
  const serverName = cluster['tls-server-name'];
  return {
    endpoint: url.port === '' ? `${url.hostname}:443` : url.host,
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8'),
    ...(serverName === undefined ? {} : { serverName }),
  };
}
