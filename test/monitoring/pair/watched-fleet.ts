/** Clusters behind a real API server, what the operator says of them, the pair that watches them, and a person's receiver. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { startWorkloadCluster, type WorkloadCluster, type WorkloadOptions } from './cluster.ts';
import { startManagement, type Management, type ManagementOptions } from './management.ts';
import { startOperator, type OperatorSide } from './operator.ts';
import { until } from './processes.ts';
import { query } from './query.ts';
import { Receiver } from './receiver.ts';
import { pagesTo } from './routing.ts';

export interface WatchedFleet {
  readonly api: ApiServer;
  readonly operator: OperatorSide;
  readonly management: Management;
  readonly receiver: Receiver;
  /** By name; whoever takes one out stops it. */
  readonly clusters: Map<string, WorkloadCluster>;
  /** One more cluster, which the operator knows and the pair does not scrape yet. */
  add(name: string, options?: Pick<WorkloadOptions, 'forged'>): Promise<void>;
  stop(): Promise<void>;
}

/** @param clusters what each has of its own, by name @param o where the pair writes to beside itself. Waits until both Prometheus of the pair have the family of all. */
export async function startWatchedFleet(clusters: Readonly<Record<string, Pick<WorkloadOptions, 'forged'>>>, o: Pick<ManagementOptions, 'remoteWrite'> = {}): Promise<WatchedFleet> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'keelson-pair-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const api = await startApiServer();
    undo.push(() => api.stop());
    const receiver = new Receiver();
    const pager = await receiver.start();
    undo.push(() => receiver.stop());
    const running = new Map<string, WorkloadCluster>();
    undo.push(() => Promise.all([...running.values()].map((cluster) => cluster.stop())));
    const operator = await startOperator(api);
    undo.push(() => operator.stop());
    const add: WatchedFleet['add'] = async (name, options) => {
      const cluster = await startWorkloadCluster({ name, folder, api, ...options });
      running.set(name, cluster);
      await operator.add(name, cluster.way.url);
    };
    for (const [name, options] of Object.entries(clusters)) await add(name, options);
    const management = await startManagement({ folder, api, operator: operator.address, clusters: [...running.values()], routing: pagesTo(pager), ...o });
    undo.push(() => management.stop());
    for (const url of management.prometheusUrls) await until('all clusters are federated', async () => ((await query(url, 'count(keelson:heartbeat_timestamp:max)'))[0]?.value === running.size ? true : undefined));
    return { api, operator, management, receiver, clusters: running, add, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
