/**
 * What the operator says of the clusters that should exist. Absence is judged by these series: a cluster of which nothing
 * arrives is one that is here and not there, whatever other clusters send. Every replica of the operator writes them, so
 * rules take `max by (cluster_id)`.
 */
/** Job of the probes of /readyz: named as those of a blackbox exporter, and written by the operator, which has each cluster's CA and address. */
export const probeJob = 'keelson-readyz';

/** ClusterClasses of the clusters whose control planes are ours to watch, as an expression; a foreign one may run its own where nobody sees it. */
export const ownClasses = 'openstack-v[1-9][0-9]*';

/** Where a Cluster is in its life. */
export const clusterPhases = ['creating', 'running', 'upgrading', 'paused', 'deleting'] as const;
export type ClusterPhase = (typeof clusterPhases)[number];

/** Why a probe of an API server failed. */
export const probeFailures = ['unreachable', 'timeout', 'not_ready', 'refused', 'certificate', 'no_credentials'] as const;
export type ProbeFailure = (typeof probeFailures)[number];

/** The environment of a Cluster without the label keelson.dev/environment: whoever forgets it is paged, not overlooked. */
export const defaultEnvironment = 'production';

export interface FleetMetric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Of the projects that clusters are in; the leader of the operator asks for them and writes them. */
export const quotaMetrics = {
  used: { name: 'keelson_openstack_quota_used', help: 'What a project uses of a resource; ram_mib and gigabytes in their unit.', labels: ['organization', 'project', 'region', 'service', 'resource'] },
  limit: { name: 'keelson_openstack_quota_limit', help: 'What it may have; absent where there is no limit.', labels: ['organization', 'project', 'region', 'service', 'resource'] },
  readAt: { name: 'keelson_openstack_quota_read_timestamp_seconds', help: 'When a service last said so, in unix seconds.', labels: ['organization', 'project', 'region', 'service'] },
  errors: { name: 'keelson_openstack_quota_errors_total', help: 'Questions about quotas that were not answered, by service (identity: nobody could log in) and error code.', labels: ['organization', 'service', 'code'] },
} as const satisfies Readonly<Record<string, FleetMetric>>;

export const fleetMetrics = {
  info: { name: 'keelson_cluster_info', help: 'A Cluster in our care, as it should be; always 1.', labels: ['cluster_id', 'cluster_type', 'cluster_namespace', 'organization', 'region', 'environment', 'phase', 'version', 'class', 'provider'] },
  phaseSince: { name: 'keelson_cluster_phase_since_timestamp_seconds', help: 'Since when a Cluster is in its phase, in unix seconds.', labels: ['cluster_id', 'phase'] },
  condition: { name: 'keelson_cluster_condition', help: 'A condition of a Cluster as it is now; always 1.', labels: ['cluster_id', 'organization', 'type', 'status', 'reason'] },
  machines: { name: 'keelson_cluster_machines', help: 'Machines of a Cluster by role and state.', labels: ['cluster_id', 'role', 'state'] },
  probeSuccess: { name: 'probe_success', help: 'Whether /readyz of the API server of a Cluster answered the last probe with ok.', labels: ['cluster_id', 'organization', 'region'] },
  probeSeconds: { name: 'probe_duration_seconds', help: 'How long the last probe of /readyz took, connection and TLS included.', labels: ['cluster_id', 'organization', 'region'] },
  probeFailure: { name: 'keelson_cluster_api_failure', help: 'Why the last probe of /readyz failed; always 1, absent when it did not.', labels: ['cluster_id', 'reason'] },
  change: { name: 'keelson_cluster_change_timestamp_seconds', help: 'When something of a Cluster or of one of its Apps was changed, in unix seconds; for a quarter of an hour after.', labels: ['cluster_id', 'change'] },
  federated: { name: 'keelson_cluster_federated', help: 'Whether the operator has written a scrape identity for a Cluster.', labels: ['cluster_id'] },
  tokenRenewal: { name: 'keelson_cluster_token_renewal_timestamp_seconds', help: 'When the scrape token of a Cluster is due for renewal, in unix seconds; in the past where renewal fails.', labels: ['cluster_id'] },
} as const satisfies Readonly<Record<string, FleetMetric>>;
