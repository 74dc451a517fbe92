/** What the operator serves: the series of the clusters that should exist, and its probes, over real connections to each cluster's API server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { fromKubeconfig, silentLog, systemClock, type KubeClient } from '../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../provisioner/operators/cluster.ts';
import { ApiProbe } from '../../../provisioner/operators/monitoring/api-probe.ts';
import { federationSecret } from '../../../provisioner/operators/monitoring/federation.ts';
import { registerFleetMetrics } from '../../../provisioner/operators/monitoring/fleet-metrics.ts';
import { kubeconfigFor, type ApiServer } from '../../fixtures/api-server.ts';
import { pace } from './pace.ts';

const created = '2026-01-01T00:00:00Z';

/** As the operator has it in its cache: a cluster that has run for long. */
export function clusterObject(name: string, changed: Pick<Cluster['metadata'], 'creationTimestamp' | 'deletionTimestamp'> & { readonly isRollingOut?: boolean; readonly isAvailable?: boolean; readonly since?: string } = {}): Cluster {
  const { isRollingOut = false, isAvailable = true, since = '2026-01-01T01:00:00Z', creationTimestamp = created, deletionTimestamp } = changed;
  const condition = (type: string, holds: boolean) => ({ type, status: holds ? 'True' as const : 'False' as const, reason: 'R', message: '', lastTransitionTime: since });
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster',
    metadata: { name, namespace: `org-${name}`, uid: name, creationTimestamp, ...(deletionTimestamp ? { deletionTimestamp } : {}), labels: { 'keelson.dev/managed': 'true' } },
    status: { initialization: { controlPlaneInitialized: isAvailable }, conditions: [condition('Available', isAvailable), condition('RollingOut', isRollingOut)], controlPlane: { desiredReplicas: 1, readyReplicas: 1 }, workers: { desiredReplicas: 2, readyReplicas: 2 } },
  };
}

export interface OperatorSide {
  readonly address: string;
  /** The fleet by name; a test changes it, and the next scrape shows it. */
  readonly fleet: Map<string, Cluster>;
  /** The address under which the probe finds the API server of a cluster. */
  add(name: string, url: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startOperator(api: ApiServer): Promise<OperatorSide> {
  const registry = new Registry();
  const fleet = new Map<string, Cluster>();
  const clients = new Map<string, KubeClient>();
  const items = (): Cluster[] => [...fleet.values()];
  const probe = new ApiProbe({ clusters: { items }, remotes: { client: ({ name }) => Promise.resolve(clients.get(name)) }, clock: systemClock, log: silentLog, intervalMs: 30_000 / pace, timeoutMs: 900 });
  const secretOf = (cluster: Cluster) => {
    const now = new Date();
    return federationSecret(cluster, { namespace: 'keelson-system', token: { token: 't', expiresAt: new Date(now.getTime() + 86_400_000) }, api: { endpoint: 'x', ca: 'y' }, now });
  };
  registerFleetMetrics(registry, { clusters: { items }, secrets: { items: () => items().map(secretOf) }, probes: probe });
  const stop = new AbortController();
  const done = probe.start(stop.signal);
  const server: Server = createServer((_, response) => void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`, fleet,
    add: async (name, url) => {
      clients.set(name, await fromKubeconfig(kubeconfigFor(url, api.ca.cert, { token: api.adminToken }), { userAgent: 'test', timeoutMs: 2000 }));
      fleet.set(name, clusterObject(name));
    },
    stop: async () => {
      stop.abort();
      await done;
      for (const client of clients.values()) client.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
