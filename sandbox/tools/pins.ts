/** Every program that the sandbox runs and that we did not write: its version, the family it is built with, what it does here. */

export type ToolName =
  | 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubeadm' | 'kubectl' | 'kubelet' | 'kube-proxy'
  | 'capi-core-manager' | 'capi-kubeadm-bootstrap-manager' | 'capi-kubeadm-control-plane-manager' | 'capo-manager'
  | 'coredns' | 'helm' | 'openstack-cloud-controller-manager' | 'prometheus-operator' | 'prometheus-config-reloader'
  | 'prometheus' | 'promtool' | 'alertmanager' | 'amtool' | 'kube-state-metrics' | 'metrics-server' | 'node_exporter'
  | 'pss-oracle' | 'cilium-oracle' | 'kyverno' | 'packet-delay' | 'one-user' | 'registry' | 'dex' | 'cinder-csi-plugin'
  | 'csi-attacher' | 'csi-provisioner' | 'csi-resizer' | 'csi-snapshotter' | 'snapshot-controller' | 'csi-companion';

/** What is built together, see `families.ts`. */
export type FamilyName =
  | 'kubernetes' | 'kubernetes-1.35' | 'cluster-api' | 'cluster-api-provider-openstack' | 'coredns' | 'helm' | 'openstack-cloud-controller-manager'
  | 'prometheus-operator' | 'prometheus' | 'alertmanager' | 'kube-state-metrics' | 'metrics-server' | 'node-exporter'
  | 'pss-oracle' | 'cilium-oracle' | 'kyverno' | 'packet-delay' | 'one-user' | 'registry' | 'dex' | 'cinder-csi-plugin' | 'csi-sidecars' | 'csi-provisioner';

export interface Tool {
  readonly name: ToolName;
  readonly family: FamilyName;
  /** Without a leading v, as people say it. */
  readonly version: string;
  /** Arguments that make it print its version and exit; undefined where it has no such thing. */
  readonly versionArguments?: readonly string[];
  /** What it does in the sandbox. */
  readonly role: string;
}

/** The version of Kubernetes in the sandbox's management cluster and in new workload clusters. */
export const kubernetesVersion = '1.36.3';
/** One minor before: what upgrades start from. Built only when somebody asks for it (previous-kubernetes.ts). */
export const previousKubernetesVersion = '1.35.4';

/** The versions that workload clusters can have, newest first. */
export const kubernetesVersions: readonly string[] = [kubernetesVersion, previousKubernetesVersion];

/** What kubeadm of a version starts (DefaultEtcdVersion in cmd/kubeadm/app/constants). */
export const etcdVersions: Readonly<Record<string, string>> = { [kubernetesVersion]: '3.6.8', [previousKubernetesVersion]: '3.6.6' };

/** The folder of links for the programs of a version: the pinned tools' own, or one beside it. */
export const toolsFolderOf = (bin: string, version: string): string => (version === kubernetesVersion ? bin : `${bin}-v${version}`);

const capi = { family: 'cluster-api', version: '1.14.2' } as const;
const kubernetes = { family: 'kubernetes', version: kubernetesVersion, versionArguments: ['--version'] } as const;

