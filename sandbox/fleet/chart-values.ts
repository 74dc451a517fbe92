/**
 * Values that differ from the charts' defaults because this is one small machine: one replica of everything that stands
 * by in production, and short intervals, so that a page comes within a minute instead of a quarter of an hour.
 * Listed for people in docs/sandbox.md.
 */

/** Where Alertmanager sends pages; the pager of the world. */
export const pagerWebhook = 'http://198.51.100.3:9099/api/v2/alerts-webhook';

const one = { replicas: 1 };

/** Charts of the management cluster. */
export const managementValues = {
  'prometheus-operator': {},
  keelson: { operator: one, topologyExtension: one, serviceMonitor: { enabled: true, interval: '10s' } },
  'cluster-api': { core: one, bootstrap: one, controlPlane: one, infrastructure: one },
  monitoring: {},
} as const satisfies Record<string, Record<string, unknown>>;

/** Charts of every workload cluster, by component; the operator merges them last. */
export const bundleValues: Record<string, Record<string, unknown>> = {};
