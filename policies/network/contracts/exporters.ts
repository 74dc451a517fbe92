/** What measures: the exporters of the bundle, ours and others'. */
import { callsApiServer, callsDns, component, type Contract, outside, tcp, udp } from '../contract.ts';

const system = 'keelson-system';

/** Two contracts: the pods that read files speak to the API server of their node alone. */
export const certExporterFiles = (): Contract => ({
  component: 'cert-exporter-files',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'cert-exporter', 'app.kubernetes.io/component': 'files' }, where: 'everyNode' },
  listens: { metrics: tcp('metrics', 9005, { isProbed: true }) },
  serves: [],
  calls: [callsApiServer('compares what it serves with its file')],
});

export const certExporterCluster = (): Contract => ({
  component: 'cert-exporter-cluster',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'cert-exporter', 'app.kubernetes.io/component': 'cluster' } },
  listens: { metrics: tcp('metrics', 9005, { isProbed: true }) },
  serves: [],
  calls: [callsApiServer('watches what holds certificates')],
});

/** It calls its own pods by address and through their Service, the DNS pods one by one and through theirs, time servers and targets outside; UDP 8001 measures loss and delay. Other ports of targets are the chart's business. */
export const netExporter = (): Contract => ({
  component: 'net-exporter',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'net-exporter' }, where: 'everyNode' },
  listens: { http: tcp('metrics', 8000, { isProbed: true }), probe: udp('mesh', 8001) },
  serves: [{ listener: 'http', from: { kind: 'apiServer' }, need: 'ifNamed', reason: 'the command net-exporter matrix asks the pods through pods/proxy' }],
  calls: [
    callsApiServer('finds its peers'),
    callsDns('measures name resolution'),
    { to: { kind: 'self', listener: 'http' }, reason: 'measures HTTP between nodes' },
    { to: { kind: 'self', listener: 'probe' }, reason: 'measures loss and delay between nodes' },
    { to: outside('time'), reason: 'compares the clock of the node with others' },
    { to: outside('probeTargets'), reason: 'measures the way out of the cluster' },
  ],
});

export const kubeStateMetrics = (): Contract => ({
  component: 'kube-state-metrics',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'kube-state-metrics' } },
  listens: { metrics: tcp('metrics', 8080, { isProbed: true }), telemetry: tcp('metrics', 8081, { isProbed: true }) },
  serves: [],
  calls: [callsApiServer('watches the objects it counts')],
});

export const metricsServer = (): Contract => ({
  component: 'metrics-server',
  pods: { namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'metrics-server' } },
  listens: { https: tcp('metrics', 10250, { isProbed: true }) },
  serves: [{ listener: 'https', from: { kind: 'apiServer' }, reason: 'aggregated API metrics.k8s.io' }],
  calls: [
    callsApiServer('finds nodes, checks tokens'),
    { to: component('kubelet', 'https'), reason: 'resource metrics of every node' },
  ],
});

export const prometheusAdapter = (): Contract => ({
  component: 'prometheus-adapter',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'prometheus-adapter' } },
  listens: { https: tcp('api', 6443, { isProbed: true }) },
  serves: [{ listener: 'https', from: { kind: 'apiServer' }, reason: 'aggregated API custom.metrics.k8s.io' }],
  calls: [
    callsApiServer('finds pods, checks tokens'),
    { to: component('prometheus', 'web'), reason: 'asks for the metrics that autoscalers want' },
    callsDns('name of Prometheus'),
  ],
});
