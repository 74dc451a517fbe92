/** The clusters that should exist, as metrics: read from the cache at each scrape, by every replica of the operator. */
import type { Registry } from 'prom-client';
import { defaultEnvironment, type FleetMetric, fleetMetrics } from '../../../monitoring/fleet.ts';
import { keyOf } from '../../kube/index.ts';
import { type Cluster, isDeleting, isManaged, type MachineCounts } from '../cluster.ts';
import { type Sample, scrapedGauge } from '../scraped-gauge.ts';
import { clusterIds } from './cluster-id.ts';
import { federationName, type FederationSecret, identityOf, refOf, renewAtOf } from './federation.ts';
import type { ProbeResult } from './api-probe.ts';
import { phaseOf } from './phase.ts';

export interface FleetSources {
  readonly clusters: { items(): Cluster[] };
  /** The Secrets of federation by name, without their data. */
  readonly secrets: { items(): FederationSecret[] };
  readonly probes: { results(): ReadonlyMap<string, ProbeResult> };
}

type ProbeLabels = { readonly cluster_id: string; readonly organization: string; readonly region?: string };
/** `cluster_id` of a Cluster. */
type IdOf = (cluster: Cluster) => string;

export function registerFleetMetrics(registry: Registry, { clusters, secrets, probes }: FleetSources): void {
  const each = (metric: FleetMetric, samples: (cluster: Cluster, idOf: IdOf) => readonly Sample[]): void => scrapedGauge(registry, metric, () => {
    const all = clusters.items();
    const idOf = clusterIds(all);
    return all.filter(isManaged).flatMap((cluster) => samples(cluster, idOf));
  });
  const probed = (metric: FleetMetric, samples: (result: ProbeResult, who: ProbeLabels) => readonly Sample[]): void =>
    each(metric, (cluster, idOf) => {
      const result = probes.results().get(keyOf(cluster.metadata));
      const { cluster_id, organization = '', region } = identityOf(cluster, idOf(cluster));
      return result ? samples(result, { cluster_id, organization, ...inRegion(region) }) : [];
    });

  each(fleetMetrics.info, (cluster, idOf) => [[infoOf(cluster, idOf(cluster)), 1]]);
  each(fleetMetrics.phaseSince, (cluster, idOf) => {
    const { phase, since } = phaseOf(cluster);
    return [[{ cluster_id: idOf(cluster), phase }, since.getTime() / 1000]];
  });
  each(fleetMetrics.condition, (cluster, idOf) => conditionsOf(cluster, idOf(cluster)));
  each(fleetMetrics.machines, (cluster, idOf) => [...machinesOf(idOf(cluster), 'control_plane', cluster.status?.controlPlane), ...machinesOf(idOf(cluster), 'worker', cluster.status?.workers)]);
  probed(fleetMetrics.probeSuccess, ({ failure }, who) => [[who, failure === undefined ? 1 : 0]]);
  probed(fleetMetrics.probeSeconds, ({ seconds }, who) => [[who, seconds]]);
  probed(fleetMetrics.probeFailure, ({ failure }, { cluster_id }) => (failure === undefined ? [] : [[{ cluster_id, reason: failure }, 1]]));

  const secretOf = (cluster: Cluster): FederationSecret | undefined => {
    const name = federationName(refOf(cluster));
    return secrets.items().find(({ metadata }) => metadata.name === name);
  };
  each(fleetMetrics.federated, (cluster, idOf) => (isDeleting(cluster) ? [] : [[{ cluster_id: idOf(cluster) }, secretOf(cluster) ? 1 : 0]]));
  each(fleetMetrics.tokenRenewal, (cluster, idOf) => {
    const renewAt = renewAtOf(secretOf(cluster));
    return renewAt ? [[{ cluster_id: idOf(cluster) }, renewAt.getTime() / 1000]] : [];
  });
}

/** A cluster whose region is not known has no such label. */
const inRegion = (region: string | undefined): { readonly region?: string } => (region ? { region } : {});

function infoOf(cluster: Cluster, clusterId: string): Record<string, string> {
  const { cluster_id, cluster_type = '', organization = '', region, environment = defaultEnvironment, provider = '' } = identityOf(cluster, clusterId);
  const { version = '', classRef } = cluster.spec?.topology ?? {};
  return { cluster_id, cluster_type, cluster_namespace: refOf(cluster).namespace, organization, ...inRegion(region), environment, phase: phaseOf(cluster).phase, version, class: classRef?.name ?? '', provider };
}

function conditionsOf(cluster: Cluster, clusterId: string): Sample[] {
  const { cluster_id, organization = '' } = identityOf(cluster, clusterId);
  return (cluster.status?.conditions ?? []).map(({ type, status, reason }) => [{ cluster_id, organization, type, status, reason }, 1]);
}

function machinesOf(cluster_id: string, role: string, counts: MachineCounts | undefined): Sample[] {
  if (!counts) return [];
  const { desiredReplicas, replicas, upToDateReplicas, readyReplicas, availableReplicas } = counts;
  const states = { desired: desiredReplicas, all: replicas, up_to_date: upToDateReplicas, ready: readyReplicas, available: availableReplicas };
  return Object.entries(states).flatMap(([state, count]) => (count === undefined ? [] : [[{ cluster_id, role, state }, count] as const]));
}
