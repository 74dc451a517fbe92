/** Life of clusters, clouds, reports, watchers, Keelson. promtool's clock starts at 0: what began "40 minutes ago" began at -2400. */
import { alertCase as on, type Case, type Input } from './case.ts';

const phase = (name: string, since: number, id = 'demo'): Input => ({
  [`keelson_cluster_info{cluster_id="${id}",organization="acme",cluster_type="workload_cluster",phase="${name}",pod="a",job="keelson-clusters"}`]: 1,
  // The other replica says the same, and is not a second cluster.
  [`keelson_cluster_info{cluster_id="${id}",organization="acme",cluster_type="workload_cluster",phase="${name}",pod="b",job="keelson-clusters"}`]: 1,
  [`keelson_cluster_phase_since_timestamp_seconds{cluster_id="${id}",phase="${name}",pod="a"}`]: since,
});
/** Of a job that is not ours. */
function foreign(series: string): Input {
  return { [series]: 0 };
}
/** It says this of another cluster too, which is in that phase no more: one of the replicas is late. */
const late = (name: string, since: number): Input => ({ ...phase('running', -60_000, 'moved'), [`keelson_cluster_phase_since_timestamp_seconds{cluster_id="moved",phase="${name}",pod="late"}`]: since });
const condition = (type: string, status: string, reason: string): Input => ({ [`keelson_cluster_condition{cluster_id="demo",organization="acme",type="${type}",status="${status}",reason="${reason}",pod="a"}`]: 1, [`keelson_cluster_condition{cluster_id="demo",organization="acme",type="${type}",status="${status}",reason="${reason}",pod="b"}`]: 1 });
/** The condition as it should be, and another one that says what this one must not. */
const but = (type: string, status: string, o: { readonly says: string; readonly reason: string }): Input => ({ ...condition(type, status, o.reason), ...condition('Other', o.says, o.reason) });
const running = phase('running', -100_000);
const scrape = (up: number, id = 'demo'): Input => ({ [`up{job="keelson-federation",cluster_id="${id}",organization="acme",instance="198.51.100.20:6443"}`]: up });
const probe = (up: number, id = 'demo'): Input => ({ [`probe_success{job="keelson-readyz",cluster_id="${id}",organization="acme"}`]: up });
const zone = (id: string, part: number): Input => ({ [`keelson:net_zone_blame:ratio{cluster_id="${id}",region="eu",zone="az1"}`]: part });
const probes = (...up: number[]): Input => Object.fromEntries(up.map((value, i) => [`probe_success{job="keelson-readyz",cluster_id="c${i}",region="eu"}`, value]));
/** Two clusters of a small region, and a probe that somebody else made. */
const twoOfThree: Input = { 'probe_success{job="keelson-readyz",cluster_id="u0",region="us"}': 0, 'probe_success{job="keelson-readyz",cluster_id="u1",region="us"}': 0, 'probe_success{job="keelson-readyz",cluster_id="u2",region="us"}': 1, ...foreign('probe_success{job="blackbox",cluster_id="u9",region="us"}') };
/** Grows by so much in each minute. */
const grows = (name: string, perMinute: number): Input => ({ [name]: `0+${perMinute}` });
const ratio = (failed: string, all: string, part: number): Input => ({ [failed]: `0+${part * 60}`, [all]: '0+60' });
const slow = (family: string, labels: string, below: number, above: number): Input => ({ [`${family}_bucket{${labels},le="${below}"}`]: 0, [`${family}_bucket{${labels},le="${above}"}`]: '0+60', [`${family}_bucket{${labels},le="+Inf"}`]: '0+60' });
const day = 86_400;
const cores = '{organization="acme",project="p1",region="eu",service="compute",resource="cores",pod="a"}';
const quota = (used: number): Input => ({ [`keelson_openstack_quota_used${cores}`]: used, [`keelson_openstack_quota_limit${cores}`]: 100 });
const unlimited: Input = { 'keelson_openstack_quota_used{organization="acme",project="p1",region="eu",service="network",resource="port",pod="a"}': 5000, 'keelson_openstack_quota_used{organization="acme",project="p1",region="eu",service="network",resource="router",pod="a"}': 1, 'keelson_openstack_quota_limit{organization="acme",project="p1",region="eu",service="network",resource="router",pod="a"}': 0 };

