/** How the pinned tools are built. One family is one Go module of ours (`<family>/go.mod`, `go.sum`), built as a unit. */
import { join } from 'node:path';
import type { FamilyName, ToolName } from './pins.ts';

/** How one family is built. Measured figures are those of an empty cache on two cores of the reference machine. */
export interface Family {
  readonly name: FamilyName;
  /** Where its go.mod is, seen from the folder of families; `name` when left out. */
  readonly folder?: string;
  /** Built only when asked for (by name, or `--all`): judges and peers that tests and benches need and no fleet does. `deep`: only the deep tests do (`--deep`), or a fleet with something that others do without. */
  readonly onDemand?: true | 'deep';
  /** Version of the family's main module as its module path has it. */
  readonly moduleVersion: string;
  readonly module: string;
  /** File name → Go package that is built into it. */
  readonly programs: Readonly<Record<string, string>>;
  /** Further names (hard links) of the one program, which looks at the name it was started under. */
  readonly names?: readonly ToolName[];
  readonly tags?: readonly string[];
  /** Linker variables (-X), where the program takes its version from. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cpuSeconds: number;
  /** Megabytes of the finished programs. */
  readonly sizeMb: number;
  /** Megabytes of modules and compiled packages that the build needs beside them. */
  readonly scratchMb: number;
}

const k8sVersionVariables = (pkg: string, version: string) => {
  const [major = '', minor = ''] = version.split('.');
  return { [`${pkg}.gitVersion`]: `v${version}`, [`${pkg}.gitMajor`]: major, [`${pkg}.gitMinor`]: minor, [`${pkg}.gitTreeState`]: 'clean' };
};
const prometheusVersion = (version: string) => ({ 'github.com/prometheus/common/version.Version': version });

/** All programs of one version of Kubernetes, and the etcd that its kubeadm expects, as one program. */
export function kubernetesFamily(name: FamilyName, version: string): Family {
  return {
    name,
    module: 'k8s.io/kubernetes',
    moduleVersion: `v${version}`,
    programs: { kubernetes: '.' },
    names: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubeadm', 'kubectl', 'kubelet', 'kube-proxy'],
    variables: { ...k8sVersionVariables('k8s.io/component-base/version', version), ...k8sVersionVariables('k8s.io/client-go/pkg/version', version) },
    cpuSeconds: 633, sizeMb: 162, scratchMb: 4000,
  };
}

