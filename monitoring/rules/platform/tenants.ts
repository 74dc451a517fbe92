/** What tenants see to themselves: their volumes, pods, quotas and what policies refused them. Goes to the contact of the cluster's organization. */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { least, named, platformNamespaces, worst } from '../parts.ts';

const ours = `namespace=~"${platformNamespaces}"`;
const theirs = `namespace!~"${platformNamespaces}"`;
const claim = '{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }}';

const tenant = alertsIn('tenants', { team: 'tenant', hiddenBy: ['zone', 'cloud', 'controlPlane', 'blindness', 'lifecycle'] });
const volume = alertsIn('volumes', { hiddenBy: ['cloud', 'blindness', 'lifecycle'] });

const free = (whose: string): string => least(`min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${whose}} / kubelet_volume_stats_capacity_bytes{${whose}}) < 0.2`);

export const tenantRecords: readonly Rule[] = [
  record({ record: 'keelson:volume_free:ratio', set: { whose: 'platform' }, labels: ['namespace', 'persistentvolumeclaim', 'whose'], maxSeries: named, expr: free(ours), help: `Part of each volume of the platform that is free, below a fifth; the ${named} fullest.` }),
  record({ record: 'keelson:volume_free:ratio', set: { whose: 'tenant' }, labels: ['namespace', 'persistentvolumeclaim', 'whose'], maxSeries: named, expr: free(theirs), help: `Part of each volume of tenants that is free, below a fifth; the ${named} fullest.` }),
  record({ record: 'keelson:volume_claims_pending:info', labels: ['namespace', 'persistentvolumeclaim', 'phase'], maxSeries: named, expr: worst('max by (namespace, persistentvolumeclaim, phase) (kube_persistentvolumeclaim_status_phase{phase=~"Pending|Lost"} == 1)'), help: `1 for each claim of a volume that has none, or lost it; at most ${named}.` }),
  record({ record: 'keelson:tenant_containers_waiting:count', labels: ['namespace', 'reason'], maxSeries: named, expr: worst(`count by (namespace, reason) (max_over_time(kube_pod_container_status_waiting_reason{${theirs},reason=~"CrashLoopBackOff|ImagePullBackOff|CreateContainerConfigError"}[5m]) == 1)`), help: `Containers of each namespace of tenants that cannot run, by reason; the ${named} most.` }),
  record({ record: 'keelson:namespace_quota_used:ratio', labels: ['namespace', 'resource'], maxSeries: named, expr: worst(`max by (namespace, resource) (kube_resourcequota{${theirs},type="used"} / ignoring (type) (kube_resourcequota{${theirs},type="hard"} > 0)) > 0.8`), help: `Part of each quota of a namespace that is used, from 0.8 on; the ${named} most.` }),
  record({ record: 'keelson:policy_denials:rate', labels: ['policy'], maxSeries: named, expr: worst('sum by (policy) (rate(apiserver_validating_admission_policy_check_total{enforcement_action="deny",error_type="no_error"}[15m])) > 0'), help: `Requests per second that each policy refused; the ${named} most.` }),
  record({ record: 'keelson:policy_errors:rate', labels: ['policy'], maxSeries: named, expr: worst('sum by (policy) (rate(apiserver_validating_admission_policy_check_total{error_type!="no_error"}[15m])) > 0'), help: `Requests per second that a policy could not judge; the ${named} most.` }),
  record({ record: 'keelson:policy_reports_failed:count', labels: ['policy_name'], maxSeries: named, expr: worst('sum by (policy_name) (rate(kyverno_policy_results_total{rule_result="error"}[15m]) or rate(kyverno_validating_policy_results_total{result="error"}[15m])) > 0'), help: `What Kyverno could not judge, per second, by policy, be it a ClusterPolicy or a ValidatingPolicy; the ${named} most.` }),
];