const lifecycle: readonly Case[] = [
  on('ClusterCreating', 'none', phase('creating', -2300), { ...phase('creating', -2750), ...late('creating', -1200) }),
  on('ClusterUpgrading', 'none', { ...phase('upgrading', -2300), ...phase('running', -340, 'other') }, { ...phase('upgrading', -2750), ...phase('running', -620, 'other'), ...late('upgrading', -1200) }),
  on('ClusterDeleting', 'none', phase('deleting', -2300), { ...phase('deleting', -2750), ...late('deleting', -1200) }),
  on('ClusterCreationStuck', 'notify', phase('creating', -2700), { ...phase('creating', -1700), ...phase('upgrading', -5000, 'other'), ...late('creating', -5000) }),
  on('ClusterUpgradeStuck', 'page', phase('upgrading', -2700), { ...phase('upgrading', -1700), ...phase('creating', -5000, 'other'), ...late('upgrading', -5000) }),
  on('ClusterDeletionStuck', 'notify', phase('deleting', -2700), { ...phase('deleting', -1700), ...late('deleting', -5000) }),
  on('ClusterNotAvailable', 'page', condition('Available', 'False', 'NotAvailable'), { ...condition('Available', 'True', 'Available'), ...condition('WorkersAvailable', 'False', 'NotAvailable') }),
  on('ClusterTopologyNotReconciled', 'notify', condition('TopologyReconciled', 'False', 'ReconcileFailed'), but('TopologyReconciled', 'True', { says: 'False', reason: 'ReconcileSucceeded' })),
  on('ControlPlaneMachinesNotReady', 'notify', condition('ControlPlaneMachinesReady', 'False', 'NotReady'), but('ControlPlaneMachinesReady', 'Unknown', { says: 'False', reason: 'NotReady' })),
  on('WorkerMachinesNotReady', 'notify', condition('WorkerMachinesReady', 'False', 'NotReady'), but('WorkerMachinesReady', 'True', { says: 'False', reason: 'Ready' })),
  on('ClusterNotReachedByClusterApi', 'notify', condition('RemoteConnectionProbe', 'False', 'ProbeFailed'), but('RemoteConnectionProbe', 'True', { says: 'False', reason: 'ProbeSucceeded' })),
  on('ClusterPaused', 'ticket', condition('Paused', 'True', 'Paused'), but('Paused', 'False', { says: 'True', reason: 'NotPaused' })),
  on('ClusterPreflightRefused', 'ticket', condition('keelson.dev/PreflightPassed', 'False', 'Refused'), but('keelson.dev/PreflightPassed', 'True', { says: 'False', reason: 'Passed' })),
  on('ClusterCredentialMissing', 'notify', condition('keelson.dev/CredentialReady', 'False', 'CannotMint'), but('keelson.dev/CredentialReady', 'True', { says: 'False', reason: 'Minted' })),
];

const cloud: readonly Case[] = [
  on('CloudZoneDown', 'page', { ...zone('a', 1), ...zone('b', 0.95), ...zone('c', 1), ...zone('d', 0.5) }, { ...zone('a', 1), ...zone('b', 1), ...zone('c', 0.85) }),
  on('CloudDown', 'page', probes(0, 0, 0, 1, 1), { ...probes(0, 0, 0, 1, 1, 1), ...twoOfThree }),
  on('CloudApiErrors', 'notify', ratio('capo_openstack_api_request_errors_total{job="capi-infrastructure-openstack",request="r"}', 'capo_openstack_api_requests_total{job="capi-infrastructure-openstack",request="r"}', 0.21), ratio('capo_openstack_api_request_errors_total{job="capi-infrastructure-openstack",request="r"}', 'capo_openstack_api_requests_total{job="capi-infrastructure-openstack",request="r"}', 0.19)),
  on('CloudQuotaNearEnd', 'ticket', quota(81), { ...quota(79), ...unlimited }),
  on('CloudQuotaNearEnd', 'notify', quota(96), quota(94)),
  on('CloudQuotaNotRead', 'ticket', { 'keelson_openstack_quota_read_timestamp_seconds{organization="acme",project="p1",region="eu",service="compute",pod="a"}': -1800, 'keelson_openstack_quota_errors_total{organization="acme",service="identity",code="CLOUD_UNAUTHORIZED",pod="a"}': '0+0.077' }, { 'keelson_openstack_quota_read_timestamp_seconds{organization="acme",project="p1",region="eu",service="compute",pod="a"}': '0+60', 'keelson_openstack_quota_errors_total{organization="acme",service="identity",code="CLOUD_UNAUTHORIZED",pod="a"}': '0+0.06', 'keelson_openstack_quota_errors_total{organization="acme",service="compute",code="CLOUD_FAILED",pod="a"}': '0+1' }, 31),
];

