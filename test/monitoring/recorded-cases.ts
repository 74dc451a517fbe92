/** Cases of the recorded family: what is counted, what is named, and that a silent exporter is not told as "none". */
import { series, type RecordCase } from './rule-cases.ts';

const sample = (labels: string, value: number): { labels: string; value: number } => ({ labels, value });
const at = '10m';
const deployment = (namespace: string, name: string, available: number, wanted: number): RecordCase['input_series'] => [
  series(`kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${name}"}`, available), series(`kube_deployment_spec_replicas{namespace="${namespace}",deployment="${name}"}`, wanted),
];

export const recordedTests: readonly RecordCase[] = [
  {
    name: 'without kube-state-metrics there is no count, not a count of zero',
    interval: '1m',
    input_series: [series('up{job="kubelet",node="a"}', 1)],
    promql_expr_test: [{ expr: 'keelson:pods:count or keelson:allocatable:sum or keelson:kubelet_version:count', eval_time: at, exp_samples: [] }],
  },
  {
    name: 'the fullest file systems, without those that are read-only or in memory',
    interval: '1m',
    input_series: [['/data', 'ext4', 0, 300], ['/image', 'ext4', 1, 0], ['/run', 'tmpfs', 0, 10]].flatMap(([mountpoint, fstype, readonly, free]) => {
      const of = `{node="a",device="d",fstype="${fstype}",mountpoint="${mountpoint}"}`;
      return [series(`node_filesystem_size_bytes${of}`, 1000), series(`node_filesystem_readonly${of}`, Number(readonly)), series(`node_filesystem_avail_bytes${of}`, Number(free))];
    }),
    promql_expr_test: [{ expr: 'keelson:node_filesystem_used:ratio', eval_time: at, exp_samples: [sample('keelson:node_filesystem_used:ratio{node="a",mountpoint="/data"}', 0.7)] }],
  },
  {
    name: 'of many nodes the ten that work most are named',
    interval: '1m',
    input_series: Array.from({ length: 30 }, (_, i) => series(`node_cpu_seconds_total{node="n${i}",cpu="0",mode="idle"}`, `0+${i}x20`)),
    promql_expr_test: [
      { expr: 'count(keelson:node_cpu_used:ratio)', eval_time: at, exp_samples: [sample('{}', 10)] },
      { expr: 'keelson:node_cpu_used:ratio{node="n0"}', eval_time: at, exp_samples: [sample('keelson:node_cpu_used:ratio{node="n0"}', 1)] },
    ],
  },
  {
    name: 'workloads of tenants only where pods lack, and none of the platform',
    interval: '1m',
    input_series: [...deployment('kube-system', 'coredns', 1, 2), ...deployment('web', 'shop', 1, 2), ...deployment('web', 'blog', 2, 2), ...deployment('web', 'off', 0, 0)],
    promql_expr_test: [{ expr: 'keelson:workload_available:ratio', eval_time: at, exp_samples: [sample('keelson:workload_available:ratio{kind="Deployment",namespace="web",workload="shop"}', 0.5)] }],
  },
  {
    name: 'pods that run and are not ready; one that has ended is not one of them',
    interval: '1m',
    input_series: ['Running', 'Succeeded'].flatMap((phase) => [series(`kube_pod_status_ready{namespace="web",pod="${phase}",condition="false"}`, 1), series(`kube_pod_status_phase{namespace="web",pod="${phase}",phase="${phase}"}`, 1)]),
    promql_expr_test: [{ expr: 'keelson:pods_not_ready:count', eval_time: at, exp_samples: [sample('keelson:pods_not_ready:count{namespace="web"}', 1)] }],
  },
  {
    name: 'a budget that lets nothing go, where it has pods at all; an autoscaler at its end',
    interval: '1m',
    input_series: [
      ...[['db', 0, 3], ['empty', 0, 0], ['free', 1, 3]].flatMap(([name, allowed, pods]) => [series(`kube_poddisruptionbudget_status_pod_disruptions_allowed{namespace="web",poddisruptionbudget="${name}"}`, Number(allowed)), series(`kube_poddisruptionbudget_status_expected_pods{namespace="web",poddisruptionbudget="${name}"}`, Number(pods))]),
      ...[['shop', 5], ['blog', 2]].flatMap(([name, wanted]) => [series(`kube_horizontalpodautoscaler_status_desired_replicas{namespace="web",horizontalpodautoscaler="${name}"}`, Number(wanted)), series(`kube_horizontalpodautoscaler_spec_max_replicas{namespace="web",horizontalpodautoscaler="${name}"}`, 5)]),
    ],
    promql_expr_test: [
      { expr: 'keelson:disruption_blocked:info', eval_time: at, exp_samples: [sample('keelson:disruption_blocked:info{namespace="web",poddisruptionbudget="db"}', 1)] },
      { expr: 'keelson:autoscaler_at_most:info', eval_time: at, exp_samples: [sample('keelson:autoscaler_at_most:info{namespace="web",horizontalpodautoscaler="shop"}', 1)] },
    ],
  },
  {
    name: 'a scheduler that has not renewed its lease for five minutes; leases of nodes are something else',
    interval: '1m',
    input_series: [series('kube_lease_renew_time{namespace="kube-system",lease="kube-scheduler"}', 300), series('kube_lease_renew_time{namespace="kube-node-lease",lease="a"}', 300)],
    promql_expr_test: [{ expr: 'keelson:leader_lease_age_seconds:max', eval_time: at, exp_samples: [sample('keelson:leader_lease_age_seconds:max{lease="kube-scheduler"}', 300)] }],
  },
  {
    name: 'requests to etcd: none that fails is zero, a tenth is a tenth',
    interval: '1m',
    input_series: [series('up{job="apiserver",instance="a"}', 1), series('etcd_requests_total{operation="get",type="pods"}', '0+100x20'), series('etcd_request_errors_total{operation="get",type="pods"}', '0x8 0+10x12')],
    promql_expr_test: [
      { expr: 'keelson:etcd_request_errors:ratio5m', eval_time: '8m', exp_samples: [sample('keelson:etcd_request_errors:ratio5m', 0)] },
      { expr: 'round(keelson:etcd_request_errors:ratio5m, 0.001)', eval_time: '18m', exp_samples: [sample('{}', 0.1)] },
    ],
  },
  {
    name: 'room: what pods that have ended asked for does not count',
    interval: '1m',
    input_series: [['run', 'Running'], ['done', 'Succeeded']].flatMap(([pod, phase]) => [
      series(`kube_pod_container_resource_requests{namespace="web",pod="${pod}",container="c",node="a",resource="cpu",unit="core"}`, 2),
      series(`kube_pod_status_phase{namespace="web",pod="${pod}",phase="${phase}"}`, 1), series(`kube_pod_status_phase{namespace="web",pod="${pod}",phase="${phase === 'Running' ? 'Succeeded' : 'Running'}"}`, 0),
    ]),
    promql_expr_test: [{ expr: 'keelson:requested:sum', eval_time: at, exp_samples: [sample('keelson:requested:sum{resource="cpu"}', 2)] }],
  },
];