export const tenantAlerts: readonly Rule[] = [
  volume({
    alert: 'PlatformVolumeFull', for: '10m', severity: 'page', expr: 'keelson:volume_free:ratio{whose="platform"} < 0.05',
    summary: `${cluster}: volume ${claim} has {{ humanizePercentage $value }} left`,
    description: `Volume ${claim} of cluster ${cluster} has {{ humanizePercentage $value }} left; what writes there stops when it is full.`,
    impact: 'what the component does that keeps its data there; for Prometheus: all alerts of the cluster',
  }),
  volume({
    alert: 'VolumeClaimWaits', for: '20m', severity: 'notify', expr: 'keelson:volume_claims_pending:info == 1',
    summary: `${cluster}: claim ${claim} is {{ $labels.phase }}`,
    description: `Claim ${claim} of cluster ${cluster} has been {{ $labels.phase }} for twenty minutes: its pods do not start. A claim that waits for its first pod is Pending too.`,
  }),
  tenant({
    alert: 'VolumeFull', for: '15m', severity: 'notify', expr: 'keelson:volume_free:ratio{whose="tenant"} < 0.05',
    summary: `${cluster}: volume ${claim} has {{ humanizePercentage $value }} left`,
    description: `Volume ${claim} of cluster ${cluster} has {{ humanizePercentage $value }} left; what writes there stops when it is full.`,
  }),
  tenant({
    alert: 'ContainersCannotRun', for: '30m', severity: 'ticket', expr: 'keelson:tenant_containers_waiting:count > 0',
    summary: `${cluster}: {{ $value }} containers of namespace {{ $labels.namespace }} do not run: {{ $labels.reason }}`,
    description: `In namespace {{ $labels.namespace }} of cluster ${cluster} {{ $value }} containers have not run for half an hour: {{ $labels.reason }}.`,
  }),
  tenant({
    alert: 'NamespaceQuotaFull', for: '30m', severity: 'ticket', expr: 'keelson:namespace_quota_used:ratio > 0.95',
    summary: `${cluster}: namespace {{ $labels.namespace }} uses {{ humanizePercentage $value }} of its {{ $labels.resource }}`,
    description: `Namespace {{ $labels.namespace }} of cluster ${cluster} uses {{ humanizePercentage $value }} of its quota of {{ $labels.resource }}; beyond it new pods are refused, those of a roll-out too.`,
  }),
];

const policy = alertsIn('policies', { hiddenBy: ['controlPlane', 'blindness'] });

export const policyAlerts: readonly Rule[] = [
  alertsIn('policies', { team: 'tenant', hiddenBy: ['controlPlane', 'blindness'] })({
    alert: 'PolicyDenials', for: '15m', severity: 'ticket', expr: 'keelson:policy_denials:rate > 0.05',
    summary: `${cluster}: policy {{ $labels.policy }} refuses {{ humanize $value }} requests a second`,
    description: `Policy {{ $labels.policy }} of cluster ${cluster} has refused {{ humanize $value }} requests a second for a quarter of an hour: a controller tries again and again what it may not do.`,
  }),
  policy({
    alert: 'PolicyCannotJudge', for: '10m', severity: 'notify', expr: 'keelson:policy_errors:rate > 0.01 or keelson:policy_reports_failed:count > 0.01',
    summary: `${cluster}: policy {{ or $labels.policy $labels.policy_name }} could not judge {{ humanize $value }} requests a second`,
    description: `Policy {{ or $labels.policy $labels.policy_name }} of cluster ${cluster} failed on {{ humanize $value }} requests a second: they were refused, or let through without being judged, as its failurePolicy says.`,
  }),
  policy({
    alert: 'PolicyExceptionExpires', for: '1h', severity: 'ticket', expr: 'keelson:policy_exception_not_after_timestamp:value - time() < 14 * 86400',
    summary: `${cluster}: the exception of {{ $labels.workload }} {{ if lt $value 0.0 }}has ended{{ else }}ends in {{ humanizeDuration $value }}{{ end }}`,
    description: `The exception from policies of {{ $labels.workload }} of cluster ${cluster}, which {{ $labels.owner }} answers for, {{ if lt $value 0.0 }}has ended{{ else }}ends in {{ humanizeDuration $value }}{{ end }}. Pods that are made after that are refused.`,
  }),
];