const federation: readonly Case[] = [
  on('ClusterApiDown', 'page', { ...probe(0), ...probe(1, 'other') }, { ...probe(1), ...foreign('probe_success{job="blackbox",cluster_id="demo",organization="acme"}') }),
  on('FederationPathDown', 'page', { ...scrape(0), ...probe(1), ...scrape(0, 'down'), ...probe(0, 'down') }, { ...scrape(0), ...probe(0), ...scrape(1, 'other'), ...foreign('up{job="node-exporter",cluster_id="other"}') }),
  on('ClusterPrometheusDown', 'page', { 'keelson:prometheus_up:bool{cluster_id="demo",organization="acme"}': 0 }, { 'keelson:prometheus_up:bool{cluster_id="demo",organization="acme"}': 1 }),
  on('ClusterHeartbeatMissing', 'page', { 'keelson:heartbeat_timestamp:max{cluster_id="demo",organization="acme"}': '0+60x5 300x40', 'keelson:heartbeat_timestamp:max{cluster_id="fine",organization="acme"}': '0+60' }, { 'keelson:heartbeat_timestamp:max{cluster_id="slow",organization="acme"}': '-280+60' }, 11),
  on('ClusterNotFederated', 'page', { ...running, ...phase('creating', -100, 'new'), ...phase('running', -100_000, 'other'), ...scrape(0, 'other') }, { ...running, ...scrape(0) }),
  on('ClusterRecordsMissing', 'notify', running, { ...running, ...phase('creating', -1000, 'new'), 'keelson:nodes:count{cluster_id="demo",ready="1"}': 3, 'keelson:nodes:count{cluster_id="other",ready="1"}': 3 }),
  on('FederationNearLimit', 'ticket', { 'scrape_samples_post_metric_relabeling{job="keelson-federation",cluster_id="demo",organization="acme"}': 1e6 }, { 'scrape_samples_post_metric_relabeling{job="keelson-federation",cluster_id="demo",organization="acme"}': 1500, 'scrape_samples_post_metric_relabeling{job="kubelet",cluster_id="demo"}': 1e6 }),
];

const watchers: readonly Case[] = [
  on('PrometheusRulesFail', 'notify', grows('prometheus_rule_evaluation_failures_total{job="prometheus-operated",rule_group="g"}', 0.16), grows('prometheus_rule_evaluation_failures_total{job="prometheus-operated",rule_group="g"}', 0.12), 18),
  on('PrometheusOverloaded', 'notify', grows('prometheus_rule_group_iterations_missed_total{rule_group="g"}', 0.16), grows('prometheus_rule_group_iterations_missed_total{rule_group="g"}', 0.12), 18),
  on('PrometheusTargetTooLarge', 'notify', grows('prometheus_target_scrapes_exceeded_sample_limit_total', 0.16), grows('prometheus_target_scrapes_exceeded_sample_limit_total', 0.12), 18),
  on('PrometheusStorageFails', 'notify', grows('prometheus_tsdb_compactions_failed_total', 1), { prometheus_tsdb_compactions_failed_total: 3 }),
  on('PrometheusConfigurationRefused', 'notify', { prometheus_config_last_reload_successful: 0 }, { prometheus_config_last_reload_successful: 1 }),
  on('PrometheusOperatorFails', 'notify', grows('prometheus_operator_reconcile_errors_total{controller="prometheus"}', 3.3), grows('prometheus_operator_reconcile_errors_total{controller="prometheus"}', 2.7), 19),
  on('AlertsNotDelivered', 'page', ratio('prometheus_notifications_errors_total{alertmanager="http://a:9093"}', 'prometheus_notifications_sent_total{alertmanager="http://a:9093"}', 0.11), ratio('prometheus_notifications_errors_total{alertmanager="http://a:9093"}', 'prometheus_notifications_sent_total{alertmanager="http://a:9093"}', 0.09)),
  on('NotificationsFail', 'page', ratio('alertmanager_notifications_failed_total{integration="pagerduty",reason="clientError"}', 'alertmanager_notifications_total{integration="pagerduty"}', 0.055), ratio('alertmanager_notifications_failed_total{integration="pagerduty",reason="clientError"}', 'alertmanager_notifications_total{integration="pagerduty"}', 0.045)),
  on('AlertmanagerConfigurationRefused', 'page', { 'alertmanager_config_last_reload_successful{job="alertmanager-operated"}': 0 }, { 'alertmanager_config_last_reload_successful{job="alertmanager-operated"}': 1 }),
  on('AlertmanagersDisagree', 'notify', { 'alertmanager_cluster_members{job="alertmanager-operated",pod="a"}': 1, 'alertmanager_cluster_members{job="alertmanager-operated",pod="b"}': 2 }, { 'alertmanager_cluster_members{job="alertmanager-operated",pod="a"}': 2, 'alertmanager_cluster_members{job="alertmanager-operated",pod="b"}': 2 }),
  on('AlertmanagerNotReached', 'notify', { 'keelson_alertmanager_reached{alertmanager="http://10.0.0.1:9093",pod="a"}': 0 }, { 'keelson_alertmanager_reached{alertmanager="http://10.0.0.1:9093",pod="a"}': 1 }),
  on('SilenceNotDelivered', 'notify', { 'keelson_silence_ready{silence_kind="Silence",silence_namespace="org-acme",silence="disk",reason="NotDelivered",pod="a"}': 0 }, { 'keelson_silence_ready{silence_kind="Silence",silence_namespace="org-acme",silence="disk",reason="Refused",pod="a"}': 0, 'keelson_silence_ready{silence_kind="Silence",silence_namespace="org-acme",silence="node",reason="Silenced",pod="a"}': 1 }),
];

