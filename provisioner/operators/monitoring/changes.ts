/**
 * What was changed of a cluster, and when: pages say so, because what broke is as a rule what was changed. Each change is
 * shown for a quarter of an hour; Prometheus remembers it for the alerts of the next two. Every replica sees the same.
 */
import type { Registry } from 'prom-client';
import { fleetMetrics } from '../../../monitoring/fleet.ts';
import { annotations, labels } from '../../api/labels.ts';
import { type Change, type ChangeSource, type Clock, keyOf } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { type Cluster, isManaged } from '../cluster.ts';
import { scrapedGauge } from '../scraped-gauge.ts';
import { clusterIds } from './cluster-id.ts';
import { phaseOf } from './phase.ts';

/** Longer than Prometheus takes to look twice. */
const shownMs = 15 * 60_000;
/** Of one cluster at a time: whoever changes more than that within a quarter of an hour changes everything. */
const most = 20;

export interface ChangesOptions {
  readonly registry: Registry;
  readonly clusters: Pick<ChangeSource<Cluster>, 'onChange'> & { items(): Cluster[] };
  readonly apps: Pick<ChangeSource<AppObject>, 'onChange'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Writes `keelson_cluster_change_timestamp_seconds`. */
export function registerClusterChanges({ registry, clusters, apps, clock }: ChangesOptions): void {
  /** By key of the Cluster: change → when. */
  const seen = new Map<string, Map<string, Date>>();
  const note = (cluster: string, changes: readonly string[]): void => {
    if (!changes.length) return;
    const of = seen.get(cluster) ?? new Map<string, Date>();
    for (const change of changes) {
      of.delete(change);
      of.set(change, clock.now());
    }
    for (const oldest of [...of.keys()].slice(0, Math.max(0, of.size - most))) of.delete(oldest);
    seen.set(cluster, of);
  };
  clusters.onChange((change) => note(keyOf(change.object.metadata), clusterChanges(change)));
  apps.onChange((change) => note(keyOf({ namespace: change.object.metadata.namespace, name: change.object.spec.cluster ?? '' }), appChanges(change)));

  scrapedGauge(registry, fleetMetrics.change, function* () {
    const all = clusters.items();
    const idOf = clusterIds(all);
    const ids = new Map(all.filter(isManaged).map((cluster) => [keyOf(cluster.metadata), idOf(cluster)]));
    for (const [key, changes] of seen) {
      for (const [change, at] of changes) {
        const cluster_id = ids.get(key);
        if (clock.now().getTime() - at.getTime() > shownMs) changes.delete(change);
        else if (cluster_id !== undefined) yield [{ cluster_id, change }, at.getTime() / 1000] as const;
      }
      if (!changes.size) seen.delete(key);
    }
  });
}

/** In words, from one look at a Cluster to the next. */
export function clusterChanges({ type, old, object }: Change<Cluster>): string[] {
  if (type !== 'modified' || !old || old.metadata.uid !== object.metadata.uid) return [];
  const of = ({ spec, metadata, status }: Cluster) => ({
    version: spec?.topology?.version, class: spec?.topology?.classRef?.name, bundle: metadata.annotations?.[annotations.bundle],
    'control plane machines': status?.controlPlane?.desiredReplicas, 'worker machines': status?.workers?.desiredReplicas,
    // Compared, not shown.
    variables: JSON.stringify(spec?.topology?.variables ?? []),
  });
  const [before, after] = [of(old), of(object)];
  const fields = (['version', 'class', 'bundle', 'control plane machines', 'worker machines'] as const).filter((field) => before[field] !== after[field] && before[field] !== undefined && after[field] !== undefined);
  const [was, is] = [phaseOf(old).phase, phaseOf(object).phase];
  return [
    ...fields.map((field) => `${field} ${before[field]} → ${after[field]}`),
    ...(before.variables === after.variables ? [] : ['variables of its cloud or network']),
    ...(was === is ? [] : [phases[is] ?? `it is ${is}`]),
  ];
}

const phases: Readonly<Record<string, string>> = { upgrading: 'machines began to be changed', running: 'machines are as they should be', paused: 'it was paused', deleting: 'it is being deleted' };

/** The same of an App of a cluster: the platform's components and policies are Apps too. */
export function appChanges({ type, old, object }: Change<AppObject>): string[] {
  const what = `App ${object.metadata.labels?.[labels.component] ?? object.metadata.name}`;
  if (type === 'deleted') return [`${what} removed`];
  if (type !== 'modified' || !old || old.metadata.uid !== object.metadata.uid) return [];
  const changes: string[] = [];
  if (old.spec.version !== object.spec.version) changes.push(`${what} ${old.spec.version ?? 'as shipped'} → ${object.spec.version ?? 'as shipped'}`);
  else if (old.metadata.generation !== object.metadata.generation) changes.push(`${what}: its spec`);
  const [was, is] = [old.status?.release, object.status?.release];
  if (is && was && was.revision !== is.revision) changes.push(`${what} ${was.version === is.version ? is.version : `${was.version} → ${is.version}`} installed`);
  return changes;
}