/** Hottest first: the order of building. */
export const families: readonly Family[] = [
  kubernetesFamily('kubernetes', '1.36.3'),
  {
    name: 'cluster-api',
    module: 'sigs.k8s.io/cluster-api',
    moduleVersion: 'v1.14.2',
    programs: {
      'capi-core-manager': 'sigs.k8s.io/cluster-api/core',
      'capi-kubeadm-bootstrap-manager': 'sigs.k8s.io/cluster-api/bootstrap/kubeadm',
      'capi-kubeadm-control-plane-manager': 'sigs.k8s.io/cluster-api/controlplane/kubeadm',
    },
    variables: k8sVersionVariables('sigs.k8s.io/cluster-api/version', '1.14.2'),
    cpuSeconds: 208, sizeMb: 185, scratchMb: 1500,
  },
  {
    name: 'cluster-api-provider-openstack',
    module: 'sigs.k8s.io/cluster-api-provider-openstack',
    moduleVersion: 'v0.14.7',
    programs: { 'capo-manager': 'sigs.k8s.io/cluster-api-provider-openstack' },
    variables: k8sVersionVariables('sigs.k8s.io/cluster-api-provider-openstack/version', '0.14.7'),
    cpuSeconds: 181, sizeMb: 63, scratchMb: 1300,
  },
  {
    name: 'coredns',
    module: 'github.com/coredns/coredns',
    moduleVersion: 'v1.15.0',
    programs: { coredns: 'github.com/coredns/coredns' },
    variables: {},
    cpuSeconds: 203, sizeMb: 79, scratchMb: 1400,
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v4',
    moduleVersion: 'v4.3.1',
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
    variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1', 'helm.sh/helm/v4/internal/version.gitTreeState': 'clean' },
    cpuSeconds: 188, sizeMb: 67, scratchMb: 1300,
  },
  {
    name: 'openstack-cloud-controller-manager',
    module: 'k8s.io/cloud-provider-openstack',
    moduleVersion: 'v1.36.0',
    programs: { 'openstack-cloud-controller-manager': 'k8s.io/cloud-provider-openstack/cmd/openstack-cloud-controller-manager' },
    variables: { 'k8s.io/component-base/version.gitVersion': 'v1.36.0', 'k8s.io/cloud-provider-openstack/pkg/version.Version': 'v1.36.0' },
    cpuSeconds: 248, sizeMb: 68, scratchMb: 1500,
  },
  {
    name: 'prometheus-operator',
    module: 'github.com/prometheus-operator/prometheus-operator',
    moduleVersion: 'v0.85.0',
    programs: {
      'prometheus-operator': 'github.com/prometheus-operator/prometheus-operator/cmd/operator',
      'prometheus-config-reloader': 'github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader',
    },
    variables: prometheusVersion('0.85.0'),
    cpuSeconds: 196, sizeMb: 107, scratchMb: 1200,
  },
  {
    // 3.16.0 is v0.316.0 as a Go module. Service discovery of other clouds is left out: it triples the modules.
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    moduleVersion: 'v0.316.0',
    programs: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus', promtool: 'github.com/prometheus/prometheus/cmd/promtool' },
    tags: ['remove_all_sd', 'enable_kubernetes_sd', 'enable_openstack_sd', 'enable_dns_sd'],
    variables: prometheusVersion('3.16.0'),
    cpuSeconds: 185, sizeMb: 133, scratchMb: 1500,
  },
  {
    // 0.32 and later embed a web page that their module does not ship.
    name: 'alertmanager',
    module: 'github.com/prometheus/alertmanager',
    moduleVersion: 'v0.31.1',
    programs: { alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager', amtool: 'github.com/prometheus/alertmanager/cmd/amtool' },
    variables: prometheusVersion('0.31.1'),
    cpuSeconds: 66, sizeMb: 54, scratchMb: 700,
  },
  {
    name: 'kube-state-metrics',
    module: 'k8s.io/kube-state-metrics/v2',
    moduleVersion: 'v2.18.0',
    programs: { 'kube-state-metrics': 'k8s.io/kube-state-metrics/v2' },
    variables: prometheusVersion('v2.18.0'),
    cpuSeconds: 206, sizeMb: 62, scratchMb: 1300,
  },
  {
    name: 'metrics-server',
    module: 'sigs.k8s.io/metrics-server',
    moduleVersion: 'v0.9.0',
    programs: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
    variables: { 'k8s.io/client-go/pkg/version.gitVersion': 'v0.9.0', 'k8s.io/component-base/version.gitVersion': 'v0.9.0' },
    cpuSeconds: 227, sizeMb: 71, scratchMb: 1400,
  },
  {
    name: 'node-exporter',
    module: 'github.com/prometheus/node_exporter',
    moduleVersion: 'v1.12.1',
    programs: { node_exporter: 'github.com/prometheus/node_exporter' },
    variables: prometheusVersion('1.12.1'),
    cpuSeconds: 15, sizeMb: 17, scratchMb: 300,
  },
  {
    name: 'pss-oracle',
    folder: '../../test/oracles/pss',
    onDemand: true,
    module: 'k8s.io/pod-security-admission',
    moduleVersion: 'v0.36.3',
    programs: { 'pss-oracle': '.' },
    variables: {},
    cpuSeconds: 62, sizeMb: 9, scratchMb: 500,
  },
  {
    name: 'cilium-oracle',
    folder: '../../test/oracles/cilium',
    onDemand: true,
    module: 'github.com/cilium/cilium',
    moduleVersion: 'v1.20.2',
    programs: { 'cilium-oracle': '.' },
    variables: {},
    cpuSeconds: 300, sizeMb: 85, scratchMb: 2500,
  },
  {
    name: 'kyverno',
    onDemand: true,
    module: 'github.com/kyverno/kyverno',
    moduleVersion: 'v1.19.1',
    programs: { kyverno: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno' },
    variables: { 'github.com/kyverno/kyverno/pkg/version.BuildVersion': 'v1.19.1' },
    cpuSeconds: 567, sizeMb: 265, scratchMb: 5000,
  },
  {
    // A program of ours; what it is pinned to is the one module it uses.
    name: 'packet-delay',
    onDemand: true,
    module: 'golang.org/x/sys',
    moduleVersion: 'v0.40.0',
    programs: { 'packet-delay': '.' },
    variables: {},
    cpuSeconds: 25, sizeMb: 2, scratchMb: 200,
  },
  {
    // Likewise.
    name: 'one-user',
    onDemand: true,
    module: 'golang.org/x/sys',
    moduleVersion: 'v0.40.0',
    programs: { 'one-user': '.' },
    variables: {},
    cpuSeconds: 25, sizeMb: 2, scratchMb: 200,
  },
  {
    name: 'registry',
    onDemand: true,
    module: 'github.com/google/go-containerregistry',
    moduleVersion: 'v0.22.1',
    programs: { registry: '.' },
    variables: {},
    cpuSeconds: 40, sizeMb: 7, scratchMb: 300,
  },
  {
    // v2.45.1: a module without /v2 in its path has no v2 for Go, so the pin is the commit of the release.
    name: 'dex',
    onDemand: 'deep',
    module: 'github.com/dexidp/dex',
    moduleVersion: 'v0.0.0-20260303133905-11d2eeb52b42',
    programs: { dex: 'github.com/dexidp/dex/cmd/dex' },
    variables: { 'main.version': 'v2.45.1' },
    cpuSeconds: 200, sizeMb: 60, scratchMb: 2500,
  },
  {
    name: 'cinder-csi-plugin',
    onDemand: 'deep',
    module: 'k8s.io/cloud-provider-openstack',
    moduleVersion: 'v1.36.0',
    programs: { 'cinder-csi-plugin': 'k8s.io/cloud-provider-openstack/cmd/cinder-csi-plugin' },
    variables: { 'k8s.io/component-base/version.gitVersion': 'v1.36.0', 'k8s.io/cloud-provider-openstack/pkg/version.Version': 'v1.36.0' },
    cpuSeconds: 231, sizeMb: 40, scratchMb: 1500,
  },
  {
    // What stands beside a CSI driver: modules of one project, each family named here by its first, and a program of ours (main.go).
    name: 'csi-sidecars',
    onDemand: 'deep',
    module: 'github.com/kubernetes-csi/external-attacher/v4',
    moduleVersion: 'v4.13.0',
    programs: {
      'csi-attacher': 'github.com/kubernetes-csi/external-attacher/v4/cmd/csi-attacher',
      'csi-snapshotter': 'github.com/kubernetes-csi/external-snapshotter/v8/cmd/csi-snapshotter',
      'snapshot-controller': 'github.com/kubernetes-csi/external-snapshotter/v8/cmd/snapshot-controller',
      'csi-companion': '.',
    },
    variables: {},
    cpuSeconds: 280, sizeMb: 231, scratchMb: 1500,
  },
  {
    // Likewise, of an older Kubernetes than the others compile with.
    name: 'csi-provisioner',
    onDemand: 'deep',
    module: 'github.com/kubernetes-csi/external-provisioner/v5',
    moduleVersion: 'v5.3.0',
    programs: {
      'csi-provisioner': 'github.com/kubernetes-csi/external-provisioner/v5/cmd/csi-provisioner',
      'csi-resizer': 'github.com/kubernetes-csi/external-resizer/cmd/csi-resizer',
    },
    variables: {},
    cpuSeconds: 218, sizeMb: 115, scratchMb: 1200,
  },
];

/** The folder with a family's go.mod. @param source the folder of families */
export function familyFolder(family: Family, source: string): string {
  return join(source, family.folder ?? family.name);
}
