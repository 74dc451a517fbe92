/**
 * What nodes may say to each other beyond CAPO's own rules (API server, etcd, kubelet, node ports). CAPO removes
 * rules it does not know, so everything that must flow between nodes stands here.
 */

export interface SecurityGroupRule {
  readonly name: string;
  readonly description: string;
  readonly direction: 'ingress';
  readonly etherType: 'IPv4';
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly portRangeMin?: number;
  readonly portRangeMax?: number;
  readonly remoteManagedGroups: readonly ('controlplane' | 'worker')[];
}

/** For every node of the cluster, from every node of the cluster. Ports of Cilium: docs.cilium.io, "Firewall Rules". */
export const nodeToNodeRules: readonly SecurityGroupRule[] = [
  rule('cilium-vxlan', 'pod traffic between nodes', 'udp', 8472),
  rule('cilium-health', 'health of the pod network', 'tcp', 4240),
  rule('cilium-hubble', 'flow log of the pod network', 'tcp', 4244),
  rule('icmp', 'reachability and path MTU between nodes', 'icmp'),
  rule('cert-exporter-metrics', 'metrics of cert-exporter in the node network', 'tcp', 9005),
  rule('node-exporter-metrics', 'metrics of node-exporter in the node network', 'tcp', 9100),
];

function rule(name: string, description: string, protocol: SecurityGroupRule['protocol'], port?: number): SecurityGroupRule {
  return {
    name,
    description,
    direction: 'ingress',
    etherType: 'IPv4',
    protocol,
    ...(port === undefined ? {} : { portRangeMin: port, portRangeMax: port }),
    remoteManagedGroups: ['controlplane', 'worker'],
  };
}
