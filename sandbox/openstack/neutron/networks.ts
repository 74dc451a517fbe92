/** Networks. Tenants' are isolated (Geneve, MTU 1442 as OVN gives them); the external one comes with the seed. */
import type { Core } from '../core.ts';
import { conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { anyText, anything, flag, integer, listOf, oneOf, type AttributeMap } from './attributes.ts';
import type { Collection } from './collection.ts';
import { deletePort, isDisposable, makePort } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import { dropPoliciesOf, isLent } from './rbac-policies.ts';
import type { NetworkRecord } from './records.ts';
import { ensureDefaultSecurityGroup } from './security-groups.ts';
import { assign, newStandard, standardAttributes, standardView } from './standard.ts';

/** 1500 less Geneve's 58 bytes. */
const tenantMtu = 1442;

const attributes: AttributeMap = {
  ...standardAttributes,
  admin_state_up: { on: 'cu', check: flag },
  mtu: { on: 'cu', check: integer },
  shared: { on: 'cu', check: flag, isAdminOnly: true },
  'router:external': { on: 'cu', check: flag, isAdminOnly: true },
  is_default: { on: 'cu', check: flag, isAdminOnly: true },
  port_security_enabled: { on: 'cu', check: flag },
  availability_zone_hints: { on: 'c', check: listOf(anyText(255)) },
  dns_domain: { on: 'cu', check: anyText(255) },
  qos_policy_id: { on: 'cu', check: anything },
  'provider:network_type': { on: 'c', check: oneOf('flat', 'geneve', 'vlan'), isAdminOnly: true },
  'provider:physical_network': { on: 'c', check: anyText(255), isAdminOnly: true },
  'provider:segmentation_id': { on: 'c', check: integer, isAdminOnly: true },
};

export function networks(core: Core): Collection<NetworkRecord> {
  const { neutron } = core.state;
  return {
    path: 'networks', plural: 'networks', singular: 'network', attributes,
    notFound: { code: 'NetworkNotFound', message: (id) => `Network ${id} could not be found.` },
    table: () => neutron.networks,
    isVisibleTo: (network, caller) => isUsable(core, network, caller),
    view: (network, caller) => view(core, network, caller),
    createdView: (network, caller) => ({ ...view(core, network, caller), is_default: network.is_default }),
    beforeList: (caller) => ensureDefaultSecurityGroup(core, caller.projectId),
    create: (given, caller) => create(core, given, caller),
    update: (network, given) => {
      assign(core, network, given, ['admin_state_up', 'mtu', 'shared', 'router:external', 'is_default', 'port_security_enabled', 'dns_domain']);
      core.convergence.mark('network', network.id);
    },
    remove: (network) => remove(core, network),
  };
}

/** The network a caller names in a request. @throws ApiError 404 */
export function visibleNetwork(core: Core, id: unknown, caller: Caller): NetworkRecord {
  const network = typeof id === 'string' ? core.state.neutron.networks[id] : undefined;
  const isSeen = network && (caller.isAdmin || network.project_id === caller.projectId || isUsable(core, network, caller));
  if (!isSeen) throw notFound('NetworkNotFound', `Network ${String(id)} could not be found.`);
  return network;
}

/** May someone else use it, too? */
export function isUsable(core: Core, network: NetworkRecord, caller: Pick<Caller, 'projectId'>): boolean {
  return network.shared || network['router:external'] || isLent(core, network, caller) || isLent(core, network, caller, 'access_as_external');
}

function create(core: Core, given: JsonObject, caller: Caller): NetworkRecord {
  ensureDefaultSecurityGroup(core, caller.projectId);
  checkQuota(core, caller.projectId, 'network');
  const isExternal = given['router:external'] === true;
  const network: NetworkRecord = {
    ...newStandard(core, given, caller.projectId),
    admin_state_up: given['admin_state_up'] !== false,
    mtu: typeof given['mtu'] === 'number' ? given['mtu'] : isExternal ? 1500 : tenantMtu,
    status: 'ACTIVE',
    shared: given['shared'] === true,
    'router:external': isExternal,
    is_default: given['is_default'] === true,
    port_security_enabled: given['port_security_enabled'] !== false,
    availability_zone_hints: (given['availability_zone_hints'] as string[] | undefined) ?? [],
    dns_domain: typeof given['dns_domain'] === 'string' ? given['dns_domain'] : '',
    provider: {
      type: (given['provider:network_type'] as string | undefined) ?? (isExternal ? 'flat' : 'geneve'),
      physical: (given['provider:physical_network'] as string | undefined) ?? null,
      segment: isExternal ? null : 1 + Math.floor(core.random() * 65000),
    },
  };
  core.state.neutron.networks[network.id] = network;
  makePort(core, { networkId: network.id, projectId: network.project_id, deviceOwner: 'network:distributed', deviceId: `ovnmeta-${network.id}`, fixedIps: [] });
  core.convergence.mark('network', network.id);
  return network;
}

/** Subnets go with their network; ports that Neutron made for itself do too, anything else holds it. */
function remove(core: Core, network: NetworkRecord): void {
  const { neutron } = core.state;
  const ports = Object.values(neutron.ports).filter((port) => port.network_id === network.id);
  const holding = ports.filter((port) => !isDisposable(port));
  if (holding.length > 0) {
    throw conflict('NetworkInUse', `Unable to complete operation on network ${network.id}. There are one or more ports still in use on the network, id for these ports is: ${holding.map((port) => port.id).join(',')}.`);
  }
  for (const port of ports) deletePort(core, port);
  for (const subnet of Object.values(neutron.subnets)) {
    if (subnet.network_id === network.id) Reflect.deleteProperty(neutron.subnets, subnet.id);
  }
  Reflect.deleteProperty(neutron.networks, network.id);
  dropPoliciesOf(core, network.id);
  core.convergence.mark('network', network.id);
}

function view(core: Core, network: NetworkRecord, caller: Caller): JsonObject {
  const subnets = Object.values(core.state.neutron.subnets).filter((subnet) => subnet.network_id === network.id).map((subnet) => subnet.id);
  return {
    ...standardView(network),
    admin_state_up: network.admin_state_up, mtu: network.mtu, status: network.status, shared: network.shared || isLent(core, network, caller), subnets,
    'router:external': network['router:external'], port_security_enabled: network.port_security_enabled,
    availability_zone_hints: network.availability_zone_hints, availability_zones: [],
    ipv4_address_scope: null, ipv6_address_scope: null, qos_policy_id: null,
    ...(network['router:external'] ? { is_default: network.is_default } : {}),
    ...(caller.isAdmin ? {
      'provider:network_type': network.provider.type, 'provider:physical_network': network.provider.physical, 'provider:segmentation_id': network.provider.segment,
    } : {}),
  };
}
