/** Components, volumes, tenants, policies. */
import { alertCase as on, type Case, type Input } from './case.ts';

const deployment = (namespace: string, name: string, available: number, wanted: number): Input => ({ [`kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${name}"}`]: available, [`kube_deployment_spec_replicas{namespace="${namespace}",deployment="${name}"}`]: wanted });
const daemonSet = (name: string, available: number, wanted: number): Input => ({ [`kube_daemonset_status_number_available{namespace="kube-system",daemonset="${name}"}`]: available, [`kube_daemonset_status_desired_number_scheduled{namespace="kube-system",daemonset="${name}"}`]: wanted });
const waiting = (namespace: string, reason: string): Input => ({ [`kube_pod_container_status_waiting_reason{namespace="${namespace}",pod="p",container="c",reason="${reason}"}`]: 1 });
const errors = (failed: string, all: string, share: number, labels = ''): Input => ({ [`${failed}{job="x",request="r"${labels}}`]: `0+${share * 100}`, [`${all}{job="x",request="r"${labels}}`]: '0+100' });
const volume = (namespace: string, free: number): Input => ({ [`kubelet_volume_stats_available_bytes{namespace="${namespace}",persistentvolumeclaim="data"}`]: free * 1000, [`kubelet_volume_stats_capacity_bytes{namespace="${namespace}",persistentvolumeclaim="data"}`]: 1000 });
const quota = (used: number): Input => ({ 'kube_resourcequota{namespace="web",resourcequota="q",resource="pods",type="used"}': used, 'kube_resourcequota{namespace="web",resourcequota="q",resource="pods",type="hard"}': 100 });
const csi = (failed: number): Input => ({
  'csi_sidecar_operations_seconds_count{method_name="/csi.v1.Controller/CreateVolume",grpc_status_code="Internal"}': `0+${failed}`,
  'csi_sidecar_operations_seconds_count{method_name="/csi.v1.Controller/CreateVolume",grpc_status_code="OK"}': `0+${100 - failed}`,
});
const checks = (perMinute: number, more: string): Input => ({ [`apiserver_validating_admission_policy_check_total{policy="keelson-pods",policy_binding="b",${more}}`]: `0+${perMinute}` });
const day = 86_400;

/** Of a ValidatingPolicy of Kyverno, by minute. */
const kyverno = (perMinute: number, result: string): Input => ({ [`kyverno_validating_policy_results_total{policy_name="host-ports",result="${result}",resource_kind="Pod"}`]: `0+${perMinute}` });

