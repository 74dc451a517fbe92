/** Networks and routers as the fabric should have them now, and what the API shows once they are. */
import type { Core } from '../core.ts';
import type { WantedRouter } from '../seams.ts';
import { parseCidr } from './addresses.ts';
import type { RouterRecord } from './records.ts';
import { interfacesOf } from './router-ports.ts';

export function registerNeutron(core: Core): void {
  const { neutron } = core.state;
  core.convergence.register('network', {
    after: () => [],
    apply: async (id) => {
      const network = neutron.networks[id];
      if (network) return core.fabric.ensureNetwork({ id, external: network['router:external'], mtu: network.mtu });
      core.convergence.forget('network', id);
      await core.convergence.allSettled(['router', 'loadBalancer']);
      await core.fabric.removeNetwork(id);
    },
    onDone: () => undefined,
    onFailed: (id) => {
      const network = neutron.networks[id];
      if (network) network.status = 'ERROR';
    },
  });
  core.convergence.register('router', {
    after: (id) => networksOf(core, id).map((networkId) => ({ kind: 'network', id: networkId })),
    apply: async (id) => {
      const router = neutron.routers[id];
      if (router) return core.fabric.ensureRouter(wantedRouter(core, router));
      await core.fabric.removeRouter(id);
      core.convergence.forget('router', id);
    },
    onDone: (id) => showRouterActive(core, id),
    onFailed: (id) => {
      const router = neutron.routers[id];
      if (router) router.status = 'ERROR';
      for (const floating of Object.values(neutron.floatingIps)) if (floating.router_id === id) floating.status = 'ERROR';
    },
  });
}

/** The router's wanted description, from ports, subnets and floating IPs. Only IPv4 reaches the fabric. */
export function wantedRouter(core: Core, router: RouterRecord): WantedRouter {
  const { subnets, floatingIps } = core.state.neutron;
  const gateway = wantedGateway(core, router);
  return {
    id: router.id,
    ...(gateway ? { gateway } : {}),
    interfaces: interfacesOf(core, router.id).flatMap((port) => port.fixed_ips.filter(isV4).map((ip) => ({
      portId: port.id, networkId: port.network_id, address: ip.ip_address, prefixLength: prefixLength(subnets[ip.subnet_id]?.cidr), mac: port.mac_address,
    }))),
    floatingIps: Object.values(floatingIps).flatMap((floating) => (
      floating.router_id === router.id && floating.fixed_ip_address !== null ? [{ floating: floating.floating_ip_address, fixed: floating.fixed_ip_address }] : [])),
    routes: router.routes.map(({ destination, nexthop }) => ({ destination, nexthop })),
  };
}

function wantedGateway(core: Core, router: RouterRecord): WantedRouter['gateway'] {
  const info = router.external_gateway_info;
  const ip = info?.external_fixed_ips.find(isV4);
  const subnet = ip && core.state.neutron.subnets[ip.subnet_id];
  if (!info || !ip || !subnet) return undefined;
  return { networkId: info.network_id, address: ip.ip_address, prefixLength: prefixLength(subnet.cidr), nexthop: subnet.gateway_ip ?? '', snat: info.enable_snat };
}

function showRouterActive(core: Core, id: string): void {
  const router = core.state.neutron.routers[id];
  if (!router) {
    showFreeDown(core);
    return;
  }
  router.status = 'ACTIVE';
  for (const port of Object.values(core.state.neutron.ports)) if (port.device_id === id) port.status = 'ACTIVE';
  for (const floating of Object.values(core.state.neutron.floatingIps)) if (floating.router_id === id) floating.status = 'ACTIVE';
  showFreeDown(core);
}

/** Floating IPs without a port are DOWN, once no router holds them any more. */
function showFreeDown(core: Core): void {
  for (const floating of Object.values(core.state.neutron.floatingIps)) if (floating.port_id === null) floating.status = 'DOWN';
}

function networksOf(core: Core, routerId: string): string[] {
  const router = core.state.neutron.routers[routerId];
  if (!router) return [];
  const gateway = router.external_gateway_info?.network_id;
  return [...interfacesOf(core, routerId).map((port) => port.network_id), ...(gateway === undefined ? [] : [gateway])];
}

function isV4(ip: { ip_address: string }): boolean {
  return !ip.ip_address.includes(':');
}

export function prefixLength(cidr: string | undefined): number {
  return parseCidr(cidr ?? '')?.prefixLength ?? 32;
}
