/** Commands of the system that the sandbox needs, and the Debian packages that have them. Rooms append here what they start. */

export interface SystemCommand {
  readonly command: string;
  /** Debian's and Ubuntu's name of the package. */
  readonly package: string;
  /** What needs it: shown to the user beside the package. */
  readonly neededFor: string;
}

export const systemCommands: readonly SystemCommand[] = [
  { command: 'ip', package: 'iproute2', neededFor: 'namespaces, bridges, addresses and routes of the simulated networks' },
  { command: 'nft', package: 'nftables', neededFor: 'floating IPs, security groups, network faults, kube-proxy' },
  { command: 'unshare', package: 'util-linux', neededFor: 'namespaces of simulated servers' },
  { command: 'nsenter', package: 'util-linux', neededFor: 'commands inside simulated servers' },
  { command: 'setpriv', package: 'util-linux', neededFor: 'users and capabilities of containers' },
  { command: 'losetup', package: 'mount', neededFor: "kubeadm's preflight checks" },
  { command: 'script', package: 'bsdutils', neededFor: 'terminals of containers (kubectl exec -t)' },
  { command: 'iptables', package: 'iptables', neededFor: "kube-proxy's default mode" },
  { command: 'hostname', package: 'hostname', neededFor: 'names of simulated servers and pods' },
  { command: 'tar', package: 'tar', neededFor: 'image layers' },
  { command: 'gzip', package: 'gzip', neededFor: 'image layers' },
  { command: 'find', package: 'findutils', neededFor: 'clearing cgroups of simulated servers' },
  { command: 'mount', package: 'mount', neededFor: 'file systems of simulated servers and containers' },
];
