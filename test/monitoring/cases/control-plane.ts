/** etcd, API server, controllers. */
import { alertCase as on, type Case, type Input } from './case.ts';

const etcdUp = (...up: number[]): Input => Object.fromEntries(up.map((value, i) => [`up{job="etcd",node="cp${i + 1}",instance="10.0.0.${i + 1}:2381"}`, value]));
/** All but a thousandth of the observations are between two bounds. */
const slow = (family: string, labels: string, below: number, above: number): Input => ({ [`${family}_bucket{${labels},le="${below}"}`]: 0, [`${family}_bucket{${labels},le="${above}"}`]: '0+60', [`${family}_bucket{${labels},le="+Inf"}`]: '0+60' });
const etcd = 'job="etcd",node="cp1"';
const database = (part: number): Input => ({ 'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="cp1"}': part * 1000, 'etcd_server_quota_backend_bytes{job="etcd",node="cp1"}': 1000 });
const requests = (failed: number): Input => ({ 'apiserver_request_total{job="apiserver",instance="a",code="200",verb="GET"}': `0+${1000 - failed}`, 'apiserver_request_total{job="apiserver",instance="a",code="503",verb="GET"}': `0+${failed}` });
const refused = 'apiserver_admission_webhook_rejection_count{name="guard.example.com",operation="CREATE",type="validating",error_type="calling_webhook_error",rejection_code="500"}';
/** As federated: what one window has seen, and another one has not. */
const burnt = (ratios: Readonly<Record<string, number>>, id = 'rising'): Input => Object.fromEntries(Object.entries(ratios).map(([window, ratio]) => [`keelson:apiserver_errors:ratio{cluster_id="${id}",window="${window}"}`, ratio]));
const info = (id: string, phase: string, clusterClass = 'openstack-v1'): string => `keelson_cluster_info{cluster_id="${id}",organization="acme",phase="${phase}",class="${clusterClass}"}`;
/** One that runs, one that is made, and one whose control plane somebody else runs. */
const cluster = { [info('demo', 'running')]: 1, [info('new', 'creating')]: 1, [info('foreign', 'running', '')]: 1 };

