/**
 * Every query of every board, asked of real data: a cluster of real exporters, the recorded family through the federation
 * proxy and a real API server, the real operator, two Prometheus and two Alertmanagers. A query answers, or stands in
 * `empty.ts` with the reason. Then the page that `npm run boards:preview` writes, in a real Chromium.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseBundle } from '../../charts/keelson/bundle/release-bundle.ts';
import { fleetBoards, localBoards } from '../../dashboards/boards.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import { silentLog } from '../../provisioner/kube/log.ts';
import { draw, type PanelReport } from '../../provisioner/cli/commands/boards/preview.ts';
import { runOperator } from '../../provisioner/operators/index.ts';
import { etcdText, kubeletText } from '../bench/monitoring/generated.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../fixtures/api-server.ts';
import { Browser } from '../fixtures/browser.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { startWorkloadCluster, type WorkloadCluster } from '../monitoring/pair/cluster.ts';
import { startManagement, type Management } from '../monitoring/pair/management.ts';
import { until } from '../monitoring/pair/processes.ts';
import { query } from '../monitoring/pair/query.ts';
import { pagesTo } from '../monitoring/pair/routing.ts';
import { realClusterNeeds, startRealCluster, type RealCluster } from '../monitoring/real-cluster.ts';
import { cluster as clusterOf, initialize, installKinds, patchStatus } from '../provisioner/operators/fleet.ts';
import { emptyHere } from './empty.ts';

const nodes = 6;
const name = 'demo';
/** Two evaluations of records, two federations, and rates over what came of it. */
const fillMs = 90_000;

describeWith({ tools: [...apiServerNeeds.tools, 'prometheus', 'alertmanager', 'helm', ...realClusterNeeds], commands: ['chromium'] }, 'the boards on real data', () => {
  const stop = new AbortController();
  const browser = new Browser();
  let operator: Promise<void> = Promise.resolve();
  let folder: string;
  let api: ApiServer;
  let real: RealCluster;
  let kubelets: Server;
  let workload: WorkloadCluster;
  let management: Management;
  let report: readonly PanelReport[];
  let page: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-boards-'));
    api = await startApiServer();
    real = await startRealCluster({ folder, api, nodes, podsPerNode: 10 });
    kubelets = createServer(({ url = '' }, response) => void response.setHeader('content-type', 'text/plain; version=0.0.4').end(url.startsWith('/etcd') ? etcdText() : kubeletText(Number(url.slice(1)) + 13)));
    await new Promise<void>((resolve) => kubelets.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(kubelets.address() as AddressInfo).port}`;
    const kubelet = { job_name: 'kubelet', static_configs: Array.from({ length: nodes }, (_, i) => ({ targets: [address], labels: { node: `node-${i}`, __metrics_path__: `/${i}` } })), relabel_configs: [{ source_labels: ['node'], target_label: 'instance' }] };
    workload = await startWorkloadCluster({ name, folder, api, scrapes: [...real.scrapes, kubelet] });
    const metrics = await startOperator();
    management = await startManagement({
      folder, api, operator: metrics, clusters: [workload], routing: pagesTo('http://127.0.0.1:1'),
      isWatched: true, scrapes: [{ job_name: 'keelson-operator', static_configs: [{ targets: [metrics] }] }],
    });
    const [prometheus] = management.prometheusUrls;
    await until('the family of the cluster arrives', async () => ((await query(prometheus, 'keelson:nodes:count')).length ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, fillMs));
    const drawn = await draw([{ prometheus, boards: fleetBoards.map((build) => build()) }, { prometheus: workload.prometheusUrl, boards: localBoards.map((build) => build()) }], { hours: 0.03, now: new Date(), signal: stop.signal });
    ({ report, page } = drawn);
    await writeFile(join(folder, 'boards.html'), page);
  }, 420_000);
  afterAll(async () => {
    await browser.stop();
    await management?.stop();
    await workload?.stop();
    stop.abort();
    await operator;
    kubelets?.close();
    kubelets?.closeAllConnections();
    await real?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  /** The real one, with a Cluster in its care whose API server is the one here. */
  async function startOperator(): Promise<string> {
    await installKinds(api, { withNamespaces: false });
    for (const namespace of ['org-demo']) await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await api.client.create(resources.clusters, clusterOf(name));
    await initialize(api, name, api.kubeconfig);
    const condition = (type: string, status: string) => ({ type, status, reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' });
    await patchStatus(api, name, { conditions: [condition('Available', 'True'), condition('RollingOut', 'False'), condition('WorkersAvailable', 'False')], controlPlane: { desiredReplicas: 1, readyReplicas: 1 }, workers: { desiredReplicas: 5, readyReplicas: 4 } });
    const listening = Promise.withResolvers<number>();
    operator = runOperator({
      client: api.client, log: silentLog, signal: stop.signal, onListening: ({ metrics = 0 }) => listening.resolve(metrics),
      options: { chartsDir: '/charts', bundles: [releaseBundle()], helmBinary: join(toolsBin, 'helm'), classObjects: [], classHandlers: [], identity: 'one', metricsPort: 0, healthPort: 0, host: '127.0.0.1' },
    });
    return `127.0.0.1:${await listening.promise}`;
  }

  const keyOf = ({ board, panel }: PanelReport): string => `${board}: ${panel}`;

  test('no query is refused', () => expect(report.filter(({ series }) => series < 0)).toEqual([]));

  test('every query answers, or is empty here for a reason', () => {
    const empty = report.filter(({ series }) => series === 0).map(keyOf);
    console.log(`${report.length} queries, ${report.length - empty.length} with data, ${empty.length} empty`);
    expect(empty.filter((key) => !(key in emptyHere)).sort()).toEqual([]);
  });

  test('a reason that does not hold any more is gone', () => {
    const answered = new Set(report.filter(({ series }) => series > 0).map(keyOf));
    expect(Object.keys(emptyHere).filter((key) => answered.has(key))).toEqual([]);
    const all = new Set(report.map(keyOf));
    expect(Object.keys(emptyHere).filter((key) => !all.has(key))).toEqual([]);
  });

  test('the preview in Chromium shows every board and panel, nothing refused, and stays within its width', async () => {
    await browser.start(join(folder, 'profile'));
    await browser.open(`file://${folder}/boards.html`);
    const boards = [...fleetBoards, ...localBoards].map((build) => build());
    const panels = boards.flatMap((board) => (board.panels ?? []).filter(({ type }) => type !== 'row'));
    expect(await browser.evaluate('[...document.querySelectorAll("article")].map((one) => one.id)')).toEqual(boards.map(({ uid }) => uid));
    expect(await browser.evaluate('document.querySelectorAll("section").length')).toBe(panels.length);
    expect(await browser.evaluate('document.querySelectorAll(".error").length')).toBe(0);
    expect(await browser.evaluate('[...document.querySelectorAll("svg polyline")].length > 20 && [...document.querySelectorAll("svg")].every((one) => one.getBoundingClientRect().height > 0)')).toBe(true);
    expect(await browser.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
    // Every link of the first line leads to its board.
    expect(await browser.evaluate('[...document.querySelectorAll("nav a")].filter((link) => !document.querySelector(link.getAttribute("href"))).length')).toBe(0);
  }, 60_000);
});
