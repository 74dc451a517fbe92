/** Who reaches a port of the simulated cloud, by the rules of its security groups as Neutron defines them: what no rule lets in is dropped. The simulation filters nothing itself. */
import { BlockList } from 'node:net';
import type { Running } from '../../sandbox/openstack/fixture.ts';

type Neutron = Running['cloud']['state']['neutron'];

/** @param from an IPv4 address; a remote group holds the addresses of the ports that are in it */
export function isLetIn(neutron: Neutron, port: { readonly security_groups: readonly string[] }, o: { readonly from: string; readonly tcp: number }): boolean {
  return Object.values(neutron.securityGroupRules).some((rule) => {
    if (!port.security_groups.includes(rule.security_group_id) || rule.direction !== 'ingress' || rule.ethertype !== 'IPv4') return false;
    if (rule.protocol !== null && rule.protocol !== 'tcp') return false;
    if (rule.port_range_min !== null && (o.tcp < rule.port_range_min || o.tcp > (rule.port_range_max ?? rule.port_range_min))) return false;
    if (rule.remote_ip_prefix !== null) return isWithin(rule.remote_ip_prefix, o.from);
    const group = rule.remote_group_id;
    return group === null || Object.values(neutron.ports).some((member) => member.security_groups.includes(group) && member.fixed_ips.some(({ ip_address: address }) => address === o.from));
  });
}

function isWithin(cidr: string, address: string): boolean {
  const [base = '', length = '32'] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(base, Number(length), 'ipv4');
  return list.check(address, 'ipv4');
}
