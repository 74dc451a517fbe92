/** What Alertmanager should hold for the Silences and MaintenanceWindows there are. Pure. */
import { type AlertMatcher, matcherProblem, matcherText } from '../../api/alert-matchers.ts';
import { selects } from '../../api/label-selector.ts';
import type { MaintenanceWindow } from '../../api/maintenance-window.ts';
import { organizationOf } from '../../api/names.ts';
import { longestSilenceDays, type Silence } from '../../api/silence.ts';
import type { KubeObject } from '../../kube/index.ts';
import { type Cluster, isDeleting, isManaged } from '../cluster.ts';
import { clusterIds } from '../monitoring/cluster-id.ts';
import { refOf } from '../monitoring/federation.ts';
import { keyOf } from './mark.ts';
import { nextWindows, TimeZoneError, type Window } from './windows.ts';

export type SilenceObject = Silence & KubeObject;
export type WindowObject = MaintenanceWindow & KubeObject;

/** One silence in Alertmanager. */
export interface WantedSilence {
  /** By which it is found again, see mark.ts. */
  readonly key: string;
  readonly owner: string;
  readonly reason: string;
  readonly matchers: readonly AlertMatcher[];
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export type Judged =
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'noClusters' }
  /** @property window of a MaintenanceWindow: the one that is open or comes next; silences: none yet when that is further away than a day */
  | { readonly kind: 'wanted'; readonly silences: readonly WantedSilence[]; readonly matchers: readonly string[]; readonly window?: Window; readonly clusters?: number };

export interface Surroundings {
  /** Namespaces of the fleet's owners: what stands there reaches every cluster. */
  readonly ownerNamespaces: readonly string[];
  readonly clusters: readonly Cluster[];
  readonly now: Date;
}

const dayMs = 86_400_000;

/** The matchers that keep what stands in a namespace away from the clusters of others; undefined where nobody may silence. */
function confinement(namespace: string, ownerNamespaces: readonly string[]): AlertMatcher[] | undefined {
  if (ownerNamespaces.includes(namespace)) return [];
  const organization = organizationOf(namespace);
  return organization === undefined ? undefined : [{ name: 'organization', operator: '=', value: organization }, { name: 'cluster_id', operator: '=~', value: '.+' }];
}

const foreign = (namespace: string): Judged => ({ kind: 'refused', why: `namespace ${namespace} is neither an organization's nor one of the fleet's owners; move it there` });

export function judgeSilence({ metadata, spec }: SilenceObject, { ownerNamespaces, now }: Surroundings): Judged {
  const { namespace = '', creationTimestamp = '' } = metadata;
  const confined = confinement(namespace, ownerNamespaces);
  if (!confined) return foreign(namespace);
  const problem = matcherProblem(spec.matchers);
  if (problem !== undefined) return { kind: 'refused', why: problem };
  const [startsAt, endsAt] = [new Date(creationTimestamp), new Date(spec.expiresAt)];
  if (Number.isNaN(endsAt.getTime()) || endsAt.getTime() - startsAt.getTime() > longestSilenceDays * dayMs) return { kind: 'refused', why: `expiresAt is more than ${longestSilenceDays} days after the object was made` };
  if (endsAt <= now) return { kind: 'ended' };
  const matchers = [...spec.matchers, ...confined];
  return { kind: 'wanted', matchers: matchers.map(matcherText), silences: [{ key: keyOf('Silence', metadata), owner: spec.owner, reason: spec.reason, matchers, startsAt, endsAt }] };
}

export function judgeWindow({ metadata, spec }: WindowObject, { ownerNamespaces, clusters, now }: Surroundings): Judged {
  const { namespace = '' } = metadata;
  const confined = confinement(namespace, ownerNamespaces);
  if (!confined) return foreign(namespace);
  const isOwners = confined.length === 0;
  const { names, selector } = spec.clusters;
  if (isOwners && !names && !hasConditions(selector)) return { kind: 'refused', why: "a window of the fleet's owners names its clusters, or selects them by a label: it would hide the whole fleet" };
  const bare = isOwners ? names?.find((name) => !name.includes('/')) : undefined;
  if (bare !== undefined) return { kind: 'refused', why: `clusters.names: ${bare} lacks its namespace: org-demo/${bare}` };
  let windows: readonly Window[];
  try {
    windows = nextWindows(spec, now);
  } catch (error) {
    if (error instanceof TimeZoneError) return { kind: 'refused', why: error.message };
    throw error;
  }
  const [window] = windows;
  if (!window) return { kind: 'ended' };

  const idOf = clusterIds(clusters);
  const ids = clusters.filter((cluster) => {
    const ref = refOf(cluster);
    if (!isManaged(cluster) || isDeleting(cluster) || (!isOwners && ref.namespace !== namespace)) return false;
    return names ? names.some((name) => name === `${ref.namespace}/${ref.name}` || (!isOwners && name === ref.name)) : selects(selector, cluster.metadata.labels);
  }).map(idOf).sort();
  if (!ids.length) return { kind: 'noClusters' };
  const matchers: AlertMatcher[] = [{ name: 'cluster_id', operator: '=~', value: ids.join('|').replaceAll('.', '[.]') }, ...confined.filter(({ name }) => name === 'organization')];
  // Alertmanager knows of it a day before, so that it begins also when nothing of ours runs then.
  const due = windows.filter(({ from }) => from.getTime() - now.getTime() < dayMs);
  return {
    kind: 'wanted', window, clusters: ids.length, matchers: matchers.map(matcherText),
    silences: due.map(({ from, to }) => ({ key: keyOf('MaintenanceWindow', metadata, from), owner: spec.owner, reason: spec.reason, matchers, startsAt: from, endsAt: to })),
  };
}

function hasConditions(selector: WindowObject['spec']['clusters']['selector']): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) > 0;
}