export const tools: readonly Tool[] = [
  { ...kubernetes, name: 'etcd', version: etcdVersions[kubernetesVersion] ?? '', role: 'the store of every control plane; the version that kubeadm expects' },
  { ...kubernetes, name: 'kube-apiserver', role: 'API server of management and workload clusters, and of integration tests' },
  { ...kubernetes, name: 'kube-controller-manager', role: 'built-in controllers' },
  { ...kubernetes, name: 'kube-scheduler', role: 'scheduler' },
  { ...kubernetes, name: 'kubeadm', versionArguments: ['version', '-o', 'short'], role: 'init, join and reset, run by the servers\' own user data' },
  { ...kubernetes, name: 'kubectl', versionArguments: ['version', '--client'], role: 'for people, and inside the servers' },
  { ...kubernetes, name: 'kubelet', role: 'one on each simulated server' },
  { ...kubernetes, name: 'kube-proxy', role: 'Service addresses on each simulated server' },
  { ...capi, name: 'capi-core-manager', role: 'Cluster API: clusters, machines, topology' },
  { ...capi, name: 'capi-kubeadm-bootstrap-manager', role: 'Cluster API: user data for kubeadm' },
  { ...capi, name: 'capi-kubeadm-control-plane-manager', role: 'Cluster API: control planes' },
  { name: 'capo-manager', family: 'cluster-api-provider-openstack', version: '0.14.7', versionArguments: ['--version'], role: 'Cluster API: OpenStack servers, networks, load balancers' },
  { name: 'coredns', family: 'coredns', version: '1.15.0', versionArguments: ['-version'], role: 'cluster DNS' },
  { name: 'helm', family: 'helm', version: '4.3.1', versionArguments: ['version', '--short'], role: 'installs charts; driven by provisioner/helm' },
  { name: 'openstack-cloud-controller-manager', family: 'openstack-cloud-controller-manager', version: '1.36.0', versionArguments: ['--version'], role: 'node addresses, routes and Services of type LoadBalancer' },
  { name: 'prometheus-operator', family: 'prometheus-operator', version: '0.85.0', versionArguments: ['--version'], role: 'Prometheus and Alertmanager from custom resources' },
  { name: 'prometheus-config-reloader', family: 'prometheus-operator', version: '0.85.0', versionArguments: ['--version'], role: 'side container of Prometheus and Alertmanager' },
  { name: 'prometheus', family: 'prometheus', version: '3.16.0', versionArguments: ['--version'], role: 'metrics of each cluster and the federation' },
  { name: 'promtool', family: 'prometheus', version: '3.16.0', versionArguments: ['--version'], role: 'the tests\' judge of rules and exposition' },
  { name: 'alertmanager', family: 'alertmanager', version: '0.31.1', versionArguments: ['--version'], role: 'alert routing to the local pager' },
  { name: 'amtool', family: 'alertmanager', version: '0.31.1', versionArguments: ['--version'], role: 'the tests\' judge of routes' },
  { name: 'kube-state-metrics', family: 'kube-state-metrics', version: '2.18.0', versionArguments: ['version'], role: 'metrics of objects' },
  { name: 'metrics-server', family: 'metrics-server', version: '0.9.0', versionArguments: ['--version'], role: 'kubectl top, autoscaling' },
  { name: 'node_exporter', family: 'node-exporter', version: '1.12.1', versionArguments: ['--version'], role: 'metrics of servers' },
  { name: 'pss-oracle', family: 'pss-oracle', version: '0.36.3', role: 'the tests\' judge of Pod Security Standards: the reference implementation' },
  { name: 'cilium-oracle', family: 'cilium-oracle', version: '1.20.2', versionArguments: ['--version'], role: 'the tests\' judge of network policies: Cilium\'s own engine' },
  { name: 'kyverno', family: 'kyverno', version: '1.19.1', versionArguments: ['version'], role: 'the tests\' judge of the rendered Kyverno policies, and the bench\'s peer' },
  { name: 'packet-delay', family: 'packet-delay', version: '0.40.0', role: 'delays the packets of a server: the fault "latency"' },
  { name: 'dex', family: 'dex', version: '2.45.1', versionArguments: ['version'], role: 'an identity provider for deep tests: the guide of docs/access.md, tried' },
  { name: 'cinder-csi-plugin', family: 'cinder-csi-plugin', version: '1.36.0', versionArguments: ['--version'], role: 'Cinder CSI, in a fleet with volumes and before the simulated cloud' },
  { name: 'csi-attacher', family: 'csi-sidecars', version: '4.13.0', role: 'a fleet with volumes: attaches what pods claim' },
  { name: 'csi-provisioner', family: 'csi-provisioner', version: '5.3.0', role: 'a fleet with volumes: makes what pods claim' },
  { name: 'csi-resizer', family: 'csi-provisioner', version: '1.14.0', role: 'a fleet with volumes: lets volumes grow' },
  { name: 'csi-snapshotter', family: 'csi-sidecars', version: '8.7.0', role: 'a fleet with volumes: snapshots, before the driver' },
  { name: 'snapshot-controller', family: 'csi-sidecars', version: '8.7.0', role: 'a fleet with volumes: snapshots, before the API' },
  { name: 'csi-companion', family: 'csi-sidecars', version: '0.37.0', role: 'a fleet with volumes: announces the driver to the kubelet, answers its probe' },
  { name: 'registry', family: 'registry', version: '0.22.1', role: 'the tests\' OCI registry: charts are pushed to it with Helm and fetched from it' },
  { name: 'one-user', family: 'one-user', version: '0.40.0', role: 'the sandbox without root: answers changes of owners and identities, which a user namespace of one user cannot make' },
];

/** All names, in the order of the table. */
export const toolNames: readonly ToolName[] = tools.map((tool) => tool.name);

/** @throws RangeError for a name that is not in the table (callers from outside TypeScript; see `isToolName`). */
export function pinOf(name: ToolName): Tool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new RangeError(`no tool named ${name}`);
  return tool;
}

export function isToolName(name: string): name is ToolName {
  return tools.some((tool) => tool.name === name);
}
