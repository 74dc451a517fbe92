/** What one cluster sends: with the real exporters over real objects, and kubelets and net-exporters as they would be, at 10, 50 and 100 nodes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { federationSelector } from '../../../monitoring/federation.ts';
import { groupsFor } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { startApiServer } from '../../fixtures/api-server.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { Program, until } from '../../monitoring/pair/processes.ts';
import { startRealCluster } from '../../monitoring/real-cluster.ts';
import type { Figure } from '../figures.ts';
import { kubeletText, netText } from './generated.ts';

const sizes = (process.env['KEELSON_BENCH_NODES'] ?? '10,50,100').split(',').map(Number);
const podsPerNode = 10;

interface Measured {
  readonly nodes: number;
  readonly series: number;
  readonly bytes: number;
  readonly zipped: number;
  readonly raw: { readonly series: number; readonly bytes: number; readonly seconds: number };
}

export async function federationFigures(): Promise<Figure[]> {
  const measured: Measured[] = [];
  for (const nodes of sizes) measured.push(await measure(nodes));
  const [small, , large] = measured;
  if (!small || !large) throw new Error('nothing was measured');
  return [
    { what: 'federated series of a cluster of 100 nodes', measured: large.series, unit: 'series', goal: 1500 },
    { what: 'federated bytes of a cluster of 100 nodes, uncompressed', measured: large.bytes / 1000, unit: 'KB', goal: 150, note: `${Math.round(large.zipped / 1000)} KB compressed` },
    { what: 'growth of federated series from 10 to 100 nodes', measured: large.series / small.series, unit: 'times', goal: 9.99, note: `ten times the nodes; ${measured.map(({ nodes, series, bytes }) => `${nodes} nodes ${series} series ${Math.round(bytes / 1000)} KB`).join(', ')}` },
    { what: 'raw federation of the same 100 nodes: series', measured: large.raw.series, unit: 'series', note: `{job=~".+"}, ${podsPerNode} pods on each node` },
    { what: 'raw federation of the same 100 nodes: bytes', measured: large.raw.bytes / 1e6, unit: 'MB', note: `${(large.raw.bytes / large.bytes).toFixed(0)} times as much` },
    { what: 'raw federation of the same 100 nodes: time of one answer', measured: large.raw.seconds, unit: 's' },
  ];
}

async function measure(nodes: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-'));
  const api = await startApiServer();
  const real = await startRealCluster({ folder, api, nodes, podsPerNode });
  const generator = await serve(nodes);
  const port = await freePort();
  const rules = join(folder, 'rules.yaml');
  await writeFile(rules, stringify(renderGroups(groupsFor('workload'), { runbookBase: '' }), { version: '1.1' }));
  const perNode = (job_name: string, path: string): object => ({
    job_name, static_configs: Array.from({ length: nodes }, (_, i) => ({ targets: [generator.address], labels: { node: `node-${i}`, __metrics_path__: `/${path}/${i}` } })), relabel_configs: [{ source_labels: ['node'], target_label: 'instance' }],
  });
  const config = join(folder, 'prometheus.yaml');
  await writeFile(config, stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' }, rule_files: [rules],
    scrape_configs: [...real.scrapes.filter((one) => (one as { job_name: string }).job_name !== 'net-exporter'), perNode('kubelet', 'kubelet'), perNode('net-exporter', 'net'), { job_name: 'prometheus', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
  }, { version: '1.1' }));
  const prometheus = new Program('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, 'prometheus.log'));
  prometheus.start();
  try {
    const federate = async (selector: string): Promise<{ text: string; seconds: number }> => {
      const begun = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/federate?${new URLSearchParams({ 'match[]': selector }).toString()}`, { signal: AbortSignal.timeout(60_000) });
      return { text: await response.text(), seconds: (performance.now() - begun) / 1000 };
    };
    // Rates need a few scrapes; the family is complete when it has stopped growing.
    let last = 0;
    const family = await until(`the family of ${nodes} nodes is complete`, async () => {
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      const { text } = await federate(federationSelector).catch(() => ({ text: '' }));
      const count = seriesIn(text);
      const isComplete = count > 100 && count === last;
      last = count;
      return isComplete ? text : undefined;
    }, 300_000);
    const raw = await federate('{job=~".+"}');
    return { nodes, series: seriesIn(family), bytes: Buffer.byteLength(family), zipped: gzipSync(family).length, raw: { series: seriesIn(raw.text), bytes: Buffer.byteLength(raw.text), seconds: raw.seconds } };
  } finally {
    await prometheus.kill();
    generator.server.close();
    generator.server.closeAllConnections();
    await real.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const seriesIn = (text: string): number => text.split('\n').filter((line) => line && !line.startsWith('#')).length;

async function serve(nodes: number): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer(({ url = '' }, response) => {
    const [, kind, node] = url.split('/');
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(kind === 'kubelet' ? kubeletText(Number(node)) : netText(Number(node), nodes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}
