/**
 * What a management Prometheus scrapes of many clusters, on loopback: of each the family that a real Prometheus with our
 * rules recorded of a cluster of 100 nodes, and what the operator's own code says of them. Two in a hundred have a fault: some
 * of everything is not well there, or, of one in five of these, the API server does not answer at all.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { federationJob, prometheusUp } from '../../../monitoring/federation.ts';
import { probeJob } from '../../../monitoring/fleet.ts';
import { clusterClassName } from '../../../provisioner/api/names.ts';
import { labels } from '../../../provisioner/api/labels.ts';
import { keyOf } from '../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../provisioner/operators/cluster.ts';
import { federationSecret, identityOf } from '../../../provisioner/operators/monitoring/federation.ts';
import { registerFleetMetrics } from '../../../provisioner/operators/monitoring/fleet-metrics.ts';
import { linesOf } from './recorded-cluster.ts';

/** Answers to `/federate`. */
export interface Families {
  readonly well: string;
  readonly faulty: string;
}

export interface FleetOfClusters {
  /** Scrapes as the chart `monitoring` and the operator write them: every cluster, and two replicas of the operator. */
  readonly scrapes: readonly object[];
  /** How many clusters have a fault. */
  readonly faulty: number;
  readonly address: string;
  stop(): Promise<void>;
}

export const isFaulty = (i: number): boolean => i % 50 === 7;
const isSilent = (i: number): boolean => i % 250 === 7;

/** @param raw an answer of what is not recorded, for whoever asks at /raw */
export async function startFleet(clusters: number, families: Families, raw: () => string): Promise<FleetOfClusters> {
  const all = Array.from({ length: clusters }, (_, i) => clusterOf(i));
  const operator = operatorOf(all);
  const pages = { well: replay(families.well), faulty: replay(families.faulty) };
  const server: Server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    const [, kind, which = ''] = url.split('/');
    if (kind === 'operator') return void operator.metrics().then((text) => response.end(text));
    if (kind === 'raw') return void response.end(raw());
    if (isSilent(Number(which))) return void response.writeHead(503).end();
    return void response.end(isFaulty(Number(which)) ? pages.faulty() : pages.well());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const family = all.map((cluster, i) => ({ targets: [address], labels: { ...known(cluster), instance: `203.0.113.${i % 256}:6443`, __metrics_path__: `/family/${i}` } }));
  const operators = (job_name: string, regex: string): object => ({ job_name, metrics_path: '/operator', static_configs: ['a', 'b'].map((pod) => ({ targets: [address], labels: { pod, instance: pod } })), honor_labels: true, metric_relabel_configs: [{ source_labels: ['__name__'], regex, action: 'keep' }] });
  return {
    address, faulty: all.filter((_, i) => isFaulty(i)).length,
    scrapes: [{ job_name: federationJob, static_configs: family }, operators('keelson-clusters', 'keelson_cluster_.*'), operators(probeJob, 'probe_.*')],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const known = (cluster: Cluster): Record<string, string> => Object.fromEntries(Object.entries(identityOf(cluster, cluster.metadata.name)).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Runnable processes per core of every node: what the recording machine says is its own load, which is not that of a node. */
const load = 0.4;

/** The same again, at the time of the scrape: without the times of its samples, and with a heart that beats. A cluster older than half an hour also knows how long its round trips used to take. */
function replay(family: string): () => string {
  const lines = linesOf(family).map((line) => line.replace(/ \d{13}$/, '')).filter((line) => !line.startsWith('keelson:heartbeat')).map((line) => (line.startsWith('keelson:node_load:ratio') ? line.replace(/ \S+$/, ` ${load}`) : line));
  const before = lines.flatMap((line) => (line.startsWith('keelson:net_round_trip_seconds:p50') ? [line.replace('net_round_trip', 'net_round_trip_baseline')] : []));
  const text = [...lines, ...before, `${prometheusUp} 1`, ''].join('\n');
  return () => `${text}keelson:heartbeat_timestamp:max ${Date.now() / 1000}\n`;
}

/** One of fifty organizations, in one of four regions; it has run for long. */
function clusterOf(i: number): Cluster {
  const fine = ['Available', 'RemoteConnectionProbe', 'InfrastructureReady', 'ControlPlaneInitialized', 'ControlPlaneAvailable', 'ControlPlaneMachinesReady', 'ControlPlaneMachinesUpToDate', 'WorkersAvailable', 'WorkerMachinesReady', 'WorkerMachinesUpToDate', 'TopologyReconciled', 'keelson.dev/CredentialReady', 'keelson.dev/PreflightPassed'];
  const bad = isSilent(i) ? ['Available', 'RemoteConnectionProbe'] : isFaulty(i) ? ['WorkerMachinesReady'] : [];
  const condition = (type: string, holds: boolean) => ({ type, status: holds ? 'True' as const : 'False' as const, reason: type, message: '', lastTransitionTime: '2026-01-01T01:00:00Z' });
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster',
    metadata: { name: `c${i}`, namespace: `org-o${i % 50}`, uid: `u${i}`, creationTimestamp: '2026-01-01T00:00:00Z', labels: { [labels.organization]: `o${i % 50}` } },
    spec: { infrastructureRef: { kind: 'OpenStackCluster', name: `c${i}` }, topology: { version: 'v1.36.3', classRef: { name: clusterClassName }, variables: [{ name: 'cloud', value: { region: `r${i % 4}` } }] } },
    status: {
      initialization: { controlPlaneInitialized: true }, conditions: [...fine.map((type) => condition(type, !bad.includes(type))), ...['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating', 'Deleting', 'Paused'].map((type) => condition(type, false))],
      controlPlane: { desiredReplicas: 3, replicas: 3, readyReplicas: 3, availableReplicas: 3, upToDateReplicas: 3 }, workers: { desiredReplicas: 97, replicas: 97, readyReplicas: 97, availableReplicas: 97, upToDateReplicas: 97 },
    },
  };
}

function operatorOf(all: readonly Cluster[]): Registry {
  const registry = new Registry();
  const token = { token: 't', expiresAt: new Date(Date.now() + 86_400_000) };
  const secrets = all.map((cluster) => federationSecret(cluster, { namespace: 'keelson-system', token, api: { endpoint: 'x', ca: 'y' }, now: new Date() }));
  const results = new Map(all.map((cluster, i) => [keyOf(cluster.metadata), { failure: isSilent(i) ? 'timeout' as const : undefined, seconds: isSilent(i) ? 5 : 0.02 }]));
  registerFleetMetrics(registry, { clusters: { items: () => [...all] }, secrets: { items: () => [...secrets] }, probes: { results: () => results } });
  return registry;
}
