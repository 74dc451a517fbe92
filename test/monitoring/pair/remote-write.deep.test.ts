/**
 * A pair that also writes to a store that keeps samples for years: a third Prometheus, which takes the protocol as Thanos
 * Receive and Mimir do. Only what the chart says is sent, each replica under its own name, and no page waits for the store.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remotelyKept } from '../../../charts/monitoring/prometheus-values.ts';
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { withinMs } from './pace.ts';
import { Program, until } from './processes.ts';
import { query } from './query.ts';
import { startWatchedFleet, type WatchedFleet } from './watched-fleet.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'prometheus', 'alertmanager'] }, 'a pair with a store', () => {
  let folder: string;
  let fleet: WatchedFleet;
  let store: Program;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-store-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await writeFile(join(folder, 'store.yaml'), '{}\n');
    store = new Program('prometheus', [`--config.file=${folder}/store.yaml`, `--storage.tsdb.path=${folder}/store`, `--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver', '--log.level=warn'], join(folder, 'store.log'));
    store.start();
    fleet = await startWatchedFleet({ demo: {} }, { remoteWrite: `${url}/api/v1/write` });
  }, 120_000);
  afterAll(async () => {
    await fleet?.stop();
    await store?.kill();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test('what both replicas record arrives under the name of each; without that name it is there once; nothing else arrives', async () => {
    const replicas = await until('both replicas', async () => {
      const found = await query(url, 'count by (prometheus_replica) (keelson:heartbeat_timestamp:max{cluster_id="demo"})');
      return found.length === 2 ? found : undefined;
    });
    expect(replicas.map(({ metric }) => metric['prometheus_replica']).sort()).toEqual(['0', '1']);
    expect((await query(url, 'count(max without (prometheus_replica) (keelson:heartbeat_timestamp:max))')).map(({ value }) => value)).toEqual([1]);
    const names = (await query(url, 'count by (__name__) ({__name__=~".+"})')).map(({ metric }) => metric['__name__'] ?? '');
    expect(names).toEqual(expect.arrayContaining(['keelson:prometheus_up:bool', 'keelson_cluster_info', 'up']));
    expect(names.filter((name) => !new RegExp(`^(?:${remotelyKept})$`).test(name))).toEqual([]);
  }, 120_000);

  test('while the store is away a page comes all the same and once; back, the store gets what it missed, the alert too', async () => {
    const { receiver } = fleet;
    const demo = fleet.clusters.get('demo')!;
    await store.kill();
    const begun = Date.now();
    await demo.prometheus.kill();
    await until('the page', () => receiver.of('ClusterPrometheusDown', 'demo', 'firing').find(({ at }) => at >= begun), withinMs('ClusterPrometheusDown'));
    await new Promise((resolve) => setTimeout(resolve, 4000));
    // By now it fires in both replicas: the first of them has told.
    const fired = Date.now();
    expect(receiver.of('ClusterPrometheusDown', 'demo', 'firing')).toHaveLength(1);
    store.start();
    const missed = async (expr: string): Promise<boolean> => (await query(url, `${expr} @ ${fired / 1000}`)).length === 2;
    await until('what was meant for the store while it was away', async () => ((await missed('ALERTS{alertname="ClusterPrometheusDown",alertstate="firing"}')) && (await missed('keelson:prometheus_up:bool')) ? true : undefined));
    demo.prometheus.start();
    await until('the end of the page', () => receiver.of('ClusterPrometheusDown', 'demo', 'resolved').find(({ at }) => at >= begun), 60_000);
  }, 240_000);
});
