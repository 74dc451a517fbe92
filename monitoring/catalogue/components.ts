/**
 * What runs on clusters, and what is lost without it: the lint lets no component of a bundle be without an entry here, so that
 * whoever adds one says whether its failure wakes somebody. The runbook of ComponentDown shows the table.
 */

export interface WatchedComponent {
  /** Name in the bundle, or of the chart on the management cluster. */
  readonly name: string;
  /** Its Deployments, DaemonSets and StatefulSets, by name. */
  readonly workloads: readonly string[];
  /** Those of them that it does without for a while. */
  readonly lesser?: readonly string[];
  /** What does not work while it is away. */
  readonly without: string;
  /** A page when none of its replicas is available; else a notice. */
  readonly isEssential: boolean;
  /** Alerts that look deeper than at its replicas. */
  readonly alerts: readonly string[];
}

export const watchedComponents: readonly WatchedComponent[] = [
  { name: 'openstack-cloud-controller-manager', workloads: ['openstack-cloud-controller-manager'], isEssential: true, alerts: ['CloudCallsFail'], without: 'new nodes get no pods, Services of type LoadBalancer no address, and routes of pods are not kept' },
  { name: 'openstack-cinder-csi', workloads: ['openstack-cinder-csi-controllerplugin', 'openstack-cinder-csi-nodeplugin', 'csi-cinder-controllerplugin', 'csi-cinder-nodeplugin'], isEssential: true, alerts: ['VolumeCallsFail', 'VolumeClaimWaits'], without: 'no volume is made, attached or moved' },
  { name: 'snapshot-controller', workloads: ['snapshot-controller'], isEssential: false, alerts: [], without: 'no snapshot of a volume is made or removed' },
  { name: 'cilium', workloads: ['cilium', 'cilium-operator', 'cilium-envoy', 'hubble-relay'], lesser: ['hubble-relay', 'cilium-operator'], isEssential: true, alerts: ['CiliumMapFull', 'NetworkPolicyNotApplied'], without: 'new pods get no network, and policies are not kept' },
  { name: 'kube-proxy', workloads: ['kube-proxy'], isEssential: true, alerts: ['ServicePathBroken'], without: 'Services lead to pods that are gone' },
  { name: 'coredns', workloads: ['coredns'], isEssential: true, alerts: ['DnsErrors', 'DnsServerBad', 'DnsForwardersBroken', 'CoreDnsPanics'], without: 'no name is resolved' },
  { name: 'metrics-server', workloads: ['metrics-server'], isEssential: false, alerts: ['AggregatedApiDown'], without: 'autoscalers and kubectl top have no figures' },
  { name: 'prometheus-operator', workloads: ['prometheus-operator'], isEssential: false, alerts: [], without: 'changes of what is watched are not taken over' },
  { name: 'kube-state-metrics', workloads: ['kube-state-metrics'], isEssential: false, alerts: ['ObjectStateNotSeen', 'TargetsDown'], without: 'alerts on nodes, pods, volumes and components cannot fire' },
  { name: 'node-exporter', workloads: ['node-exporter'], isEssential: false, alerts: ['TargetsDown'], without: 'disks, memory and tables of the nodes are not seen' },
  { name: 'cert-exporter', workloads: ['cert-exporter', 'cert-exporter-files', 'cert-exporter-cluster'], isEssential: false, alerts: ['CertificatesNotWatched', 'CertificateSourceDown'], without: 'certificates expire without a word' },
  { name: 'net-exporter', workloads: ['net-exporter'], isEssential: false, alerts: ['NetworkNotWatched'], without: 'faults of the network are noticed by users first' },
  { name: 'workload-monitoring', workloads: ['prometheus-keelson', 'keelson-federation', 'control-plane-metrics'], isEssential: false, alerts: ['ClusterPrometheusDown', 'FederationPathDown', 'ClusterHeartbeatMissing'], without: 'nothing of the cluster is seen' },
  { name: 'policies', workloads: [], isEssential: false, alerts: ['PolicyDenials', 'PolicyCannotJudge', 'PolicyExceptionExpires'], without: 'nothing judges what is deployed' },
  { name: 'kyverno', workloads: ['kyverno-admission-controller', 'kyverno-background-controller', 'kyverno-reports-controller', 'kyverno-cleanup-controller'], lesser: ['kyverno-background-controller', 'kyverno-reports-controller', 'kyverno-cleanup-controller'], isEssential: true, alerts: ['WebhookFails', 'WebhookBypassed', 'PolicyCannotJudge'], without: 'whatever its webhooks judge is refused, or passes unjudged' },
  { name: 'cert-manager', workloads: ['cert-manager', 'cert-manager-webhook', 'cert-manager-cainjector'], isEssential: false, alerts: ['CertificateNeverIssued', 'CertificateRenewalFails'], without: 'certificates are not issued and not renewed' },
  { name: 'addons', workloads: [], isEssential: false, alerts: ['CertificatesNotWatched', 'NetworkNotWatched', 'ClusterPrometheusDown'], without: 'a foreign cluster has no exporters, policies and monitoring' },
  { name: 'keelson', workloads: ['keelson-operator', 'keelson-topology-extension'], isEssential: true, alerts: ['OperatorDown', 'OperatorNotLeading', 'ReconcilesFail', 'QueueStuck', 'TopologyExtensionDown'], without: 'no cluster is made, changed, deleted or repaired' },
  { name: 'cluster-api', workloads: ['capi-controller-manager', 'capi-kubeadm-bootstrap-controller-manager', 'capi-kubeadm-control-plane-controller-manager', 'capo-controller-manager'], isEssential: true, alerts: ['ReconcilesFail', 'QueueStuck'], without: 'no cluster is made, changed or deleted, and machines that die are not replaced' },
  { name: 'monitoring', workloads: ['alertmanager-keelson', 'prometheus-keelson'], isEssential: false, alerts: ['Watchdog', 'NotificationsFail', 'AlertmanagersDisagree', 'AlertsNotDelivered', 'AlertmanagerNotReached'], without: 'nobody is told of anything: the external heartbeat notices' },
];

/** Workloads whose loss is a page. */
export const essentialWorkloads: readonly string[] = watchedComponents.filter(({ isEssential }) => isEssential).flatMap(({ workloads, lesser = [] }) => workloads.filter((workload) => !lesser.includes(workload)));
