/** Prometheus and what stands around it, in workload clusters and in the management cluster. */
import { callsApiServer, callsDns, component, type Contract, outside, tcp } from '../contract.ts';
import type { Site } from './site.ts';

const system = 'keelson-system';

export const prometheusOperator = (): Contract => ({
  component: 'prometheus-operator',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'prometheus-operator' } },
  listens: { http: tcp('metrics', 8080, { isProbed: true }) },
  serves: [],
  calls: [callsApiServer('makes Prometheus and Alertmanager from custom resources')],
});

/** The pods are made by prometheus-operator, which gives them this name and label. */
export const prometheus = ({ cluster }: Site): Contract => ({
  component: 'prometheus',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'prometheus', prometheus: 'keelson' } },
  listens: { web: tcp('metrics', 9090, { isProbed: true }), reloader: tcp('health', 8080, { isProbed: true }) },
  serves: [],
  calls: [
    callsApiServer(cluster === 'management' ? "finds targets, reads the API server's metrics, rotates its service account token for federation" : "finds targets, reads the API server's metrics"),
    { to: { kind: 'every', purpose: 'metrics' }, reason: 'scrapes metrics' },
    ...(cluster === 'management'
      ? [
          { to: component('alertmanager', 'web'), reason: 'sends alerts' },
          { to: outside('clusterApis'), reason: 'federates the clusters through their API servers' },
          callsDns('names of Alertmanager and of the API servers of clusters'),
        ]
      : []),
  ],
});

export const alertmanager = (): Contract => ({
  component: 'alertmanager',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'alertmanager', alertmanager: 'keelson' } },
  listens: {
    web: tcp('metrics', 9093, { isProbed: true }),
    mesh: { purpose: 'mesh', ports: [{ protocol: 'TCP', port: 9094 }, { protocol: 'UDP', port: 9094 }] },
    reloader: tcp('health', 8080, { isProbed: true }),
  },
  serves: [],
  calls: [
    { to: { kind: 'self', listener: 'mesh' }, reason: 'replicas share silences and what was sent' },
    { to: outside('pagers'), reason: 'tells the pager' },
    callsDns('names of the pager and of the other replicas'),
  ],
});

/** Reached through the API server only (services/proxy), by the Prometheus of the management cluster. */
export const federation = (): Contract => ({
  component: 'keelson-federation',
  pods: { namespace: system, labels: { 'app.kubernetes.io/name': 'keelson-federation' } },
  listens: { http: tcp('api', 9090), metrics: tcp('metrics', 8080), health: tcp('health', 8081, { isProbed: true }) },
  serves: [{ listener: 'http', from: { kind: 'apiServer' }, reason: 'the management cluster reads the recorded family through services/proxy' }],
  calls: [
    { to: component('prometheus', 'web'), reason: 'answers come from it' },
    callsDns('name of Prometheus'),
  ],
});
