/** Subnets: a CIDR on a network, its gateway, pools and what DHCP hands out. */
import type { Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { contains, defaultPools, firstHost, formatAddress, formatCidr, overlaps, parseAddress, parseCidr, type Cidr } from './addresses.ts';
import { address, addressOrNull, anyText, cidr, flag, InvalidOperation, listOf, objectWith, oneOf, uuidOrNull, uuidText, type AttributeMap, type Check } from './attributes.ts';
import type { Collection } from './collection.ts';
import { visibleNetwork } from './networks.ts';
import { addMetadataAddress, isDisposable, releaseSubnet } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import { isLent } from './rbac-policies.ts';
import type { AddressRange, HostRoute, SubnetRecord } from './records.ts';
import { checkModes, ipv6Modes } from './slaac.ts';
import { assign, newStandard, standardAttributes, standardView } from './standard.ts';

const pools = listOf(objectWith({ start: address, end: address }, ['start', 'end']));
const routes = listOf(objectWith({ destination: cidr, nexthop: address }, ['destination', 'nexthop']));

/** Neutron normalizes a subnet's range before it checks it. */
const range: Check = (value) => {
  if (typeof value !== 'string' || !value.includes('/') || !parseCidr(value)) throw new InvalidOperation(`${String(value)} is not in a CIDR format`);
  return value;
};

const attributes: AttributeMap = {
  ...standardAttributes,
  network_id: { on: 'c', check: uuidText, isRequired: true },
  ip_version: { on: 'c', check: oneOf(4, 6), isRequired: true },
  cidr: { on: 'c', check: range },
  gateway_ip: { on: 'cu', check: addressOrNull },
  enable_dhcp: { on: 'cu', check: flag },
  allocation_pools: { on: 'cu', check: pools },
  dns_nameservers: { on: 'cu', check: listOf(address) },
  host_routes: { on: 'cu', check: routes },
  service_types: { on: 'cu', check: listOf(anyText(255)) },
  ipv6_ra_mode: { on: 'c', check: oneOf(...ipv6Modes) },
  ipv6_address_mode: { on: 'c', check: oneOf(...ipv6Modes) },
  subnetpool_id: { on: 'c', check: uuidOrNull },
};

export function subnets(core: Core): Collection<SubnetRecord> {
  const { neutron } = core.state;
  return {
    path: 'subnets', plural: 'subnets', singular: 'subnet', attributes,
    notFound: { code: 'SubnetNotFound', message: (id) => `Subnet ${id} could not be found.` },
    table: () => neutron.subnets,
    isVisibleTo: (subnet, caller) => isOnSharedNetwork(core, subnet, caller),
    view,
    create: (given, caller) => create(core, given, caller),
    update: (subnet, given) => {
      assign(core, subnet, given, ['gateway_ip', 'enable_dhcp', 'allocation_pools', 'dns_nameservers', 'host_routes']);
      core.convergence.mark('network', subnet.network_id);
    },
    remove: (subnet) => remove(core, subnet),
  };
}

/** The subnet a caller names in a request; external subnets are hidden from members but usable by name of their network. @throws ApiError 404 */
export function visibleSubnet(core: Core, id: unknown, caller: Caller): SubnetRecord {
  const subnet = typeof id === 'string' ? core.state.neutron.subnets[id] : undefined;
  const isSeen = subnet && (caller.isAdmin || subnet.project_id === caller.projectId || isOnSharedNetwork(core, subnet, caller));
  if (!isSeen) throw notFound('SubnetNotFound', `Subnet ${String(id)} could not be found.`);
  return subnet;
}

function isOnSharedNetwork(core: Core, subnet: SubnetRecord, caller: Pick<Caller, 'projectId'>): boolean {
  const network = core.state.neutron.networks[subnet.network_id];
  return network !== undefined && (network.shared || isLent(core, network, caller));
}

function create(core: Core, given: JsonObject, caller: Caller): SubnetRecord {
  const network = visibleNetwork(core, given['network_id'], caller);
  const isOwn = caller.isAdmin || network.project_id === caller.projectId;
  if (!isOwn && !network.shared && !isLent(core, network, caller)) throw notFound('NetworkNotFound', `Network ${network.id} could not be found.`);
  checkQuota(core, caller.projectId, 'subnet');
  const wanted = wantedCidr(core, given, network.id);
  checkModes(given, wanted);
  checkNameServers(given, wanted);
  const gateway = given['gateway_ip'] === undefined ? defaultGateway(wanted) : (given['gateway_ip'] as string | null);
  const standard = newStandard(core, given, caller.projectId);
  const subnet: SubnetRecord = {
    ...standard,
    revision_number: 0,
    network_id: network.id,
    ip_version: wanted.version,
    cidr: formatCidr(wanted),
    gateway_ip: gateway,
    enable_dhcp: given['enable_dhcp'] !== false,
    allocation_pools: wantedPools(given, wanted, gateway),
    dns_nameservers: (given['dns_nameservers'] as string[] | undefined) ?? [],
    host_routes: (given['host_routes'] as HostRoute[] | undefined) ?? [],
    ipv6_ra_mode: (given['ipv6_ra_mode'] as string | undefined) ?? null,
    ipv6_address_mode: (given['ipv6_address_mode'] as string | undefined) ?? null,
  };
  core.state.neutron.subnets[subnet.id] = subnet;
  if (subnet.enable_dhcp && subnet.ip_version === 4) addMetadataAddress(core, subnet);
  network.revision_number += 1;
  return subnet;
}

function wantedCidr(core: Core, given: JsonObject, networkId: string): Cidr {
  const wanted = typeof given['cidr'] === 'string' ? parseCidr(given['cidr']) : undefined;
  if (!wanted) throw badRequest('Bad subnets request: a subnetpool must be specified in the absence of a cidr.');
  if (wanted.version !== given['ip_version']) {
    throw badRequest(`Invalid input for operation: cidr '${String(given['cidr'])}' does not match the ip_version '${String(given['ip_version'])}'.`, 'InvalidInput');
  }
  const others = Object.values(core.state.neutron.subnets).filter((other) => other.network_id === networkId);
  const clash = others.find((other) => {
    const taken = parseCidr(other.cidr);
    return taken && overlaps(taken, wanted);
  });
  if (clash) {
    throw badRequest(`Invalid input for operation: Requested subnet with cidr: ${formatCidr(wanted)} for network: ${networkId} overlaps with another subnet.`, 'InvalidInput');
  }
  return wanted;
}

/** Neutron gives the first address of an IPv6 subnet, the subnet-router anycast address (RFC 4291, 2.6.1), to its gateway. */
function defaultGateway(of: Cidr): string {
  return of.version === 6 ? formatAddress(6, of.first) : firstHost(of);
}

function checkNameServers(given: JsonObject, of: Cidr): void {
  const servers = (given['dns_nameservers'] as string[] | undefined) ?? [];
  const other = servers.find((server) => parseAddress(server)?.version !== of.version);
  if (other !== undefined) throw badRequest(`Invalid input for operation: dns_nameserver '${other}' does not match the ip_version '${of.version}'.`, 'InvalidInput');
}

function wantedPools(given: JsonObject, of: Cidr, gateway: string | null): AddressRange[] {
  const sent = given['allocation_pools'] as AddressRange[] | undefined;
  if (!sent) return defaultPools(of, gateway);
  for (const pool of sent) {
    const [from, to] = [parseAddress(pool.start), parseAddress(pool.end)];
    if (!from || !to || from.value > to.value) throw badRequest(`The allocation pool ${pool.start}-${pool.end} is not valid.`, 'InvalidAllocationPool');
    if (!contains(of, pool.start) || !contains(of, pool.end)) {
      throw badRequest(`The allocation pool ${pool.start}-${pool.end} spans beyond the subnet cidr ${formatCidr(of)}.`, 'OutOfBoundsAllocationPool');
    }
    const gate = gateway === null ? undefined : parseAddress(gateway);
    if (gate && gate.value >= from.value && gate.value <= to.value) {
      throw conflict('GatewayConflictWithAllocationPools', `Gateway ip ${gateway ?? ''} conflicts with allocation pool ${pool.start}-${pool.end}.`);
    }
  }
  return sent;
}

function remove(core: Core, subnet: SubnetRecord): void {
  const users = Object.values(core.state.neutron.ports).filter((port) => port.fixed_ips.some((ip) => ip.subnet_id === subnet.id));
  if (users.some((port) => !isDisposable(port))) {
    throw conflict('SubnetInUse', `Unable to complete operation on subnet ${subnet.id}: One or more ports have an IP allocation from this subnet.`);
  }
  releaseSubnet(core, subnet.id);
  Reflect.deleteProperty(core.state.neutron.subnets, subnet.id);
}

function view(subnet: SubnetRecord): JsonObject {
  const { network_id, ip_version, cidr: subnetRange, gateway_ip, enable_dhcp, allocation_pools, dns_nameservers, host_routes, ipv6_ra_mode, ipv6_address_mode } = subnet;
  return {
    ...standardView(subnet), network_id, ip_version, cidr: subnetRange, gateway_ip, enable_dhcp, allocation_pools, dns_nameservers, host_routes, ipv6_ra_mode, ipv6_address_mode,
    subnetpool_id: null, service_types: [],
  };
}
