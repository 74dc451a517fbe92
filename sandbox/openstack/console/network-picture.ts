/** Networks and routers of a project, and how they hang together. */
import type { Core } from '../core.ts';
import { interfacesOf } from '../neutron/router-ports.ts';

export interface NetworkPicture {
  readonly id: string;
  readonly name: string;
  readonly isExternal: boolean;
  readonly isShared: boolean;
  readonly status: string;
  readonly mtu: number;
  readonly subnets: readonly { readonly name: string; readonly cidr: string; readonly gateway: string }[];
  /** Addresses in use, Neutron's own included. */
  readonly ports: number;
  /** Names of the routers with a leg on it. */
  readonly routers: readonly string[];
  /** Floating addresses it gave out, with what they lead to; of external networks only. */
  readonly floatingIps: readonly { readonly address: string; readonly fixed: string; readonly status: string }[];
}

export interface RouterPicture {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** Name of the external network and the router's address there; both empty without a gateway. */
  readonly gateway: { readonly network: string; readonly address: string };
  readonly legs: readonly { readonly network: string; readonly address: string }[];
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
}

export function networksOf(core: Core, projectId: string): NetworkPicture[] {
  const { neutron } = core.state;
  const legs = Object.values(neutron.routers).map((router) => ({
    name: router.name || router.id, networks: [...interfacesOf(core, router.id).map((port) => port.network_id), router.external_gateway_info?.network_id ?? ''],
  }));
  return Object.values(neutron.networks).filter((network) => network.project_id === projectId).map((network) => ({
    id: network.id, name: network.name, isExternal: network['router:external'], isShared: network.shared, status: network.status, mtu: network.mtu,
    subnets: Object.values(neutron.subnets).filter((subnet) => subnet.network_id === network.id).map(({ name, cidr, gateway_ip: gateway }) => ({ name, cidr, gateway: gateway ?? '' })),
    ports: Object.values(neutron.ports).filter((port) => port.network_id === network.id).length,
    routers: legs.filter((router) => router.networks.includes(network.id)).map((router) => router.name),
    floatingIps: Object.values(neutron.floatingIps).filter((one) => one.floating_network_id === network.id)
      .map((one) => ({ address: one.floating_ip_address, fixed: one.fixed_ip_address ?? '', status: one.status })),
  }));
}

export function routersOf(core: Core, projectId: string): RouterPicture[] {
  const { neutron } = core.state;
  const nameOf = (networkId: string): string => neutron.networks[networkId]?.name ?? networkId;
  return Object.values(neutron.routers).filter((router) => router.project_id === projectId).map((router) => {
    const info = router.external_gateway_info;
    return {
      id: router.id, name: router.name, status: router.status, routes: router.routes,
      gateway: { network: info ? nameOf(info.network_id) : '', address: info?.external_fixed_ips.map((ip) => ip.ip_address).join(', ') ?? '' },
      legs: interfacesOf(core, router.id).flatMap((port) => port.fixed_ips.map((ip) => ({ network: nameOf(port.network_id), address: ip.ip_address }))),
    };
  });
}
