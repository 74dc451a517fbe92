/**
 * Names of everything the fabric makes in the kernel, derived from OpenStack ids alone: the machines room attaches
 * servers by the same rule, and a name that someone sees in `ip link` leads back to its object.
 * Linux allows 15 characters for an interface (IFNAMSIZ, include/uapi/linux/if.h).
 */

/** The bridge of the external network; its addresses are in `external-network.ts`. */
export const externalBridge = 'ext0';

/** The device of a router on the external network, inside the router's namespace. */
export const gatewayDevice = 'gateway';

/** The device that has a load balancer's VIP, inside its namespace. */
export const vipDevice = 'vip';

/** Bridge of a tenant network: `br` and the first 11 hex digits of its id. External networks get this as a second name of `ext0`. */
export function bridgeName(networkId: string): string {
  return `br${hexDigits(networkId)}`;
}

/** The end of a port's veth pair that sits on the bridge, as Neutron's `tap<11 characters>`. */
export function tapName(portId: string): string {
  return `tap${hexDigits(portId)}`;
}

/** The bridge end of a router's gateway; a gateway has no port id of its own in the seam. */
export function gatewayTapName(routerId: string): string {
  return `qg${hexDigits(routerId)}`;
}

/** The device of a router on a tenant network, inside the router's namespace, as Neutron's `qr-`. */
export function routerDevice(portId: string): string {
  return `qr${hexDigits(portId)}`;
}

/** Network namespace of a router, as in `ip netns`. */
export function routerNamespace(routerId: string): string {
  return `router-${routerId}`;
}

/** Network namespace of a load balancer, as in `ip netns`. */
export function loadBalancerNamespace(loadBalancerId: string): string {
  return `lb-${loadBalancerId}`;
}

/** A locally administered MAC for what has none in the cloud (a router's gateway); the same id gives the same address. */
export function derivedMac(id: string): string {
  const digits = hexDigits(id).padEnd(11, '0').slice(0, 8);
  return `fa:17${digits.replace(/../g, (pair) => `:${pair}`)}`;
}

function hexDigits(id: string): string {
  return id.replaceAll('-', '').slice(0, 11);
}
