/** What Keelson's own processes write; the exporters have catalogues of their own. */
import { prometheusUp } from '../federation.ts';
import { fleetMetrics, quotaMetrics, type FleetMetric } from '../fleet.ts';
import { component, type ForeignComponent, type Row } from './family.ts';

const source = 'provisioner';

const rowsOf = (metrics: Readonly<Record<string, FleetMetric>>, perTarget: string): readonly Row[] =>
  Object.values(metrics).map(({ name, labels, help }) => [name, name.endsWith('_total') ? 'counter' : 'gauge', labels.join(' '), help, perTarget]);

/** What controllers write, those of controller-runtime as ours, but for the labels of a queue. */
const controllers = (queue: string): readonly Row[] => [
  ['controller_runtime_reconcile_total', 'counter', 'controller result', 'Reconciles.', 'tens'],
  ['controller_runtime_reconcile_errors_total', 'counter', 'controller', 'Those that failed.', 'tens'],
  ['workqueue_depth', 'gauge', queue, 'Keys that wait for a controller.', 'tens'],
  ['rest_client_requests_total', 'counter', 'code method host', 'Requests to API servers.', 'tens'],
];
const upstreamQueue = 'name controller priority';

export const keelsonComponents: readonly ForeignComponent[] = [
  component('cluster-api', '1.14', 'https://github.com/kubernetes-sigs/controller-runtime/tree/main/pkg/metrics', controllers(upstreamQueue)),
  component('cluster-api-provider-openstack', '0.14', 'https://github.com/kubernetes-sigs/cluster-api-provider-openstack/blob/main/pkg/metrics/metrics.go', [
    ...controllers(upstreamQueue),
    ['capo_openstack_api_requests_total', 'counter', 'request', 'Calls to OpenStack.', 'tens'],
    ['capo_openstack_api_request_errors_total', 'counter', 'request', 'Those that failed.', 'tens'],
  ]),
  component('keelson-operator', '0.1.0', source, [
    ['keelson_app_ready', 'gauge', 'namespace cluster cluster_id organization component reason', '1 where the App is Ready, else 0.', '1 per App'],
    ['keelson_app_drifted_fields', 'gauge', 'namespace app cluster cluster_id organization component', 'Fields in the cluster that are not as the release of the App has them.', '1 per App'],
    ...rowsOf(fleetMetrics, 'few per cluster'),
    ...rowsOf(quotaMetrics, '14 per project'),
    ['keelson_cluster_access_open', 'gauge', 'cluster_namespace cluster role', 'Logins that are open, by role.', 'few per cluster'],
    ['keelson_cluster_access_waiting', 'gauge', 'cluster_namespace cluster', 'Logins that are neither issued nor refused.', '1 per cluster'],
    ['keelson_cluster_access_refused_total', 'counter', 'cluster_namespace reason', 'Logins that were refused.', 'few per organization'],
    ['keelson_access_rights_applied', 'gauge', 'cluster_namespace cluster', '1 where a cluster has the rights that were given, else 0.', '1 per cluster'],
    ['keelson_organization_used', 'gauge', 'organization resource', 'What an organization uses of each resource.', 'few per organization'],
    ['keelson_organization_quota', 'gauge', 'organization resource', 'What it may use.', 'few per organization'],
    ['keelson_organization_contact_info', 'gauge', 'organization email', 'Where mail to an organization goes; always 1.', '1 per organization'],
    ['keelson_organization_condition', 'gauge', 'organization condition reason', '1 for each condition of an organization that holds, else 0.', 'few per organization'],
    ['keelson_alertmanager_reached', 'gauge', 'alertmanager', '1 where an Alertmanager took what it should of the silences, else 0; the leader writes it.', '2'],
    ['keelson_silence_ready', 'gauge', 'silence_kind silence_namespace silence reason', '1 where a Silence or MaintenanceWindow is Ready, else 0, and why.', '1 per object'],
    ['leader_election_master_status', 'gauge', 'name', '1 where this process holds the Lease.', '1'],
    ...controllers('name'),
    ['reflector_failures_total', 'counter', 'name', 'Lists and watches that failed.', 'tens'],
  ]),
  component('keelson-topology-extension', '0.1.0', source, [
    ['keelson_topology_class_mismatch', 'gauge', 'class', '1 while the published class answers otherwise than this extension would.', 'classes'],
    ['keelson_topology_hook_answers_total', 'counter', 'hook outcome', 'Answered hooks.', 'tens'],
    ['keelson_topology_hook_duration_seconds', 'histogram', 'hook', 'Time of a hook.', 'tens'],
    ['keelson_topology_certificate_expiry_timestamp_seconds', 'gauge', '', 'End of validity of the serving certificate.', '1'],
  ]),
  component('keelson-federation', '0.1.0', source, [
    [prometheusUp, 'gauge', 'reason', 'Whether the Prometheus behind the federation proxy answers, and why not; the proxy adds it to what it forwards.', '1'],
  ]),
  component('policies', '0.1.0', 'charts/policies', [
    ['keelson:policy_exception_not_after_timestamp:value', 'gauge', 'workload owner', 'When each exception from policies ends, in unix seconds; a rule of the chart.', '1 per exception'],
  ]),
];
