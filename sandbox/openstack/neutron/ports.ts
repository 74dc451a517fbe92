/** The ports API. */
import type { Core } from '../core.ts';
import { badRequest, conflict, forbidden, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { parseAddress, parseCidr } from './addresses.ts';
import { anyText, anything, flag, listOf, macAddress, objectWith, address, Invalid, InvalidWhole, repr, uuidText, type AttributeMap, type Check } from './attributes.ts';
import type { Collection } from './collection.ts';
import { visibleNetwork } from './networks.ts';
import { deletePort, makePort, readdress, type WantedIp } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import type { NetworkRecord, PortRecord } from './records.ts';
import { defaultSecurityGroup, ensureDefaultSecurityGroup } from './security-groups.ts';
import { checkNotTrunked, trunkDetails } from './trunks.ts';
import { assign, standardAttributes, standardView } from './standard.ts';

/** An address pair names an address or a CIDR. */
const addressOrCidr: Check = (value) => {
  if (typeof value === 'string' && (parseAddress(value) || (value.includes('/') && parseCidr(value)))) return value;
  throw new InvalidWhole(`${repr(value)} is not a valid IP address`);
};

/** Members may send an empty list to mean "none". */
const groups: Check = (value) => (value === null ? [] : listOf(uuidText)(value));

const fixedIps: Check = (value) => {
  const list = listOf(objectWith({ subnet_id: uuidText, ip_address: address }))(value) as WantedIp[];
  const addresses = list.map((ip) => ip.ip_address).filter((ip) => ip !== undefined);
  if (new Set(addresses).size !== addresses.length) throw new Invalid('Duplicate IP address');
  return list;
};

const attributes: AttributeMap = {
  ...standardAttributes,
  network_id: { on: 'c', check: uuidText, isRequired: true },
  admin_state_up: { on: 'cu', check: flag },
  mac_address: { on: 'cu', check: macAddress },
  fixed_ips: { on: 'cu', check: fixedIps },
  device_id: { on: 'cu', check: anyText(255) },
  device_owner: { on: 'cu', check: anyText(255) },
  security_groups: { on: 'cu', check: groups },
  port_security_enabled: { on: 'cu', check: flag },
  allowed_address_pairs: { on: 'cu', check: listOf(objectWith({ ip_address: addressOrCidr, mac_address: macAddress }, ['ip_address'])) },
  extra_dhcp_opts: { on: 'cu', check: anything },
  qos_policy_id: { on: 'cu', check: anything },
  dns_name: { on: 'cu', check: anyText(255) },
  'binding:vnic_type': { on: 'cu', check: anyText(255) },
  'binding:host_id': { on: 'cu', check: anyText(255), isAdminOnly: true },
  'binding:profile': { on: 'cu', check: anything, isAdminOnly: true },
};

export function ports(core: Core): Collection<PortRecord> {
  const { neutron } = core.state;
  return {
    path: 'ports', plural: 'ports', singular: 'port', attributes,
    notFound: { code: 'PortNotFound', message: (id) => `Port ${id} could not be found.` },
    table: () => neutron.ports,
    view: (port, caller) => ({ ...view(port, caller), ...trunkDetails(core, port.id) }),
    create: (given, caller) => create(core, given, caller),
    update: (port, given) => update(core, port, given),
    remove: (port) => remove(core, port),
    // Whoever lends a network sees what others have on it.
    isVisibleTo: (port, caller) => neutron.networks[port.network_id]?.project_id === caller.projectId && port.project_id !== '',
  };
}

function create(core: Core, given: JsonObject, caller: Caller): PortRecord {
  const network = visibleNetwork(core, given['network_id'], caller);
  checkMayChoose(network, given, caller);
  ensureDefaultSecurityGroup(core, caller.projectId);
  checkQuota(core, caller.projectId, 'port');
  const isSecure = (given['port_security_enabled'] as boolean | undefined) ?? network.port_security_enabled;
  const asked = given['security_groups'] as string[] | undefined;
  checkGroups(core, asked ?? [], caller);
  if (!isSecure && asked && asked.length > 0) {
    throw badRequest('Port security must be enabled and port must have an IP address in order to use security groups.', 'PortSecurityAndIPRequiredForSecurityGroups');
  }
  const port = makePort(core, {
    networkId: network.id, projectId: caller.projectId, portSecurity: isSecure,
    securityGroups: asked ?? (isSecure ? [defaultSecurityGroup(core, caller.projectId).id] : []),
    ...(given['fixed_ips'] === undefined ? {} : { fixedIps: given['fixed_ips'] as WantedIp[] }),
    ...(given['mac_address'] === undefined ? {} : { macAddress: given['mac_address'] as string }),
  });
  for (const name of ['name', 'description', 'admin_state_up', 'device_id', 'device_owner', 'binding:vnic_type', 'extra_dhcp_opts']) {
    if (name in given) Reflect.set(port, name, given[name]);
  }
  setPairs(port, given['allowed_address_pairs']);
  return port;
}

/** On someone else's network one gets an address and does not choose it. */
function checkMayChoose(network: NetworkRecord, given: JsonObject, caller: Caller): void {
  const ips = (given['fixed_ips'] as WantedIp[] | undefined) ?? [];
  if (caller.isAdmin || network.project_id === caller.projectId || !ips.some((ip) => ip.ip_address !== undefined)) return;
  const rule = '(rule:create_port and (rule:create_port:fixed_ips and (rule:create_port:fixed_ips:subnet_id and rule:create_port:fixed_ips:ip_address)))';
  throw forbidden(`${rule} is disallowed by policy`, 'PolicyNotAuthorized');
}

function update(core: Core, port: PortRecord, given: JsonObject): void {
  const caller = { isAdmin: false, projectId: port.project_id };
  const asked = given['security_groups'] as string[] | undefined;
  checkGroups(core, asked ?? [], caller);
  const isSecure = (given['port_security_enabled'] as boolean | undefined) ?? port.port_security_enabled;
  if (!isSecure && (asked ?? port.security_groups).length > 0) throw secureGroupsNeedSecurity();
  if (given['fixed_ips'] !== undefined) readdress(core, port, given['fixed_ips'] as WantedIp[]);
  setPairs(port, given['allowed_address_pairs']);
  assign(core, port, given, ['admin_state_up', 'device_id', 'device_owner', 'security_groups', 'port_security_enabled', 'binding:vnic_type', 'binding:host_id', 'binding:profile', 'extra_dhcp_opts', 'mac_address']);
}

function remove(core: Core, port: PortRecord): void {
  if (['network:router_interface', 'network:router_gateway', 'network:floatingip', 'network:ha_router_replicated_interface'].includes(port.device_owner)) {
    throw conflict('ServicePortInUse', `Port ${port.id} cannot be deleted directly via the port API: has device owner ${port.device_owner}.`);
  }
  checkNotTrunked(core, port.id);
  deletePort(core, port);
}

function setPairs(port: PortRecord, sent: unknown): void {
  if (sent === undefined) return;
  const pairs = sent as { ip_address: string; mac_address?: string }[];
  const keys = pairs.map((pair) => `mac_address ${pair.mac_address ?? 'None'} ip_address ${pair.ip_address}`);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw badRequest(`Request contains duplicate address pair: ${twice}.`, 'DuplicateAddressPairInRequest');
  port.allowed_address_pairs = pairs.map((pair) => ({ mac_address: pair.mac_address ?? port.mac_address, ip_address: pair.ip_address }));
}

function checkGroups(core: Core, ids: readonly string[], caller: Pick<Caller, 'isAdmin' | 'projectId'>): void {
  for (const id of ids) {
    const group = core.state.neutron.securityGroups[id];
    if (!group || (!caller.isAdmin && group.project_id !== caller.projectId)) throw notFound('SecurityGroupNotFound', `Security group ${id} does not exist`);
  }
}

function secureGroupsNeedSecurity(): Error {
  return conflict('PortSecurityPortHasSecurityGroup', 'Port has security group associated. Cannot disable port security or IP address until security group is removed.');
}

function view(port: PortRecord, caller: Caller): JsonObject {
  const { network_id, mac_address, admin_state_up, status, device_id, device_owner, fixed_ips, allowed_address_pairs, extra_dhcp_opts, security_groups, port_security_enabled } = port;
  return {
    ...standardView(port), network_id, mac_address, admin_state_up, status, device_id, device_owner, fixed_ips, allowed_address_pairs, extra_dhcp_opts,
    security_groups, port_security_enabled, 'binding:vnic_type': port['binding:vnic_type'], qos_policy_id: null, qos_network_policy_id: null,
    ...(caller.isAdmin ? {
      'binding:host_id': port['binding:host_id'], 'binding:profile': port['binding:profile'],
      'binding:vif_type': port['binding:host_id'] === '' ? 'unbound' : 'ovs', 'binding:vif_details': {}, resource_request: null,
    } : {}),
  };
}
