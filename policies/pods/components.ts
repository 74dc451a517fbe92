/**
 * Components that cannot meet "restricted", with the smallest waiver each and the reason. Tests hold every list to the
 * component's manifests (test/policies/pods/components.integration.test.ts): no check is missing, none can be taken away.
 */
import type { CheckId } from './check.ts';
import type { Waiver } from './exception.ts';

export interface Component {
  readonly name: string;
  /** One of our charts: its waivers are in the chart policies, without an end. Those of others are to be copied, with owner and end. */
  readonly isOurs: boolean;
  readonly waivers: readonly Waiver[];
}

const waiver = (kind: Waiver['kind'], workload: string, checks: readonly CheckId[], reason: string): Waiver => {
  const [namespace = '', name = ''] = workload.split('/');
  return { namespace, kind, name, labels: {}, checks: [...checks], reason };
};

/** The checks that an image which says nothing about its user, profile and capabilities breaks. */
const saysNothing: readonly CheckId[] = ['allowPrivilegeEscalation', 'capabilities_restricted', 'runAsNonRoot', 'seccompProfile_restricted'];

export const components: readonly Component[] = [
  {
    name: 'cert-exporter',
    isOurs: true,
    waivers: [waiver('DaemonSet', 'keelson-system/cert-exporter-files', ['restrictedVolumes', 'runAsNonRoot', 'runAsUser'], "reads certificates of the node: only root may, and they are in the node's directories (mounted read-only)")],
  },
  {
    name: 'net-exporter, with certificates.enabled',
    isOurs: true,
    waivers: [waiver('DaemonSet', 'keelson-system/net-exporter-files', ['restrictedVolumes', 'runAsNonRoot', 'runAsUser'], "reads certificates of the node beside its own work: only root may, and they are in the node's directories (mounted read-only); without certificates the DaemonSet has another name and needs nothing")],
  },
  {
    name: 'node-exporter',
    isOurs: true,
    waivers: [waiver('DaemonSet', 'keelson-system/node-exporter', ['hostNamespaces', 'restrictedVolumes'], 'measures the machine: its network, its processes, its file systems')],
  },
  {
    name: 'workload-monitoring',
    isOurs: true,
    waivers: [waiver('DaemonSet', 'keelson-system/control-plane-metrics', ['hostNamespaces'], 'reads what listens on the loopback address of control plane nodes, so it is on the network of the node')],
  },
  {
    name: 'openstack-cloud-controller-manager',
    isOurs: true,
    waivers: [waiver('DaemonSet', 'kube-system/openstack-cloud-controller-manager', ['hostNamespaces', 'hostProbesAndHostLifecycle'], 'runs before there is a pod network, so in the network of the node, and is probed at its loopback address')],
  },
  {
    name: 'openstack-cloud-controller-manager, as upstream ships it',
    isOurs: false,
    waivers: [waiver('DaemonSet', 'kube-system/openstack-cloud-controller-manager', ['hostNamespaces', ...saysNothing, 'restrictedVolumes'], "runs in the network of the node; mounts its certificates and the kubelet's plugin folder; its manifest says nothing about user, profile and capabilities")],
  },
  {
    name: 'cilium',
    isOurs: false,
    waivers: [
      waiver('DaemonSet', 'kube-system/cilium', ['appArmorProfile', 'hostNamespaces', 'hostPorts', 'hostProbesAndHostLifecycle', 'privileged', 'seLinuxOptions', ...saysNothing, 'restrictedVolumes'], 'is the network of the node: loads eBPF programs, makes interfaces, installs its CNI plugin (an init container is privileged to mount the BPF file system)'),
      waiver('DaemonSet', 'kube-system/cilium-envoy', ['appArmorProfile', 'hostNamespaces', 'hostPorts', 'hostProbesAndHostLifecycle', 'seLinuxOptions', ...saysNothing, 'restrictedVolumes'], 'proxies traffic in the network of the node and shares sockets and BPF maps with the agent'),
      waiver('Deployment', 'kube-system/cilium-operator', ['hostNamespaces', 'hostPorts', 'hostProbesAndHostLifecycle', 'runAsNonRoot'], 'runs before there is a pod network; its manifest does not say that it is not root'),
    ],
  },
  {
    name: 'coredns, as kubeadm installs it',
    isOurs: false,
    waivers: [waiver('Deployment', 'kube-system/coredns', ['runAsNonRoot', 'seccompProfile_restricted'], "kubeadm's manifest does not say that it is not root, and names no seccomp profile")],
  },
  { name: 'metrics-server', isOurs: false, waivers: [] },
  { name: 'kube-state-metrics', isOurs: false, waivers: [] },
  {
    name: 'cinder-csi',
    isOurs: false,
    waivers: [
      waiver('Deployment', 'kube-system/csi-cinder-controllerplugin', saysNothing, 'its manifest says nothing about user, profile and capabilities'),
      waiver('DaemonSet', 'kube-system/csi-cinder-nodeplugin', ['hostNamespaces', 'privileged', ...saysNothing, 'restrictedVolumes'], 'attaches and mounts disks on the node, for the pods of others'),
    ],
  },
];
