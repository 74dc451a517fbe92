/**
 * Metrics that our rules read and others write: which, from whom, with which labels. A rule that reads anything that is
 * neither here nor in a catalogue of ours is a typing error or an unwritten dependency.
 */

export interface ForeignFamily {
  readonly name: string;
  /** Who writes it. */
  readonly from: string;
  readonly labels: readonly string[];
  /** Where its meaning is fixed. */
  readonly source: string;
}

export const foreignFamilies: readonly ForeignFamily[] = [
  { name: 'up', from: 'prometheus', labels: [], source: 'https://prometheus.io/docs/concepts/jobs_instances/' },
  { name: 'keelson_topology_class_mismatch', from: 'topology extension', labels: ['class'], source: 'provisioner/topology/extension/metrics.ts' },
  { name: 'keelson_cluster_access_open', from: 'operator', labels: ['cluster_namespace', 'cluster', 'role'], source: 'provisioner/operators/access/metrics.ts' },
  { name: 'keelson_cluster_access_waiting', from: 'operator', labels: ['cluster_namespace', 'cluster'], source: 'provisioner/operators/access/metrics.ts' },
  { name: 'keelson_cluster_access_refused_total', from: 'operator', labels: ['cluster_namespace', 'reason'], source: 'provisioner/operators/access/metrics.ts' },
  { name: 'keelson_access_rights_applied', from: 'operator', labels: ['cluster_namespace', 'cluster'], source: 'provisioner/operators/access/metrics.ts' },
  { name: 'keelson_organization_used', from: 'operator', labels: ['organization', 'resource'], source: 'provisioner/operators/organization/metrics.ts' },
  { name: 'keelson_organization_quota', from: 'operator', labels: ['organization', 'resource'], source: 'provisioner/operators/organization/metrics.ts' },
  { name: 'keelson_organization_condition', from: 'operator', labels: ['organization', 'condition', 'reason'], source: 'provisioner/operators/organization/metrics.ts' },
];

/** Labels that scraping adds to every series: by Prometheus itself, and by the ServiceMonitors and ScrapeConfigs of our charts. */
export const targetLabels: readonly string[] = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'node'];
