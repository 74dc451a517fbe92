/** The images servers can be booted from, one for each Kubernetes. Each stands for a disk that image-builder would make: a Debian with kubeadm, kubelet and a container runtime. */
import { existsSync } from 'node:fs';
import { kubernetesVersions, toolsFolderOf } from '../tools/pins.ts';

export interface NodeImage {
  readonly name: string;
  readonly kubernetesVersion: string;
  /** Text of /etc/os-release: `kubectl get nodes -o wide` shows its PRETTY_NAME. */
  readonly osRelease: string;
}

const osRelease = ['PRETTY_NAME="Keelson sandbox node"', 'NAME="Keelson sandbox node"', 'ID=debian', 'VERSION_ID="12"', 'VERSION="12 (bookworm)"', 'VERSION_CODENAME=bookworm', ''].join('\n');

export const nodeImages: readonly NodeImage[] = kubernetesVersions.map((kubernetesVersion) => ({ name: `keelson-node-v${kubernetesVersion}`, kubernetesVersion, osRelease }));

/** The images whose programs are built; the pinned Kubernetes always is. @param toolsDir see `MachineHostOptions` */
export const availableImages = (toolsDir: string): readonly NodeImage[] => nodeImages.filter(({ kubernetesVersion }) => existsSync(toolsFolderOf(toolsDir, kubernetesVersion)));

/** Where a server has the programs of a version, below /opt/keelson. Every server has all that are built: kube-proxy is upgraded before the workers are. */
export const toolsOf = (version: string): string => toolsFolderOf('tools', version);

/** Options that kubeadm's SystemVerification wants built in (k8s.io/system-validators, DefaultSysSpec). */
const kernelOptions = [
  'NAMESPACES', 'NET_NS', 'PID_NS', 'IPC_NS', 'UTS_NS', 'CGROUPS', 'CGROUP_BPF', 'CGROUP_CPUACCT', 'CGROUP_DEVICE', 'CGROUP_FREEZER', 'CGROUP_PIDS', 'CGROUP_SCHED', 'CGROUP_HUGETLB', 'CPUSETS', 'MEMCG',
  'INET', 'EXT4_FS', 'PROC_FS', 'NETFILTER_XT_TARGET_REDIRECT', 'NETFILTER_XT_MATCH_COMMENT', 'FAIR_GROUP_SCHED', 'OVERLAY_FS', 'AUFS_FS', 'BLK_DEV_DM', 'CFS_BANDWIDTH', 'SECCOMP', 'SECCOMP_FILTER',
];

/** The kernel configuration a server shows. */
export const kernelConfig = `${kernelOptions.map((option) => `CONFIG_${option}=y`).join('\n')}\n`;
