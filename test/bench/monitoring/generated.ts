/**
 * What 10 or 100 nodes would expose and one machine cannot: kubelets, net-exporters, etcd members, objects of a cluster, in
 * the shape of the real ones. Every twentieth node is not well, so that what is only recorded of faults is recorded; none where a cluster is said to be well.
 */

const zones = ['a', 'b', 'c'] as const;
export const zoneOf = (node: number): string => zones[node % 3] ?? 'a';

/** A counter that grows by ten a second. */
const grown = (): number => Math.floor(Date.now() / 100);

/** A kubelet's exposition, the families that rules read. */
export function kubeletText(node: number, isWell = false): string {
  const isOne = (of: number): boolean => !isWell && node % 20 === of;
  const slow = isOne(13) ? 2 : 0.01;
  const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10];
  const histogram = (name: string, seconds: number): string[] => [...bounds.map((le) => `${name}_bucket{le="${le}"} ${le >= seconds ? grown() : 0}`), `${name}_bucket{le="+Inf"} ${grown()}`, `${name}_sum ${grown() * seconds}`, `${name}_count ${grown()}`];
  return [
    `kubelet_running_pods ${isOne(15) ? 100 : 60}`,
    ...histogram('kubelet_pleg_relist_duration_seconds', slow), ...histogram('kubelet_pod_start_sli_duration_seconds', slow * 5),
    ...['create', 'start', 'stop'].flatMap((operation) => [`kubelet_runtime_operations_total{operation_type="${operation}"} ${grown()}`, `kubelet_runtime_operations_errors_total{operation_type="${operation}"} ${isOne(17) ? grown() / 5 : 0}`]),
    'kubelet_certificate_manager_client_expiration_renew_errors 0', 'kubernetes_build_info{minor="36",git_version="v1.36.3"} 1',
    ...[0, 1].flatMap((claim) => [`kubelet_volume_stats_available_bytes{namespace="web",persistentvolumeclaim="db-${node}-${claim}"} ${isOne(13) ? 1 : 5}`, `kubelet_volume_stats_capacity_bytes{namespace="web",persistentvolumeclaim="db-${node}-${claim}"} 10`]),
    '',
  ].join('\n');
}

/** A net-exporter's exposition in a cluster of so many nodes: the peers it watches, its zones, its verdicts. @param isLost peers that do not answer; one of many when absent @param isWell every clock is right */
export function netText(node: number, nodes: number, isLost = (peer: number): boolean => nodes > 20 && peer === 20, isWell = false): string {
  const isOff = !isWell && node % 20 === 19;
  const peers = nodes <= 17 ? [...Array(nodes).keys()].filter((one) => one !== node) : [1, 2, 3, 4].map((step) => (node + step) % nodes);
  const me = `source_node="node-${node}",source_zone="${zoneOf(node)}"`;
  const states = ['peer_down', 'self', 'packet_loss', 'one_way_loss', 'large_packets_lost', 'slow_peer', 'dns_path_bad', 'dns_server_bad', 'service_path_bad', 'clock_off'];
  return [
    ...peers.map((peer) => `net_exporter_peer_up{${me},peer_node="node-${peer}",peer_zone="${zoneOf(peer)}"} ${isLost(peer) ? 0 : 1}`),
    ...peers.filter((peer) => !isLost(peer)).map((peer) => `net_exporter_peer_round_trip_seconds{${me},peer_node="node-${peer}",peer_zone="${zoneOf(peer)}"} 0.0004`),
    ...zones.flatMap((zone) => [0.0005, 0.001, 0.01, 1].map((le) => `net_exporter_zone_round_trip_seconds_bucket{source_zone="${zoneOf(node)}",peer_zone="${zone}",le="${le}"} ${grown()}`).concat(`net_exporter_zone_round_trip_seconds_bucket{source_zone="${zoneOf(node)}",peer_zone="${zone}",le="+Inf"} ${grown()}`)),
    ...states.map((verdict) => `net_exporter_verdict{${me},verdict="${verdict}",subject="",detail=""} ${isOff && verdict === 'clock_off' ? 1 : 0}`),
    ...peers.filter(isLost).map((peer) => `net_exporter_verdict{${me},verdict="peer_down",subject="node-${peer}",detail=""} 1`),
    ...['udp', 'tcp'].flatMap((proto) => [`net_exporter_dns_results_total{server="service",role="service",proto="${proto}",rcode="NOERROR"} ${grown()}`, ...[0.001, 0.1, 1].map((le) => `dns_${proto}_latency_seconds_bucket{host="kubernetes",le="${le}"} ${grown()}`), `dns_${proto}_latency_seconds_bucket{host="kubernetes",le="+Inf"} ${grown()}`]),
    'net_exporter_dns_up{server="service",role="service"} 1', `net_exporter_clock_offset_seconds{source_node="node-${node}"} ${isOff ? 3 : 0.001}`,
    `net_exporter_probe_last_round_timestamp_seconds{probe="mesh"} ${Date.now() / 1000}`, 'net_exporter_source_up{source="peers"} 1', '',
  ].join('\n');
}

