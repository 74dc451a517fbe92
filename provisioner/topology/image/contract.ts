/** What a node image must hold for the class to make a node of it, as data: the page and the check are rendered from it. */

export { imageProperties } from '../../preflight/image-properties.ts';

export interface Requirement {
  readonly id: string;
  /** What must be so. */
  readonly what: string;
  /** Who relies on it. */
  readonly why: string;
  readonly fix: string;
  /** Shell (POSIX) that succeeds when it is so, on a server booted from the image, as root. `$version` is "v1.36.3", `$root` where `/` is. */
  readonly test: string;
}

const config = '"$root/etc/containerd/config.toml"';

export const requirements: readonly Requirement[] = [
  { id: 'kubeadm', what: 'kubeadm of the version', why: 'cloud-init runs it', fix: 'install kubeadm of exactly spec.topology.version', test: '[ "$(kubeadm version -o short)" = "$version" ]' },
  { id: 'kubelet', what: 'kubelet of the version', why: 'joins the cluster', fix: 'install kubelet of exactly spec.topology.version', test: '[ "$(kubelet --version)" = "Kubernetes $version" ]' },
  { id: 'kubelet-enabled', what: 'the unit kubelet is enabled', why: 'it comes back after a reboot', fix: 'systemctl enable kubelet', test: 'systemctl is-enabled --quiet kubelet' },
  { id: 'containerd', what: 'containerd 1.7 or newer', why: 'the container runtime; the kubelet of 1.36 asks it for its cgroup driver', fix: 'install containerd 2.x', test: `containerd --version | awk '{ v = $3; sub(/^v/, "", v); split(v, part, "."); exit !(part[1] >= 2 || (part[1] == 1 && part[2] >= 7)) }'` },
  { id: 'containerd-socket', what: 'containerd runs and listens on /run/containerd/containerd.sock', why: 'kubeadm looks there', fix: 'systemctl enable --now containerd', test: 'systemctl is-active --quiet containerd && [ -e "$root/run/containerd/containerd.sock" ]' },
  { id: 'cgroup-driver', what: 'containerd uses the cgroup driver systemd', why: 'two drivers on one node break limits under pressure', fix: 'SystemdCgroup = true in /etc/containerd/config.toml', test: `grep -Eq '^[[:space:]]*SystemdCgroup[[:space:]]*=[[:space:]]*true' ${config}` },
  { id: 'registry-hosts', what: 'containerd reads /etc/containerd/certs.d', why: 'os.registryMirrors are files there', fix: 'config_path = "/etc/containerd/certs.d" in the registry section', test: `grep -Eq '^[[:space:]]*config_path[[:space:]]*=.*/etc/containerd/certs\\.d' ${config}` },
  { id: 'cgroup2', what: 'control groups of version 2', why: 'memory limits and pod PIDs; version 1 is in maintenance', fix: 'boot with systemd.unified_cgroup_hierarchy=1', test: '[ -e "$root/sys/fs/cgroup/cgroup.controllers" ]' },
  { id: 'swap', what: 'no swap', why: 'the kubelet does not start with it', fix: 'remove swap from /etc/fstab', test: '[ "$(tail -n +2 "$root/proc/swaps" | wc -l)" -eq 0 ]' },
  { id: 'kernel', what: 'Linux 5.10 or newer', why: "Cilium's data plane", fix: 'take a newer distribution', test: `uname -r | awk -F'[.-]' '{ exit !($1 > 5 || ($1 == 5 && $2 >= 10)) }'` },
  { id: 'cloud-init', what: 'cloud-init', why: 'everything the class says arrives by it', fix: 'install cloud-init 23 or newer', test: 'command -v cloud-init' },
  { id: 'config-drive', what: 'cloud-init looks for OpenStack or a config drive', why: 'servers are made with a config drive', fix: 'datasource_list: [ConfigDrive, OpenStack] in /etc/cloud/cloud.cfg.d', test: `! grep -rhs '^datasource_list' "$root/etc/cloud" | grep -Evq 'OpenStack|ConfigDrive'` },
  { id: 'sshd-drop-ins', what: 'sshd reads /etc/ssh/sshd_config.d', why: 'os.sshCertificateAuthorities is a file there', fix: 'Include /etc/ssh/sshd_config.d/*.conf at the top of sshd_config', test: `grep -Eiq '^[[:space:]]*Include[[:space:]].*sshd_config\\.d' "$root/etc/ssh/sshd_config"` },
  { id: 'time', what: 'a time client', why: 'certificates and etcd need clocks that agree', fix: 'install chrony', test: 'command -v chronyd || systemctl cat systemd-timesyncd' },
  { id: 'programs', what: 'install, awk, getconf, find, sysctl, mkfs.ext4, blkid', why: "the class's commands and cloud-init's disks", fix: 'install coreutils, gawk or mawk, libc-bin, findutils, procps, e2fsprogs, util-linux', test: 'for program in install awk getconf find sysctl mkfs.ext4 blkid; do command -v "$program" || exit 1; done' },
];
