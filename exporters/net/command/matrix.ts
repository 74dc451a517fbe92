/** `net-exporter matrix`: the heat map in a terminal. The pods are asked through the API server, so it works from anywhere that kubectl does. */
import { parseArgs } from 'node:util';
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import { systemClock } from '../../core/clock.ts';
import { collect, type Source } from '../matrix/collect.ts';
import { terminalMatrix } from '../matrix/terminal.ts';
import { type EndpointSlice, peersFrom } from '../peers/endpoint-slices.ts';
import { ProbeError } from './errors.ts';

export interface MatrixCommandOptions {
  readonly client: (kubeconfig: string | undefined) => Promise<KubeClient>;
  readonly write: (text: string) => void;
  readonly isColoured: boolean;
}

const help = `Usage: net-exporter matrix [flags]

Draws how the nodes of a cluster reach each other, as their exporters say. Needs the rights to list endpointslices and to
get pods/proxy in the namespace, and policies that admit the API server to the pods: those of kind cilium do. Where none
does, forward the port of one pod (kubectl port-forward) and open /matrix there.

  --kubeconfig  kubeconfig; KUBECONFIG or ~/.kube/config by default
  --namespace   namespace of the exporters (keelson-system)
  --service     their Service (net-exporter)
  --port        port of the pods (8000)
  --tls         the pods serve with TLS (their configuration has tls)
  --json        as JSON
`;

/** @returns the exit code: 0 when every pod answered, 1 otherwise. @throws ProbeError, KubeError */
export async function runMatrix(argv: readonly string[], { client: connectTo, write, isColoured }: MatrixCommandOptions): Promise<number> {
  const values = parse(argv);
  if (values.help) return write(help), 0;
  const { namespace, service, tls: isTls } = values;
  const client = await connectTo(values.kubeconfig);
  try {
    const { items } = await client.list<EndpointSlice>(resources.endpointSlices, { namespace, labelSelector: `kubernetes.io/service-name=${service}` });
    const peers = peersFrom(items, { mesh: { port: Number(values.port), udpPort: 0, ipFamilies: 'all' }, onSkipped: () => undefined });
    const sources = peers.flatMap(({ node, zone, pod, port }): Source[] => (pod === undefined ? [] : [{ node, zone, row: (signal) => rowThroughApi(client, { namespace, pod, port, isTls, signal }) }]));
    if (sources.length === 0) throw new ProbeError('PROBE_NO_PODS', `matrix: the Service ${namespace}/${service} has no pods; name the right one with --namespace and --service`);
    const matrix = await collect(undefined, sources, { maxPeers: 1000, concurrency: 16, deadlineMs: 30_000, clock: systemClock });
    write(values.json ? `${JSON.stringify(matrix, undefined, 2)}\n` : terminalMatrix(matrix, { isColoured }));
    return matrix.missing.length > 0 ? 1 : 0;
  } finally {
    client.close();
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { kubeconfig: { type: 'string' }, namespace: { type: 'string', default: 'keelson-system' }, service: { type: 'string', default: 'net-exporter' }, port: { type: 'string', default: '8000' }, tls: { type: 'boolean', default: false }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
  } catch (cause) {
    throw new ProbeError('PROBE_USAGE', `matrix: ${cause instanceof Error ? cause.message : String(cause)}; --help lists the flags`, { cause });
  }
}

async function rowThroughApi(client: KubeClient, { namespace, pod, port, isTls, signal }: { namespace: string; pod: string; port: number; isTls: boolean; signal: AbortSignal }): Promise<string> {
  const { status, body } = await client.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${isTls ? 'https:' : ''}${pod}:${port}/proxy/row`, signal, timeoutMs: 10_000 });
  if (status !== 200) throw new Error(`pod ${pod}: status ${status}`);
  return body.toString('utf8');
}
