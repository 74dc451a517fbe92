/** What joins a router with a subnet, and what keeps them joined. */
import type { Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { contains, overlaps, parseCidr } from './addresses.ts';
import { checkNoDevice, deletePort, makePort } from './port-life.ts';
import type { PortRecord, RouterRecord, SubnetRecord } from './records.ts';
import { interfacesOf } from './router-ports.ts';
import { touch } from './standard.ts';
import { visibleSubnet } from './subnets.ts';

/** By subnet: a new port takes the subnet's gateway address. By port: the port becomes the interface. @throws ApiError 400, 404, 409 as Neutron */
export function addInterface(core: Core, router: RouterRecord, sent: JsonObject, caller: Caller): JsonObject {
  if (typeof sent['port_id'] === 'string') return addInterfaceByPort(core, router, sent['port_id'], caller);
  if (typeof sent['subnet_id'] !== 'string') throw badRequest('Bad router request: Either subnet_id or port_id must be specified.', 'BadRequest');
  const subnet = visibleSubnet(core, sent['subnet_id'], caller);
  if (subnet.gateway_ip === null) throw badRequest('Bad router request: Subnet for router interface must have a gateway IP.', 'BadRequest');
  checkOverlap(core, router, subnet);
  const shared = ipv6Interface(core, router, subnet);
  if (shared) {
    shared.fixed_ips.push({ subnet_id: subnet.id, ip_address: subnet.gateway_ip });
    touch(core, shared);
    return interfaceView(router, shared, subnet.id);
  }
  const port = makePort(core, {
    networkId: subnet.network_id, projectId: router.project_id, deviceOwner: 'network:router_interface', deviceId: router.id,
    fixedIps: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }],
  });
  return interfaceView(router, port, subnet.id);
}

/** IPv6 subnets of one network share a port of the router. */
function ipv6Interface(core: Core, router: RouterRecord, subnet: SubnetRecord): PortRecord | undefined {
  if (subnet.ip_version !== 6) return undefined;
  return interfacesOf(core, router.id).find((port) => port.network_id === subnet.network_id && port.fixed_ips.every((ip) => ip.ip_address.includes(':')));
}

function addInterfaceByPort(core: Core, router: RouterRecord, portId: string, caller: Caller): JsonObject {
  const port = core.state.neutron.ports[portId];
  if (!port || (!caller.isAdmin && port.project_id !== caller.projectId)) throw notFound('PortNotFound', `Port ${portId} could not be found.`);
  checkNoDevice(port);
  const first = port.fixed_ips[0];
  const subnet = first && core.state.neutron.subnets[first.subnet_id];
  if (!subnet) throw badRequest('Bad router request: Router port must have at least one fixed IP.', 'BadRequest');
  checkOverlap(core, router, subnet);
  port.device_id = router.id;
  port.device_owner = 'network:router_interface';
  return interfaceView(router, port, subnet.id);
}

function checkOverlap(core: Core, router: RouterRecord, subnet: SubnetRecord): void {
  const wanted = parseCidr(subnet.cidr);
  for (const ip of interfacesOf(core, router.id).flatMap((port) => port.fixed_ips)) {
    if (ip.subnet_id === subnet.id) throw badRequest(`Bad router request: Router already has a port on subnet ${subnet.id}.`, 'BadRequest');
    const other = core.state.neutron.subnets[ip.subnet_id];
    const range = other && parseCidr(other.cidr);
    if (range && wanted && overlaps(range, wanted)) {
      throw badRequest(`Bad router request: Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.id}.`, 'BadRequest');
    }
  }
}

/** @throws ApiError 404, or 409 while floating IPs or routes need the interface */
export function removeInterface(core: Core, router: RouterRecord, sent: JsonObject, caller: Caller): JsonObject {
  const { port_id: portId, subnet_id: subnetId } = sent;
  if (typeof portId !== 'string' && typeof subnetId !== 'string') throw badRequest('Invalid input for operation: Either port_id or subnet_id must be specified.', 'BadRequest');
  if (typeof portId !== 'string') visibleSubnet(core, subnetId, caller);
  const port = interfacesOf(core, router.id).find((one) => (typeof portId === 'string' ? one.id === portId : one.fixed_ips.some((ip) => ip.subnet_id === subnetId)));
  if (!port) {
    if (typeof portId === 'string') throw notFound('RouterInterfaceNotFound', `Router ${router.id} does not have an interface with id ${portId}`);
    throw notFound('RouterInterfaceNotFoundForSubnet', `Router ${router.id} has no interface on subnet ${String(subnetId)}`);
  }
  const subnet = typeof portId === 'string' ? (port.fixed_ips[0]?.subnet_id ?? '') : String(subnetId);
  checkUnused(core, router, subnet);
  const view = interfaceView(router, port, subnet);
  port.fixed_ips = typeof portId === 'string' ? [] : port.fixed_ips.filter((ip) => ip.subnet_id !== subnet);
  if (port.fixed_ips.length === 0) deletePort(core, port);
  return view;
}

function checkUnused(core: Core, router: RouterRecord, subnetId: string): void {
  const range = parseCidr(core.state.neutron.subnets[subnetId]?.cidr ?? '');
  const isOn = (ip: string | null): boolean => range !== undefined && ip !== null && contains(range, ip);
  if (Object.values(core.state.neutron.floatingIps).some((floating) => floating.router_id === router.id && isOn(floating.fixed_ip_address))) {
    throw conflict('RouterInterfaceInUseByFloatingIP', `Router interface for subnet ${subnetId} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`);
  }
  if (router.routes.some((route) => isOn(route.nexthop))) {
    throw conflict('RouterInterfaceInUseByRoute', `Router interface for subnet ${subnetId} on router ${router.id} cannot be deleted, as it is required by one or more routes.`);
  }
}

function interfaceView(router: RouterRecord, port: PortRecord, subnetId: string): JsonObject {
  return { id: router.id, tenant_id: router.project_id, port_id: port.id, network_id: port.network_id, subnet_id: subnetId, subnet_ids: [subnetId] };
}