const keelson: readonly Case[] = [
  on('OperatorDown', 'page', { 'up{job="keelson-operator",pod="a"}': '1x2 0x60', 'up{job="keelson-operator",pod="b"}': '1x2 stale' }, { 'up{job="keelson-operator",pod="a"}': 1, 'up{job="keelson-operator",pod="b"}': 0, ...foreign('up{job="node-exporter"}') }, 5),
  on('OperatorNotLeading', 'notify', { 'leader_election_master_status{job="keelson-operator",pod="a",name="keelson-operator"}': 0, 'leader_election_master_status{job="keelson-operator",pod="b",name="keelson-operator"}': 0 }, { 'leader_election_master_status{job="keelson-operator",pod="a",name="keelson-operator"}': 1, 'leader_election_master_status{job="keelson-operator",pod="b",name="keelson-operator"}': 0, ...foreign('leader_election_master_status{job="somebody-else",pod="a",name="x"}') }),
  on('ReconcilesFail', 'notify', ratio('controller_runtime_reconcile_errors_total{job="keelson-operator",controller="app"}', 'controller_runtime_reconcile_total{job="keelson-operator",controller="app",result="x"}', 0.55), ratio('controller_runtime_reconcile_errors_total{job="keelson-operator",controller="app"}', 'controller_runtime_reconcile_total{job="keelson-operator",controller="app",result="x"}', 0.45)),
  on('QueueStuck', 'notify', { 'workqueue_depth{job="keelson-operator",name="app"}': 55 }, { 'workqueue_depth{job="keelson-operator",name="app"}': 48, 'workqueue_depth{job="kube-controller-manager",name="job"}': 60 }),
  on('CachesNotRefreshed', 'notify', grows('reflector_failures_total{job="keelson-operator",name="clusters"}', 3.3), grows('reflector_failures_total{job="keelson-operator",name="clusters"}', 2.7), 14),
  on('TopologyHooksFail', 'notify', grows('keelson_topology_hook_answers_total{hook="GeneratePatches",outcome="error"}', 0.66), { ...grows('keelson_topology_hook_answers_total{hook="GeneratePatches",outcome="error"}', 0.54), ...grows('keelson_topology_hook_answers_total{hook="GeneratePatches",outcome="failure"}', 60) }, 9),
  on('TopologyHooksSlow', 'notify', slow('keelson_topology_hook_duration_seconds', 'hook="GeneratePatches"', 2, 2.1), slow('keelson_topology_hook_duration_seconds', 'hook="GeneratePatches"', 1, 1.9)),
  on('TopologyCertificateExpires', 'notify', { 'keelson_topology_certificate_expiry_timestamp_seconds{job="keelson-topology-extension",pod="a"}': 6.9 * day, 'keelson_topology_certificate_expiry_timestamp_seconds{job="keelson-topology-extension",pod="b"}': 30 * day }, { 'keelson_topology_certificate_expiry_timestamp_seconds{job="keelson-topology-extension",pod="a"}': 7.2 * day }),
  on('AppNotReady', 'notify', { 'keelson_app_ready{exported_namespace="org-acme",namespace="keelson-system",cluster="demo",cluster_id="demo",organization="acme",component="metrics-server",reason="InstallFailed",pod="a"}': 0 }, { 'keelson_app_ready{exported_namespace="org-acme",namespace="keelson-system",cluster="demo",cluster_id="demo",organization="acme",component="metrics-server",reason="Installed",pod="a"}': 1, 'keelson_app_ready{exported_namespace="org-acme",namespace="keelson-system",cluster="demo",cluster_id="demo",organization="acme",component="coredns",reason="WaitingForCluster",pod="a"}': 0, 'keelson_app_ready{exported_namespace="org-acme",namespace="keelson-system",cluster="demo",cluster_id="demo",organization="acme",component="cilium",reason="LeftOut",pod="a"}': 0 }),
  on('AppDrifted', 'ticket', { 'keelson_app_drifted_fields{exported_namespace="org-acme",namespace="keelson-system",app="demo-coredns",cluster="demo",cluster_id="demo",organization="acme",component="coredns",pod="a"}': 2 }, { 'keelson_app_drifted_fields{exported_namespace="org-acme",namespace="keelson-system",app="demo-coredns",cluster="demo",cluster_id="demo",organization="acme",component="coredns",pod="a"}': 0 }),
];

export const fleetCases: readonly Case[] = [...lifecycle, ...cloud, ...federation, ...watchers, ...keelson];
