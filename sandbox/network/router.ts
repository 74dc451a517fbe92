/** A router: a namespace with a leg on the external network and one on every subnet, forwarding and NAT inside it only. */
import type { WantedRouter } from '../openstack/seams.ts';
import { runInside } from './command.ts';
import { bridgeName, derivedMac, externalBridge, gatewayDevice, gatewayTapName, routerDevice, routerNamespace, tapName } from './names.ts';
import { ensureNamespace, openNamespace, type WantedDevice, type WantedNamespace } from './namespace.ts';
import { routerRules } from './router-rules.ts';

/**
 * Settings inside the router's namespace. The kernel copies those of the machine's own namespace into new ones
 * (Documentation/networking/ip-sysctl.rst, devconf_inherit_init_net), so nothing is taken for granted.
 */
const sysctls = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  // Pods of two nodes of one subnet meet through the router; a redirect would teach nodes a short cut that a cloud does not have.
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  'net/ipv4/conf/all/arp_notify': '1',
  'net/ipv6/conf/all/disable_ipv6': '1',
  'net/ipv6/conf/default/disable_ipv6': '1',
};

/** What the kernel should hold for a router. @param mtuOf the MTU of a network; throws NETWORK_UNKNOWN */
export function routerWanted(router: WantedRouter, mtuOf: (networkId: string) => number): WantedNamespace {
  const legs: WantedDevice[] = router.interfaces.map((leg) => ({
    name: routerDevice(leg.portId), tap: tapName(leg.portId), bridge: bridgeName(leg.networkId), mac: leg.mac, mtu: mtuOf(leg.networkId),
    addresses: [`${leg.address}/${leg.prefixLength}`],
  }));
  const { gateway } = router;
  if (gateway) {
    legs.unshift({
      name: gatewayDevice, tap: gatewayTapName(router.id), bridge: externalBridge, mac: derivedMac(router.id), mtu: mtuOf(gateway.networkId),
      addresses: [`${gateway.address}/${gateway.prefixLength}`, ...router.floatingIps.map((ip) => `${ip.floating}/32`)],
    });
  }
  return {
    name: routerNamespace(router.id), on: `router ${router.id}`, sysctls, devices: legs,
    routes: [...(gateway ? [{ destination: 'default', nexthop: gateway.nexthop }] : []), ...router.routes],
  };
}

/**
 * Makes the router so. @param appliedRules the rules that are in force, undefined for a new router
 * @returns the rules now in force and the external addresses that are new here (their former user's MAC must be forgotten)
 */
export async function ensureRouter(wanted: WantedNamespace, router: WantedRouter, appliedRules: string | undefined): Promise<{ rules: string; newAddresses: string[] }> {
  await openNamespace(wanted);
  const rules = routerRules({ ...(router.gateway && { gateway: router.gateway.address }), snat: router.gateway?.snat ?? false, floatingIps: router.floatingIps });
  if (rules !== appliedRules) await runInside(wanted.name, ['nft', '-f', '-'], { stdin: rules, on: wanted.on });
  const newAddresses = await ensureNamespace(wanted);
  const external = new Set([router.gateway?.address, ...router.floatingIps.map((ip) => ip.floating)]);
  return { rules, newAddresses: newAddresses.filter((address) => external.has(address)) };
}
