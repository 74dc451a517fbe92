/** What every cluster gets, foreign ones and the management cluster too: measuring, watching, policies. */
import type { App } from './app.ts';
import { cloudController, network } from './foundation.ts';

const prometheusOperator = 'prometheus-operator';
const system = 'keelson-system';
/** Its kinds are there once it is Ready; what comes after it may bring objects of them. */
const monitored = { serviceMonitor: { enabled: true } };
const watched = { namespace: system, dependsOn: [prometheusOperator], values: monitored };

export const addOns: readonly App[] = [
  {
    name: 'metrics-server',
    description: 'CPU and memory for kubectl top and the autoscalers.',
    namespace: 'kube-system',
    dependsOn: [cloudController, network],
    // A foreign cluster has its own, or none on purpose: the aggregated API can be served once only.
    clusters: ['ours', 'management'],
  },
  {
    name: prometheusOperator,
    description: 'Prometheus from custom resources.',
    namespace: system,
    dependsOn: [cloudController, network],
  },
  { name: 'kube-state-metrics', description: 'Metrics of objects.', ...watched },
  { name: 'node-exporter', description: 'Metrics of machines.', ...watched },
  { name: 'cert-exporter', description: 'Certificates: expiry, validity, what is served.', ...watched },
  { name: 'net-exporter', description: 'The network between nodes: latency, loss, DNS, time.', ...watched },
  {
    name: 'workload-monitoring',
    description: 'Prometheus with hours of retention, its recorded family, and the door for the management cluster.',
    namespace: system,
    dependsOn: [prometheusOperator],
    // The management cluster has the chart monitoring.
    clusters: ['ours', 'foreign'],
    values: { controlPlaneMetrics: { cloudController: '${has.openstack-cloud-controller-manager}' } },
  },
  {
    name: 'policies',
    description: 'Pod security by class of namespace; network policies where Cilium is.',
    namespace: system,
    dependsOn: [network],
    values: { network: { enabled: '${has.cilium}', kind: 'cilium', hosts: 'audit' } },
  },
];
