/** A cluster of so many nodes and the Prometheus that records its family: the real programs over real objects, and kubelets, net-exporters and control plane processes as they would be. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { federationSelector } from '../../../monitoring/federation.ts';
import { groupsFor } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { startApiServer } from '../../fixtures/api-server.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { Program, until } from '../../monitoring/pair/processes.ts';
import { startRealCluster } from '../../monitoring/real-cluster.ts';
import { controllerText, kubeletText, netText } from './generated.ts';

export const podsPerNode = 10;

export interface Answer {
  readonly text: string;
  readonly seconds: number;
}

export interface RecordedCluster {
  /** What the management side gets, once it is complete. */
  readonly family: string;
  federate(selector: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** @throws Error when the family has not stopped growing within five minutes */
export async function recordCluster({ nodes, isWell }: { readonly nodes: number; readonly isWell: boolean }): Promise<RecordedCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-'));
  const api = await startApiServer();
  const real = await startRealCluster({ folder, api, nodes, podsPerNode, isWell });
  const generator = await serve(nodes, isWell);
  const port = await freePort();
  const rules = join(folder, 'rules.yaml');
  await writeFile(rules, stringify(renderGroups(groupsFor('workload'), { runbookBase: '' }), { version: '1.1' }));
  /** One target for each node, all of them at one address. */
  const perNode = (job_name: string, address: string, { path, count = nodes }: { readonly path?: string; readonly count?: number } = {}): object => ({
    job_name, static_configs: Array.from({ length: count }, (_, i) => ({ targets: [address], labels: { node: `node-${i}`, ...(path ? { __metrics_path__: `/${path}/${i}` } : {}) } })), relabel_configs: [{ source_labels: ['node'], target_label: 'instance' }],
  });
  const others = real.scrapes.filter((one) => !['net-exporter', 'etcd'].includes((one as { job_name: string }).job_name));
  const config = join(folder, 'prometheus.yaml');
  await writeFile(config, stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' }, rule_files: [rules],
    scrape_configs: [
      ...others, perNode('kubelet', generator.address, { path: 'kubelet' }), perNode('net-exporter', generator.address, { path: 'net' }), perNode('etcd', new URL(api.etcdUrl).host, { count: 3 }),
      ...['kube-controller-manager', 'kube-scheduler'].map((job) => perNode(job, generator.address, { path: job, count: 3 })), { job_name: 'prometheus', static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
    ],
  }, { version: '1.1' }));
  const prometheus = new Program('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, 'prometheus.log'));
  prometheus.start();
  const stop = async (): Promise<void> => {
    await prometheus.kill();
    generator.server.close();
    generator.server.closeAllConnections();
    await real.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const federate = async (selector: string): Promise<Answer> => {
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/federate?${new URLSearchParams({ 'match[]': selector }).toString()}`, { signal: AbortSignal.timeout(60_000) });
    return { text: await response.text(), seconds: (performance.now() - begun) / 1000 };
  };
  try {
    return { family: await complete(`the family of ${nodes} nodes is complete`, federate), federate, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rates need a few scrapes; the family is complete when it has stopped growing. */
async function complete(what: string, federate: RecordedCluster['federate']): Promise<string> {
  let last = 0;
  return until(what, async () => {
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const { text } = await federate(federationSelector).catch(() => ({ text: '' }));
    const count = linesOf(text).length;
    const isComplete = count > 100 && count === last;
    last = count;
    return isComplete ? text : undefined;
  }, 300_000);
}

/** Samples of an exposition, a line each. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line && !line.startsWith('#'));

async function serve(nodes: number, isWell: boolean): Promise<{ readonly server: Server; readonly address: string }> {
  const pages: Readonly<Record<string, (node: number) => string>> = { kubelet: (node) => kubeletText(node, isWell), net: (node) => netText(node, nodes, isWell ? () => false : undefined, isWell) };
  const server = createServer(({ url = '' }, response) => {
    const [, kind = '', node] = url.split('/');
    response.setHeader('content-type', 'text/plain; version=0.0.4').end((pages[kind] ?? controllerText)(Number(node)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}
