/** Floating IPs: an external address, and the port it leads to. */
import type { Core } from '../core.ts';
import { badRequest, conflict, forbidden, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { address, addressOrNull, anyText, anything, uuidOrNull, uuidText, type AttributeMap } from './attributes.ts';
import type { Collection } from './collection.ts';
import { disassociate } from './floating-ip-life.ts';
import { visibleNetwork } from './networks.ts';
import { deletePort, makePort } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import type { FixedIp, FloatingIpRecord, PortRecord } from './records.ts';
import { interfacesOf } from './router-ports.ts';
import { assign, newStandard, standardAttributes, standardView } from './standard.ts';

const { name: _, ...nameless } = standardAttributes;

const attributes: AttributeMap = {
  ...nameless,
  floating_network_id: { on: 'c', check: uuidText, isRequired: true },
  floating_ip_address: { on: 'c', check: address },
  subnet_id: { on: 'c', check: uuidOrNull },
  port_id: { on: 'cu', check: uuidOrNull },
  fixed_ip_address: { on: 'cu', check: addressOrNull },
  dns_name: { on: 'c', check: anyText(255) },
  dns_domain: { on: 'c', check: anyText(255) },
  qos_policy_id: { on: 'cu', check: anything },
};

export function floatingIps(core: Core): Collection<FloatingIpRecord> {
  const { neutron } = core.state;
  return {
    path: 'floatingips', plural: 'floatingips', singular: 'floatingip', attributes,
    notFound: { code: 'FloatingIPNotFound', message: (id) => `Floating IP ${id} could not be found` },
    table: () => neutron.floatingIps,
    view: (floating) => view(core, floating),
    create: (given, caller) => create(core, given, caller),
    update: (floating, given, caller) => {
      if (letsGo(given)) disassociate(core, floating);
      else if ('port_id' in given) associate(core, floating, given, caller);
      assign(core, floating, given, []);
    },
    remove: (floating) => {
      if (floating.port_id !== null) disassociate(core, floating);
      const port = neutron.ports[floating.floating_port_id];
      if (port) deletePort(core, port);
      Reflect.deleteProperty(neutron.floatingIps, floating.id);
    },
  };
}

function create(core: Core, given: JsonObject, caller: Caller): FloatingIpRecord {
  const network = visibleNetwork(core, given['floating_network_id'], caller);
  if (!network['router:external']) throw badRequest(`Bad floatingip request: Network ${network.id} is not a valid external network.`, 'BadRequest');
  checkQuota(core, caller.projectId, 'floatingip');
  const wanted = given['floating_ip_address'] as string | undefined;
  if (wanted !== undefined && !caller.isAdmin) throw forbidden('(rule:create_floatingip and rule:create_floatingip:floating_ip_address) is disallowed by policy', 'PolicyNotAuthorized');
  const standard = newStandard(core, { ...given, name: '' }, caller.projectId);
  const port = makePort(core, {
    networkId: network.id, projectId: '', deviceOwner: 'network:floatingip', deviceId: standard.id,
    ...(wanted === undefined ? {} : { fixedIps: [{ ip_address: wanted }] }),
  });
  port.status = 'N/A';
  const floating: FloatingIpRecord = {
    ...standard, floating_network_id: network.id, floating_ip_address: port.fixed_ips[0]?.ip_address ?? '', floating_port_id: port.id,
    port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN', dns_domain: '', dns_name: '',
  };
  if (typeof given['port_id'] === 'string') {
    try {
      associate(core, floating, given, caller);
    } catch (error) {
      deletePort(core, port);
      throw error;
    }
  }
  core.state.neutron.floatingIps[floating.id] = floating;
  return floating;
}

/** Null lets go, and so does an update that says nothing at all, which is how CAPO does it (neutron/db/l3_db.py, `_check_and_get_fip_assoc`). */
function letsGo(given: JsonObject): boolean {
  return Object.keys(given).length === 0 || ('port_id' in given && given['port_id'] === null);
}

function associate(core: Core, floating: FloatingIpRecord, given: JsonObject, caller: Caller): void {
  const port = core.state.neutron.ports[given['port_id'] as string];
  if (!port || (!caller.isAdmin && port.project_id !== caller.projectId)) throw notFound('PortNotFound', `Port ${String(given['port_id'])} could not be found.`);
  const fixed = wantedFixedIp(port, given['fixed_ip_address']);
  const routerId = routerTo(core, floating.floating_network_id, fixed, port);
  const other = Object.values(core.state.neutron.floatingIps).find((one) => one.id !== floating.id && one.port_id === port.id && one.fixed_ip_address === fixed.ip_address);
  if (other) {
    throw conflict('FloatingIPPortAlreadyAssociated', `Cannot associate floating IP ${floating.floating_ip_address} (${floating.id}) with port ${port.id} using fixed IP ${fixed.ip_address}, as that fixed IP already has a floating IP on external network ${floating.floating_network_id}.`);
  }
  if (floating.router_id !== null && floating.router_id !== routerId) core.convergence.mark('router', floating.router_id);
  floating.port_id = port.id;
  floating.fixed_ip_address = fixed.ip_address;
  floating.router_id = routerId;
  floating.status = 'DOWN';
  core.convergence.mark('router', routerId);
}

function wantedFixedIp(port: PortRecord, sent: unknown): FixedIp {
  if (typeof sent === 'string') {
    const found = port.fixed_ips.find((ip) => ip.ip_address === sent);
    if (!found) throw badRequest(`Bad floatingip request: Port ${port.id} does not have fixed ip ${sent}.`, 'BadRequest');
    return found;
  }
  const [first, second] = port.fixed_ips.filter((ip) => !ip.ip_address.includes(':'));
  if (!first) throw badRequest(`Bad floatingip request: Cannot add floating IP to port ${port.id} that has no fixed IPv4 addresses.`, 'BadRequest');
  if (second) throw badRequest(`Bad floatingip request: Port ${port.id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP.`, 'BadRequest');
  return first;
}

/** The router that joins the fixed address's subnet with the floating address's network. */
function routerTo(core: Core, networkId: string, fixed: FixedIp, port: PortRecord): string {
  const routers = Object.values(core.state.neutron.routers);
  const router = routers.find((one) => one.external_gateway_info?.network_id === networkId
    && interfacesOf(core, one.id).some((face) => face.fixed_ips.some((ip) => ip.subnet_id === fixed.subnet_id)));
  if (!router) {
    throw notFound('ExternalGatewayForFloatingIPNotFound', `External network ${networkId} is not reachable from subnet ${fixed.subnet_id}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`);
  }
  return router.id;
}

function view(core: Core, floating: FloatingIpRecord): JsonObject {
  const { name: _name, ...standard } = standardView(floating);
  const { floating_network_id, floating_ip_address, port_id, fixed_ip_address, router_id, status, dns_domain, dns_name } = floating;
  return {
    ...standard, floating_network_id, floating_ip_address, port_id, fixed_ip_address, router_id, status, dns_domain, dns_name,
    qos_policy_id: null, port_forwardings: [], port_details: portDetails(core, port_id),
  };
}

function portDetails(core: Core, portId: string | null): JsonObject | null {
  const port = portId === null ? undefined : core.state.neutron.ports[portId];
  if (!port) return null;
  const { name, network_id, mac_address, admin_state_up, status, device_id, device_owner } = port;
  return { name, network_id, mac_address, admin_state_up, status, device_id, device_owner };
}
