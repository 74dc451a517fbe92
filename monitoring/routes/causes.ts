/**
 * What hides what. A dead node takes its pods with it, a lost zone its nodes, a cloud its clusters, and a cluster that is
 * being changed misses what goes there on purpose: one page for the cause, none for what follows from it. Which alerts a
 * cause hides is said by the alerts (`hiddenBy`); here are the alerts that are the causes.
 */
import type { Alert, Area, Cause } from '../rules/model.ts';

export interface CauseSource {
  /** Alerts that say that the cause is there. Those further up may hide those further down, never the other way. */
  readonly alerts: readonly string[];
  /** More that must hold of them. */
  readonly matchers?: readonly string[];
  /** Labels in which cause and effect agree; of these, those that the hidden alert has. */
  readonly equal: readonly string[];
}

export const causes: Readonly<{ [cause in Cause]: readonly CauseSource[] }> = {
  cloud: [
    { alerts: ['CloudDown'], equal: ['region'] },
    { alerts: ['CloudZoneDown'], equal: ['region', 'zone'] },
  ],
  zone: [
    { alerts: ['CloudZoneDown'], equal: ['region', 'zone'] },
    // Without the zone that does not answer the page is about two that do not reach each other, and hides nothing.
    { alerts: ['ZonePartitioned'], matchers: ['zone!=""'], equal: ['cluster_id', 'zone'] },
  ],
  node: [{ alerts: ['NodeUnreachable', 'NodeNotReady'], equal: ['cluster_id', 'node'] }],
  controlPlane: [{ alerts: ['ClusterApiDown', 'EtcdNoLeader'], equal: ['cluster_id'] }],
  blindness: [{ alerts: ['ClusterApiDown', 'ClusterNotFederated', 'FederationPathDown', 'ClusterPrometheusDown', 'ClusterHeartbeatMissing'], equal: ['cluster_id'] }],
  lifecycle: [{ alerts: ['ClusterCreating', 'ClusterUpgrading', 'ClusterDeleting'], equal: ['cluster_id'] }],
};

/** Where an alert does not say what hides it. */
const byArea: Readonly<{ [area in Area]?: readonly Cause[] }> = {
  certificates: ['blindness'], network: ['node', 'zone', 'cloud', 'blindness', 'lifecycle'], dns: ['zone', 'cloud', 'blindness', 'lifecycle'], clock: ['node', 'blindness'],
  nodes: ['node', 'zone', 'cloud', 'blindness', 'lifecycle'], monitoring: ['blindness', 'lifecycle'], cloud: [], keelson: [],
};

export function hiddenBy({ area, hiddenBy: own }: Pick<Alert, 'area' | 'hiddenBy'>): readonly Cause[] {
  return own ?? byArea[area] ?? [];
}