/** A member of etcd. */
export const etcdText = (): string => ['etcd_server_has_leader 1', 'etcd_server_leader_changes_seen_total 3', 'etcd_server_proposals_failed_total 0', 'etcd_server_quota_backend_bytes 2147483648', 'etcd_mvcc_db_total_size_in_bytes 104857600', 'etcd_mvcc_db_total_size_in_use_in_bytes 94371840', ''].join('\n');

/** An API server without trouble. */
export const apiserverText = (): string => [`apiserver_request_total{code="200",verb="GET",resource="pods",scope="cluster"} ${grown()}`, 'kubernetes_build_info{minor="36",git_version="v1.36.3"} 1', 'aggregator_unavailable_apiservice{name="v1beta1.metrics.k8s.io"} 0', ''].join('\n');

/** A controller manager or scheduler that keeps up. */
export const controllerText = (): string => ['workqueue_depth{name="endpoint"} 0', `rest_client_requests_total{code="200",method="GET",host="127.0.0.1:6443"} ${grown()}`, 'kubernetes_build_info{minor="36",git_version="v1.36.3"} 1', ''].join('\n');

/** The objects of a small cluster, as kube-state-metrics shows them: nodes, and the platform's pods on them. */
export function stateText(nodes: number, isLost: (node: number) => boolean): string {
  const all = [...Array(nodes).keys()];
  const alive = all.filter((node) => !isLost(node)).length;
  const inSystem = (kind: string, name: string): string => `namespace="kube-system",${kind}="${name}"`;
  return [
    ...all.flatMap((node) => ['true', 'false', 'unknown'].map((status) => `kube_node_status_condition{node="node-${node}",condition="Ready",status="${status}"} ${(isLost(node) ? 'unknown' : 'true') === status ? 1 : 0}`)),
    ...all.flatMap((node) => [`kube_node_labels{node="node-${node}",label_topology_kubernetes_io_zone="${zoneOf(node)}"} 1`, `kube_node_info{node="node-${node}",kubelet_version="v1.36.3"} 1`, `kube_node_spec_unschedulable{node="node-${node}"} 0`]),
    ...all.flatMap((node) => [['cpu', 'core', 8], ['memory', 'byte', 17179869184], ['pods', 'integer', 110]].map(([resource, unit, value]) => `kube_node_status_allocatable{node="node-${node}",resource="${resource}",unit="${unit}"} ${value}`)),
    ...['cilium', 'node-exporter', 'net-exporter'].flatMap((name) => [`kube_daemonset_status_desired_number_scheduled{${inSystem('daemonset', name)}} ${nodes}`, `kube_daemonset_status_number_available{${inSystem('daemonset', name)}} ${alive}`]),
    ...[['coredns', 3], ['cilium-operator', 2]].flatMap(([name = '', replicas = 0]) => [`kube_deployment_spec_replicas{${inSystem('deployment', String(name))}} ${replicas}`, `kube_deployment_status_replicas_available{${inSystem('deployment', String(name))}} ${Math.round((Number(replicas) * alive) / nodes)}`]),
    ...all.flatMap((node) => [`kube_pod_status_phase{namespace="kube-system",pod="cilium-${node}",uid="u${node}",phase="Running"} 1`, `kube_pod_status_ready{namespace="kube-system",pod="cilium-${node}",uid="u${node}",condition="false"} ${isLost(node) ? 1 : 0}`]),
    '',
  ].join('\n');
}
