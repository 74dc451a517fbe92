/**
 * Values that differ from the charts' defaults because this is one small machine: one replica of everything that stands
 * by in production, and short intervals, so that a page comes within a minute instead of a quarter of an hour.
 * Listed for people in docs/sandbox.md.
 */

/** Where Alertmanager sends pages: the pager of the world. */
export const pagerWebhook = 'http://198.51.100.3:9099/api/v2/alerts-webhook';

const one = { replicas: 1 };
const interval = '5s';
const serviceMonitor = { enabled: true, interval };

/** What of the bundle a simulated server cannot run. */
const leaveOut = {
  cilium: 'the data plane needs eBPF and mounts of a kernel of its own; in the sandbox pods travel by routes of the router (docs/sandbox.md)',
  'snapshot-controller': 'snapshots are of volumes of Cinder CSI, which is left out (docs/sandbox.md)',
  'openstack-cinder-csi': 'mounting a block device needs a kernel of its own; in the sandbox no server has one (docs/sandbox.md)',
};

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

/** Charts of the management cluster. */
export const managementValues = {
  'prometheus-operator': {},
  keelson: { operator: one, topologyExtension: one, serviceMonitor, bundle: { leaveOut } },
  'cluster-api': { core: one, bootstrap: one, controlPlane: one, infrastructure: one },
  monitoring: {
    prometheus: { ...one, scrapeInterval: interval, evaluationInterval: interval, retention: '6h', resources: { requests: { memory: '64Mi' } }, containers: [reloader] },
    alertmanager: one,
    scrape: { apiserver: { interval: '15s' }, kubelet: { interval: '15s' }, coredns: { interval: '15s' } },
    pager: { url: pagerWebhook },
    notices: { url: pagerWebhook },
    routing: { groupWait: '1s', groupInterval: '5s' },
    rules: { for: { CertificateExpiresSoon: '5s', CloudApiErrors: '10s', CloudCallsFail: '10s' }, runbookBaseUrl: '/runbooks' },
    serviceMonitor: { interval },
  },
} as const satisfies Record<string, Record<string, unknown>>;

/**
 * Whoever breaks a worker or its zone is to read what became of it. A Prometheus that goes with them sees nothing: then the page is
 * ClusterPrometheusDown, ten minutes later, and a StatefulSet makes no other pod before the Node is gone.
 */
const controlPlane = 'node-role.kubernetes.io/control-plane';
const onControlPlane = { nodeSelector: { [controlPlane]: '' }, tolerations: [{ key: controlPlane, effect: 'NoSchedule' }] };

/** Charts of every workload cluster, by component; the operator merges them last. */
export const bundleValues: Record<string, Record<string, unknown>> = {
  'openstack-cloud-controller-manager': { routeReconciliationPeriod: '2s' },
  'cert-exporter': { files: { intervalSeconds: 2 }, nodeEndpoints: { intervalSeconds: 2 }, serviceMonitor: { interval } },
  // The world's time server; it resolves no names of the outside.
  'net-exporter': { ntp: { servers: ['198.51.100.4'] }, serviceMonitor: { interval } },
  'kube-state-metrics': { serviceMonitor: { interval: '15s' } },
  'node-exporter': { serviceMonitor: { interval: '15s' } },
  'workload-monitoring': {
    prometheus: { scrapeInterval: interval, evaluationInterval: interval, retention: '2h', resources: { requests: { memory: '64Mi' } } },
    scrape: { apiserver: { interval: '15s' }, kubelet: { interval: '15s' }, coredns: { interval: '15s' } },
    controlPlaneMetrics: { interval: '15s' },
    serviceMonitor: { interval: '15s' },
    ...onControlPlane,
  },
};
