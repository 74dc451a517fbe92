/** Room in a cluster: what its nodes offer, what pods ask for, and what is used. Whether the largest node may go is in rules/nodes/capacity.ts. */
import type { RuleGroup } from '../rules/model.ts';
import { recorded } from './expressions.ts';

const board = 'boards: fleet, cluster';
const resources = 'cpu|memory';
const alive = 'on (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"} == 1)';
const asked = (family: string): string => `sum by (resource) (${family}{resource=~"${resources}"} and ${alive})`;

export const capacityRecords: RuleGroup = {
  name: 'keelson-capacity',
  place: 'workload',
  rules: [
    recorded({ record: 'keelson:allocatable:sum', expr: `sum by (resource) (kube_node_status_allocatable{resource=~"${resources}|pods"})`, labels: ['resource'], maxSeries: 3, forPeople: board, help: 'What pods may ask for: cores, bytes, pods.' }),
    recorded({ record: 'keelson:requested:sum', expr: asked('kube_pod_container_resource_requests'), labels: ['resource'], maxSeries: 2, forPeople: board, help: 'What pods ask for.' }),
    recorded({ record: 'keelson:limited:sum', expr: asked('kube_pod_container_resource_limits'), labels: ['resource'], maxSeries: 2, forPeople: board, help: 'What pods may take at most, where it is limited.' }),
    recorded({ record: 'keelson:used:sum', set: { resource: 'cpu' }, expr: 'sum(rate(node_cpu_seconds_total{mode!="idle"}[5m]))', maxSeries: 1, forPeople: board, help: 'Cores that are busy.' }),
    recorded({ record: 'keelson:used:sum', set: { resource: 'memory' }, expr: 'sum(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)', maxSeries: 1, forPeople: board, help: 'Bytes of memory that are in use.' }),
    recorded({ record: 'keelson:used:sum', set: { resource: 'pods' }, expr: 'sum(kubelet_running_pods)', maxSeries: 1, forPeople: board, help: 'Pods that run.' }),
  ],
};