export const platformCases: readonly Case[] = [
  on('ComponentDown', 'page', daemonSet('cilium', 0, 3), { ...daemonSet('cilium', 1, 3), ...deployment('keelson-system', 'kube-state-metrics', 0, 1), ...deployment('web', 'coredns', 0, 1), ...deployment('kube-system', 'coredns', 0, 0) }),
  on('ComponentDegraded', 'notify', { ...deployment('keelson-system', 'kube-state-metrics', 1, 2), 'kube_statefulset_status_replicas_ready{namespace="keelson-system",statefulset="prometheus-keelson"}': 1, 'kube_statefulset_replicas{namespace="keelson-system",statefulset="prometheus-keelson"}': 1 }, { ...deployment('keelson-system', 'kube-state-metrics', 2, 2), ...deployment('web', 'shop', 1, 2), ...daemonSet('cilium', 3, 3) }),
  on('ComponentPodCannotRun', 'notify', waiting('kube-system', 'CrashLoopBackOff'), { ...waiting('kube-system', 'ContainerCreating'), ...waiting('web', 'CrashLoopBackOff') }),
  on('ComponentJobFailed', 'ticket', { 'kube_job_status_failed{namespace="keelson-system",job_name="clean",reason="BackoffLimitExceeded"}': 1 }, { 'kube_job_status_failed{namespace="keelson-system",job_name="clean",reason="BackoffLimitExceeded"}': 0, 'kube_job_status_failed{namespace="web",job_name="clean",reason="BackoffLimitExceeded"}': 1 }),
  on('ObjectStateNotSeen', 'notify', { 'kube_state_metrics_list_total{resource="*v1.Pod",result="error"}': '0+1.1', 'kube_state_metrics_list_total{resource="*v1.Pod",result="success"}': '0+98.9' }, { 'kube_state_metrics_list_total{resource="*v1.Pod",result="error"}': '0+0.9', 'kube_state_metrics_list_total{resource="*v1.Pod",result="success"}': '0+99.1' }),
  on('CloudCallsFail', 'notify', errors('openstack_api_request_errors_total', 'openstack_api_requests_total', 0.21), errors('openstack_api_request_errors_total', 'openstack_api_requests_total', 0.19)),
  on('VolumeCallsFail', 'notify', csi(32), csi(28)),
  on('DnsForwardersBroken', 'notify', { 'coredns_forward_healthcheck_broken_total{job="coredns"}': '0+6.5' }, { 'coredns_forward_healthcheck_broken_total{job="coredns"}': '0+5.5' }, 9),
  on('CoreDnsPanics', 'notify', { 'coredns_panics_total{job="coredns"}': '0x5 1x60' }, { 'coredns_panics_total{job="coredns"}': 1 }, 8),
  on('CiliumMapFull', 'page', { 'cilium_bpf_map_pressure{map_name="ct4_global"}': 0.92 }, { 'cilium_bpf_map_pressure{map_name="ct4_global"}': 0.88 }),
  on('NetworkPolicyNotApplied', 'notify', { 'cilium_policy_change_total{outcome="fail"}': '0x5 1x60' }, { 'cilium_policy_change_total{outcome="fail"}': 1, 'cilium_policy_change_total{outcome="success"}': '0+5' }, 8),
  on('PlatformVolumeFull', 'page', volume('keelson-system', 0.047), { ...volume('keelson-system', 0.053), ...volume('web', 0.01) }),
  on('VolumeClaimWaits', 'notify', { 'kube_persistentvolumeclaim_status_phase{namespace="web",persistentvolumeclaim="data",phase="Pending"}': 1, 'kube_persistentvolumeclaim_status_phase{namespace="web",persistentvolumeclaim="data",phase="Bound"}': 0 }, { 'kube_persistentvolumeclaim_status_phase{namespace="web",persistentvolumeclaim="data",phase="Pending"}': 0, 'kube_persistentvolumeclaim_status_phase{namespace="web",persistentvolumeclaim="data",phase="Bound"}': 1 }),
  on('VolumeFull', 'notify', volume('web', 0.047), { ...volume('web', 0.053), ...volume('keelson-system', 0.01) }),
  on('ContainersCannotRun', 'ticket', waiting('web', 'ImagePullBackOff'), { ...waiting('web', 'ContainerCreating'), ...waiting('kube-system', 'ImagePullBackOff') }),
  on('NamespaceQuotaFull', 'ticket', quota(96), quota(94)),
  on('PolicyDenials', 'ticket', checks(3.3, 'enforcement_action="deny",error_type="no_error"'), { ...checks(2.7, 'enforcement_action="deny",error_type="no_error"'), ...checks(60, 'enforcement_action="audit",error_type="no_error"') }, 19),
  on('PolicyCannotJudge', 'notify', { ...checks(0.66, 'enforcement_action="deny",error_type="invalid_error"'), ...kyverno(0.66, 'error') }, { ...kyverno(0.54, 'error'), ...kyverno(60, 'fail'), ...checks(0.54, 'enforcement_action="deny",error_type="invalid_error"'), ...checks(60, 'enforcement_action="deny",error_type="no_error"') }, 19),
  on('PolicyExceptionExpires', 'ticket', { 'keelson:policy_exception_not_after_timestamp:value{cluster_id="demo",workload="web/Deployment/shop",owner="team-web"}': 14 * day }, { 'keelson:policy_exception_not_after_timestamp:value{cluster_id="demo",workload="web/Deployment/shop",owner="team-web"}': 14.3 * day }),
];
