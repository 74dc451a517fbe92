/** Pods and what keeps them, by namespace: what boards show beside what alerts read (rules/platform). From kube-state-metrics. */
import type { Record, RuleGroup } from '../rules/model.ts';
import { platformNamespaces } from '../rules/parts.ts';
import { highest, lowest, named, namedNamespaces, recorded } from './expressions.ts';

const board = 'board: cluster';
const running = '(kube_pod_status_phase{phase="Running"} == 1)';

const byNamespace = (record: `keelson:${string}:${string}`, vector: string, help: string): Record =>
  recorded({ record, expr: `topk(${namedNamespaces}, ${vector} > 0)`, labels: ['namespace'], maxSeries: namedNamespaces, forPeople: board, help: `${help} The ${namedNamespaces} namespaces with most.` });

const inNamespace = (record: `keelson:${string}:${string}`, label: string, o: { readonly vector: string; readonly help: string }): Record =>
  recorded({ record, expr: highest(['namespace', label], o.vector), labels: ['namespace', label], maxSeries: named, forPeople: board, help: `${o.help} At most ${named}.` });

export const podRecords: RuleGroup = {
  name: 'keelson-pods',
  place: 'workload',
  rules: [
    recorded({ record: 'keelson:pods:count', expr: 'sum by (phase) (kube_pod_status_phase)', labels: ['phase'], maxSeries: 5, forPeople: board, help: 'Pods by phase.' }),
    byNamespace('keelson:pods_not_ready:count', `sum by (namespace) (kube_pod_status_ready{condition="false"} and on (namespace, pod) ${running})`, 'Pods that run and are not ready.'),
    byNamespace('keelson:pods_pending:count', 'sum by (namespace) (kube_pod_status_phase{phase="Pending"})', 'Pods that wait for a node, an image or a volume.'),
    recorded({
      record: 'keelson:container_restarts:increase1h', labels: ['namespace', 'pod', 'container'], maxSeries: named, forPeople: board,
      expr: highest(['namespace', 'pod', 'container'], 'increase(kube_pod_container_status_restarts_total[1h]) > 2'),
      help: `Restarts of a container in the last hour, where they are more than two; the ${named} with most.`,
    }),
    inNamespace('keelson:disruption_blocked:info', 'poddisruptionbudget', { vector: '(kube_poddisruptionbudget_status_pod_disruptions_allowed == bool 0 == 1) and (kube_poddisruptionbudget_status_expected_pods > 0)', help: 'PodDisruptionBudgets that let no pod go: drains, and so upgrades, wait for them.' }),
    inNamespace('keelson:autoscaler_at_most:info', 'horizontalpodautoscaler', { vector: '(kube_horizontalpodautoscaler_status_desired_replicas >= bool kube_horizontalpodautoscaler_spec_max_replicas) == 1', help: 'HorizontalPodAutoscalers that want as many pods as they may, or more.' }),
    ...workloads(),
  ],
};

interface WorkloadKind {
  readonly kind: string;
  readonly label: string;
  readonly available: string;
  readonly wanted: string;
}

function workloads(): Record[] {
  const kinds: readonly WorkloadKind[] = [
    { kind: 'Deployment', label: 'deployment', available: 'kube_deployment_status_replicas_available', wanted: 'kube_deployment_spec_replicas' },
    { kind: 'DaemonSet', label: 'daemonset', available: 'kube_daemonset_status_number_available', wanted: 'kube_daemonset_status_desired_number_scheduled' },
    { kind: 'StatefulSet', label: 'statefulset', available: 'kube_statefulset_status_replicas_ready', wanted: 'kube_statefulset_replicas' },
  ];
  return kinds.map(({ kind, label, available, wanted }) => recorded({
    record: 'keelson:workload_available:ratio', set: { kind }, labels: ['namespace', 'workload'], maxSeries: named, forPeople: board,
    expr: lowest(['namespace', 'workload'], `label_replace(${available}{namespace!~"${platformNamespaces}"} / (${wanted}{namespace!~"${platformNamespaces}"} > 0) < 1, "workload", "$1", "${label}", "(.+)")`),
    help: `Part of the pods of a tenant's ${kind} that are available, where it is not all; the ${named} lowest.`,
  }));
}
