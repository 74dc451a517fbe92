/**
 * What nodes may say to each other beyond CAPO's own rules (API server, etcd, kubelet, node ports, SSH from the bastion).
 * CAPO removes rules it does not know, so everything that must flow between nodes stands here, and nothing else does.
 */
import { ports } from '../../api/names.ts';
import type { Inputs } from './inputs.ts';

interface Flow {
  readonly name: string;
  readonly description: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly port?: number;
}

export interface SecurityGroupRule {
  readonly name: string;
  readonly description: string;
  readonly direction: 'ingress';
  readonly etherType: 'IPv4' | 'IPv6';
  readonly protocol: string;
  readonly portRangeMin?: number;
  readonly portRangeMax?: number;
  readonly remoteManagedGroups: readonly ('controlplane' | 'worker')[];
}

/** Ports of Cilium: https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules */
const tunnels = { vxlan: { name: 'cilium-vxlan', port: 8472 }, geneve: { name: 'cilium-geneve', port: 6081 } } as const;

export function managedSecurityGroups(inputs: Inputs): object {
  const families = inputs.variables.network.existing?.subnets.length === 2 ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const);
  const rules = (flows: readonly Flow[]): SecurityGroupRule[] => families.flatMap((family) => flows.map((flow) => rule(flow, family)));
  return { allowAllInClusterTraffic: false, allNodesSecurityGroupRules: rules(nodeFlows(inputs)), controlPlaneNodesSecurityGroupRules: rules(controlPlaneFlows) };
}

/** For control plane nodes, from every node of the cluster. */
const controlPlaneFlows: readonly Flow[] = [
  { name: 'control-plane-metrics', description: 'metrics of the control plane, for who may read them', protocol: 'tcp', port: ports.metricsRelay },
];

/** For every node of the cluster, from every node of the cluster. */
function nodeFlows({ variables: { cilium } }: Inputs): Flow[] {
  return [
    ...(cilium.tunnel === 'none' ? [] : [{ ...tunnels[cilium.tunnel], description: 'pod traffic between nodes', protocol: 'udp' } as const]),
    { name: 'cilium-health', description: 'health of the pod network', protocol: 'tcp', port: 4240 },
    ...(cilium.hubble ? [{ name: 'cilium-hubble', description: 'flow log of the pod network', protocol: 'tcp', port: 4244 } as const] : []),
    ...(cilium.encryption === 'wireguard' ? [{ name: 'cilium-wireguard', description: 'encrypted traffic between nodes', protocol: 'udp', port: 51871 } as const] : []),
    { name: 'icmp', description: 'reachability and path MTU between nodes', protocol: 'icmp' },
    { name: 'cert-exporter-metrics', description: 'metrics of cert-exporter in the node network', protocol: 'tcp', port: 9005 },
    { name: 'node-exporter-metrics', description: 'metrics of node-exporter in the node network', protocol: 'tcp', port: 9100 },
  ];
}

/** Names must differ within a group; Neutron calls ICMP of IPv6 by another name. */
function rule({ name, description, protocol, port }: Flow, etherType: 'IPv4' | 'IPv6'): SecurityGroupRule {
  return {
    name: etherType === 'IPv4' ? name : `${name}-ipv6`,
    description,
    direction: 'ingress',
    etherType,
    protocol: protocol === 'icmp' && etherType === 'IPv6' ? 'ipv6-icmp' : protocol,
    ...(port === undefined ? {} : { portRangeMin: port, portRangeMax: port }),
    remoteManagedGroups: ['controlplane', 'worker'],
  };
}
