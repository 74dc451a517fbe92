/**
 * Values that differ from the charts' defaults because this is one small machine: one replica of everything that stands
 * by in production, and short intervals, so that a page comes within a minute instead of a quarter of an hour. With many
 * clusters they are longer, since each is asked by the one machine. Listed for people in docs/sandbox.md.
 */

import { driverValues } from './volumes.ts';

/** Where Alertmanager sends pages: the pager of the world. */
export const pagerWebhook = 'http://198.51.100.3:9099/api/v2/alerts-webhook';

const one = { replicas: 1 };

/** Up to two clusters are watched as closely as a person would; further ones are there because there are many. */
const closely = 2;

interface Intervals {
  /** Scrapes of what is small, rules, federation. */
  readonly interval: string;
  /** Scrapes of what has thousands of series: API servers, kubelets and their containers. */
  readonly large: string;
  /** Between two looks of cert-exporter. */
  readonly certificateSeconds: number;
  /** Between two looks of the cloud controller manager at the routes. */
  readonly routes: string;
}

const intervalsOf = (clusters: number): Intervals =>
  clusters <= closely
    ? { interval: '5s', large: '15s', certificateSeconds: 2, routes: '2s' }
    : { interval: '15s', large: '30s', certificateSeconds: 15, routes: '5s' };

/** What of the bundle a simulated server cannot run, or was not asked to (volumes.ts). */
const leaveOut = (hasVolumes: boolean): Record<string, string> => ({
  cilium: 'the data plane needs eBPF and mounts of a kernel of its own; in the sandbox pods travel by routes of the router (docs/sandbox.md)',
  ...(hasVolumes ? {} : {
    'snapshot-controller': 'snapshots are of volumes of Cinder CSI, which is left out (docs/sandbox.md)',
    'openstack-cinder-csi': 'this fleet was started without volumes: up --volumes (docs/sandbox.md)',
  }),
});

/**
 * prometheus-operator 0.85 watches the file of its configuration and not the folder: the first change replaces the file, with it
 * the watch is gone, and every later one (a new cluster to federate) is seen when the reloader looks by itself, every three
 * minutes (thanos pkg/reloader, addFile). Arguments cannot be added to, so these are the operator's own and how often it looks.
 */
const reloader = {
  name: 'config-reloader',
  args: [
    '--listen-address=:8080', '--reload-url=http://localhost:9090/-/reload', '--config-file=/etc/prometheus/config/prometheus.yaml.gz',
    '--config-envsubst-file=/etc/prometheus/config_out/prometheus.env.yaml', '--watched-dir=/etc/prometheus/rules/prometheus-keelson-rulefiles-0', '--watch-interval=5s',
  ],
};

export type ManagementChart = 'prometheus-operator' | 'keelson' | 'cluster-api' | 'monitoring';
type Values = Record<string, unknown>;

/** Of the management cluster, by chart. @param clusters how many workload clusters it has, or is about to have */
export function managementValues(clusters: number, { hasVolumes = false } = {}): Record<ManagementChart, Values> {
  const { interval, large } = intervalsOf(clusters);
  return {
    'prometheus-operator': {},
    keelson: { operator: one, topologyExtension: one, serviceMonitor: { enabled: true, interval }, bundle: { leaveOut: leaveOut(hasVolumes) }, bundleValues: { ...bundleValues(clusters), ...(hasVolumes ? volumeValues : {}) } },
    'cluster-api': { core: one, bootstrap: one, controlPlane: one, infrastructure: one },
    monitoring: {
      prometheus: { ...one, scrapeInterval: interval, evaluationInterval: interval, retention: '6h', resources: { requests: { memory: '64Mi' } }, containers: [reloader] },
      alertmanager: one,
      scrape: { apiserver: { interval: large }, kubelet: { interval: large }, coredns: { interval: large } },
      pager: { url: pagerWebhook },
      notices: { url: pagerWebhook },
      routing: { groupWait: '1s', groupInterval: '5s' },
      rules: { for: { CertificateExpiresSoon: '5s', CloudApiErrors: '10s', CloudCallsFail: '10s' }, runbookBaseUrl: '/runbooks' },
      serviceMonitor: { interval },
    },
  };
}

/**
 * Whoever breaks a worker or its zone is to read what became of it. A Prometheus that goes with them sees nothing: then the page is
 * ClusterPrometheusDown, ten minutes later, and a StatefulSet makes no other pod before the Node is gone.
 */
const controlPlane = 'node-role.kubernetes.io/control-plane';
const onControlPlane = { nodeSelector: { [controlPlane]: '' }, tolerations: [{ key: controlPlane, effect: 'NoSchedule' }] };

const volumeValues: Record<string, Values> = { 'snapshot-controller': one, 'openstack-cinder-csi': driverValues };

/** Of every workload cluster, by component; the operator merges them last. */
function bundleValues(clusters: number): Record<string, Values> {
  const { interval, large, certificateSeconds, routes } = intervalsOf(clusters);
  return {
    'openstack-cloud-controller-manager': { routeReconciliationPeriod: routes },
    'cert-exporter': { files: { intervalSeconds: certificateSeconds }, nodeEndpoints: { intervalSeconds: certificateSeconds }, serviceMonitor: { interval } },
    // The world's time server; it resolves no names of the outside.
    'net-exporter': { ntp: { servers: ['198.51.100.4'] }, serviceMonitor: { interval } },
    'kube-state-metrics': { serviceMonitor: { interval: large } },
    'node-exporter': { serviceMonitor: { interval: large } },
    'workload-monitoring': {
      prometheus: { scrapeInterval: interval, evaluationInterval: interval, retention: '2h', resources: { requests: { memory: '64Mi' } } },
      scrape: { apiserver: { interval: large }, kubelet: { interval: large }, coredns: { interval: large } },
      controlPlaneMetrics: { interval: large },
      serviceMonitor: { interval: large },
      ...onControlPlane,
    },
  };
}
