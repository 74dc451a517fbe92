/** A load balancer: a namespace with the VIP on the tenant's network, a door rule per listener, and a relay process. */
import type { WantedLoadBalancer } from '../openstack/seams.ts';
import { bridgeName, loadBalancerNamespace, tapName, vipDevice } from './names.ts';
import type { Algorithm, Listener } from './load-balancer/protocol.ts';
import type { WantedNamespace } from './namespace.ts';

const sysctls = {
  'net/ipv4/ip_forward': '0',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/all/arp_notify': '1',
  // The relay dials from the VIP; a busy listener would else run out of ports that wait in TIME_WAIT.
  'net/ipv4/ip_local_port_range': '10240 65000',
  'net/ipv6/conf/all/disable_ipv6': '1',
  'net/ipv6/conf/default/disable_ipv6': '1',
};

/** A listener may name Octavia's algorithm; the seam leaves it open and ROUND_ROBIN is Octavia's own default in CAPO and the CCM. */
export type WantedListener = WantedLoadBalancer['listeners'][number] & { readonly algorithm?: Algorithm };

/** What the kernel should hold for a load balancer. @param mtuOf the MTU of a network; throws NETWORK_UNKNOWN */
export function loadBalancerWanted({ id, vip }: WantedLoadBalancer, mtuOf: (networkId: string) => number): WantedNamespace {
  return {
    name: loadBalancerNamespace(id), on: `load balancer ${id}`, sysctls,
    devices: [{
      name: vipDevice, tap: tapName(vip.portId), bridge: bridgeName(vip.networkId), mac: vip.mac, mtu: mtuOf(vip.networkId),
      addresses: [`${vip.address}/${vip.prefixLength}`],
    }],
    routes: vip.gateway === undefined ? [] : [{ destination: 'default', nexthop: vip.gateway }],
  };
}

/** The listeners as the relay process wants them. */
export function relayListeners({ vip, listeners }: WantedLoadBalancer): Listener[] {
  return listeners.map(({ id, protocol, port, members, monitor, algorithm }: WantedListener) => ({
    id, protocol, port, members, address: vip.address, algorithm: algorithm ?? 'ROUND_ROBIN', ...(monitor && { monitor }),
  }));
}

/** Octavia closes a listener to foreign sources with security group rules on the VIP's port: packets are dropped, not refused. */
export function doorRules({ listeners }: WantedLoadBalancer): string {
  const rules = listeners.filter((listener) => listener.allowedCidrs.length > 0)
    .map((listener) => `    ${listener.protocol.toLowerCase()} dport ${listener.port} ip saddr != { ${listener.allowedCidrs.join(', ')} } drop\n`);
  const replace = 'table ip keelson\ndelete table ip keelson\n';
  if (rules.length === 0) return replace;
  return `${replace}table ip keelson {
  chain input {
    type filter hook input priority filter; policy accept;
${rules.join('')}  }
}
`;
}