export const controlPlaneCases: readonly Case[] = [
  on('EtcdMemberDown', 'notify', etcdUp(1, 1, 1, 1, 0), etcdUp(1, 1, 1, 1, 1)),
  on('EtcdQuorumAtRisk', 'page', etcdUp(1, 1, 0), { ...etcdUp(1, 1, 1, 1, 0), 'up{job="other",node="x",instance="i"}': 0, 'keelson:etcd_members:count{cluster_id="small",state="up"}': 1, 'keelson:etcd_members:count{cluster_id="small",state="known"}': 1 }),
  on('EtcdNoLeader', 'page', { 'etcd_server_has_leader{job="etcd",node="cp1"}': 0, 'etcd_server_has_leader{job="etcd",node="cp2"}': 1 }, { 'etcd_server_has_leader{job="etcd",node="cp1"}': 1, 'etcd_server_has_leader{job="etcd",node="cp2"}': 1 }),
  on('EtcdLeaderChanges', 'notify', { 'etcd_server_leader_changes_seen_total{job="etcd",node="cp1"}': '0x5 1 2 3 4 5x60' }, { 'etcd_server_leader_changes_seen_total{job="etcd",node="cp1"}': '0x5 1 2 3x60' }, 12),
  on('EtcdDiskSlow', 'notify', slow('etcd_disk_wal_fsync_duration_seconds', etcd, 0.25, 0.27), slow('etcd_disk_wal_fsync_duration_seconds', etcd, 0.2, 0.24)),
  on('EtcdCommitSlow', 'notify', slow('etcd_disk_backend_commit_duration_seconds', etcd, 0.25, 0.27), slow('etcd_disk_backend_commit_duration_seconds', etcd, 0.2, 0.24)),
  on('EtcdPeerSlow', 'notify', slow('etcd_network_peer_round_trip_time_seconds', `${etcd},To="b"`, 0.15, 0.16), slow('etcd_network_peer_round_trip_time_seconds', `${etcd},To="b"`, 0.12, 0.145)),
  on('EtcdDatabaseNearQuota', 'notify', database(0.77), database(0.73)),
  on('EtcdDatabaseNearQuota', 'page', database(0.94), database(0.9)),
  on('EtcdFragmented', 'ticket', { 'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="cp1"}': 1e9, 'etcd_mvcc_db_total_size_in_use_in_bytes{job="etcd",node="cp1"}': 4.3e8 }, { 'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="cp1"}': 1e9, 'etcd_mvcc_db_total_size_in_use_in_bytes{job="etcd",node="cp1"}': 4.7e8, 'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="cp2"}': 1.9e8, 'etcd_mvcc_db_total_size_in_use_in_bytes{job="etcd",node="cp2"}': 1e7 }),
  on('EtcdProposalsFail', 'notify', { 'etcd_server_proposals_failed_total{job="etcd",node="cp1"}': '0+0.75' }, { 'etcd_server_proposals_failed_total{job="etcd",node="cp1"}': '0+0.6' }, 17),
  on('EtcdNotWatched', 'notify', cluster, { ...cluster, 'keelson:etcd_members:count{cluster_id="demo",state="known"}': 3 }),
  on('ApiServerErrorsBurnBudget', 'page', requests(150), { ...requests(140), ...burnt({ '1h': 0.4, '5m': 0.143 }), ...burnt({ '1h': 0.143, '5m': 0.4 }, 'calming') }, 10),
  on('ApiServerErrorsBurnBudget', 'ticket', requests(62), { ...requests(58), ...burnt({ '6h': 0.4, '30m': 0.059 }), ...burnt({ '6h': 0.059, '30m': 0.4 }, 'calming') }, 10),
  on('ApiServerSlow', 'notify', slow('apiserver_request_sli_duration_seconds', 'verb="LIST",resource="pods"', 1, 1.05), { ...slow('apiserver_request_sli_duration_seconds', 'verb="LIST",resource="pods"', 0.8, 0.95), ...slow('apiserver_request_sli_duration_seconds', 'verb="WATCH",resource="pods"', 10, 60) }),
  on('ApiServerRejectsRequests', 'notify', { 'apiserver_flowcontrol_rejected_requests_total{priority_level="global-default",flow_schema="x",reason="queue-full"}': '0+33' }, { 'apiserver_flowcontrol_rejected_requests_total{priority_level="global-default",flow_schema="x",reason="queue-full"}': '0+28' }, 8),
  on('WebhookFails', 'page', { 'apiserver_admission_webhook_rejection_count{name="guard.example.com",operation="CREATE",type="validating",error_type="calling_webhook_error",rejection_code="500"}': '0+1.3' }, { 'apiserver_admission_webhook_rejection_count{name="guard.example.com",operation="CREATE",type="validating",error_type="calling_webhook_error",rejection_code="500"}': '0+1.1', 'apiserver_admission_webhook_rejection_count{name="judge.example.com",operation="CREATE",type="validating",error_type="no_error",rejection_code="403"}': '0+60', 'apiserver_admission_webhook_fail_open_count{name="judge.example.com",type="validating"}': '0+60' }, 14),
  on('WebhookBypassed', 'notify', { 'apiserver_admission_webhook_fail_open_count{name="guard.example.com",type="validating"}': '0+1.3' }, { 'apiserver_admission_webhook_fail_open_count{name="guard.example.com",type="validating"}': '0+1.1', [refused]: '0+60' }, 14),
  on('WebhookSlow', 'notify', slow('apiserver_admission_webhook_admission_duration_seconds', 'name="guard.example.com"', 5, 5.2), slow('apiserver_admission_webhook_admission_duration_seconds', 'name="guard.example.com"', 4, 4.9)),
  on('AggregatedApiDown', 'notify', { 'aggregator_unavailable_apiservice{name="v1beta1.metrics.k8s.io"}': 1 }, { 'aggregator_unavailable_apiservice{name="v1beta1.metrics.k8s.io"}': 0 }),
  on('AuditLogFails', 'notify', { 'apiserver_audit_error_total{plugin="log"}': '0+0.2' }, { 'apiserver_audit_error_total{plugin="log"}': '0x5 1x60' }, 14),
  on('ControllerManagerDown', 'page', { ...cluster, 'up{job="kube-controller-manager",instance="10.0.0.1:10257"}': 0 }, { 'up{job="kube-controller-manager",instance="10.0.0.1:10257"}': 1, 'up{job="kube-scheduler",instance="10.0.0.1:10259"}': 0 }),
  on('SchedulerDown', 'page', { ...cluster, 'keelson:control_plane_up:count{cluster_id="demo",component="kube-controller-manager"}': 3 }, { ...cluster, 'keelson:control_plane_up:count{cluster_id="demo",component="kube-scheduler"}': 1, 'keelson:control_plane_up:count{cluster_id="demo",component="kube-controller-manager"}': 0 }),
  on('ControllersBehind', 'notify', { 'workqueue_depth{job="kube-controller-manager",name="endpoint"}': 110 }, { 'workqueue_depth{job="kube-controller-manager",name="endpoint"}': 95, 'workqueue_depth{job="kube-controller-manager",name="job"}': '500 0 500 0 500 0 500 0 500x3 0 500 0 500x4 0 500x3 0 500 0 500x5 0 500' }, 10),
  on('KubeClientErrors', 'notify', { 'rest_client_requests_total{job="kubelet",code="500",method="GET",host="h"}': '0+5.4', 'rest_client_requests_total{job="kubelet",code="200",method="GET",host="h"}': '0+94.6' }, { 'rest_client_requests_total{job="kubelet",code="500",method="GET",host="h"}': '0+4.7', 'rest_client_requests_total{job="kubelet",code="200",method="GET",host="h"}': '0+95.3' }),
  on('KubernetesVersionsDiffer', 'ticket', { 'kubernetes_build_info{job="apiserver",minor="36"}': 1, 'kubernetes_build_info{job="kubelet",minor="35",node="w1"}': 1 }, { 'kubernetes_build_info{job="apiserver",minor="36"}': 1, 'kubernetes_build_info{job="kubelet",minor="36",node="w1"}': 1, 'kubernetes_build_info{job="kube-state-metrics",minor="34"}': 1 }),
];
