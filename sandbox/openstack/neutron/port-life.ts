/** How ports come, get addresses and go. The ports API, routers, floating IPs, Nova and Octavia all make their ports here. */
import type { Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import { contains, parseCidr, pickFree } from './addresses.ts';
import { disassociatePort } from './floating-ip-life.ts';
import type { FixedIp, PortRecord, SubnetRecord } from './records.ts';
import { automaticAddress, isAutomatic } from './slaac.ts';
import { newStandard, touch } from './standard.ts';

/** What one asks of an address: a subnet, an address, or both. */
export interface WantedIp {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

export interface WantedPort {
  readonly networkId: string;
  readonly projectId: string;
  readonly name?: string;
  readonly description?: string;
  readonly deviceOwner?: string;
  readonly deviceId?: string;
  /** Absent: one address of the network's first IPv4 subnet and one of its first IPv6 subnet. */
  readonly fixedIps?: readonly WantedIp[];
  readonly macAddress?: string;
  readonly securityGroups?: readonly string[];
  readonly portSecurity?: boolean;
  /** False: administratively down. */
  readonly isUp?: boolean;
}

/** Owners whose ports go with the network, by themselves. */
const disposable = new Set(['network:distributed', 'network:dhcp']);

export function isDisposable(port: PortRecord): boolean {
  return disposable.has(port.device_owner);
}

/** @throws ApiError 409 when an address or MAC is taken or none is left, 400 when an address does not fit. */
export function makePort(core: Core, wanted: WantedPort): PortRecord {
  const { ports } = core.state.neutron;
  const mac = wanted.macAddress ?? newMac(core, wanted.networkId);
  if (Object.values(ports).some((port) => port.network_id === wanted.networkId && port.mac_address === mac)) {
    throw conflict('MacAddressInUse', `Unable to complete operation for network ${wanted.networkId}. The mac address ${mac} is in use.`);
  }
  const given: JsonObject = { name: wanted.name ?? '', description: wanted.description ?? '' };
  const port: PortRecord = {
    ...newStandard(core, given, wanted.projectId),
    network_id: wanted.networkId,
    mac_address: mac,
    admin_state_up: wanted.isUp ?? true,
    status: 'DOWN',
    device_id: wanted.deviceId ?? '',
    device_owner: wanted.deviceOwner ?? '',
    fixed_ips: allocate(core, wanted.networkId, { asked: wanted.fixedIps, mac, isRouter: wanted.deviceOwner === 'network:router_interface' }),
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: [...(wanted.securityGroups ?? [])],
    port_security_enabled: wanted.portSecurity ?? false,
    'binding:vnic_type': 'normal',
    'binding:host_id': '',
    'binding:profile': {},
  };
  ports[port.id] = port;
  return port;
}

/** Gives the port other addresses, keeping those it has and still wants. */
export function readdress(core: Core, port: PortRecord, wanted: readonly WantedIp[]): void {
  const before = port.fixed_ips;
  port.fixed_ips = [];
  try {
    port.fixed_ips = allocate(core, port.network_id, { asked: wanted.map((ip) => keep(before, ip)), mac: port.mac_address, isRouter: port.device_owner === 'network:router_interface' });
  } catch (error) {
    port.fixed_ips = before;
    throw error;
  }
}

/** A wanted subnet without an address keeps the address held there. */
function keep(before: readonly FixedIp[], wanted: WantedIp): WantedIp {
  return wanted.ip_address === undefined ? (before.find((ip) => ip.subnet_id === wanted.subnet_id) ?? wanted) : wanted;
}

/** @throws ApiError 409 PortInUse when a server, router or whoever wrote its `device_id` has the port */
export function checkNoDevice(port: PortRecord): void {
  if (port.device_id === '') return;
  throw conflict('PortInUse', `Unable to complete operation on port ${port.id} for network ${port.network_id}. Port already has an attached device ${port.device_id}.`);
}

/** Removes the port; a floating IP on it is freed. */
export function deletePort(core: Core, port: PortRecord): void {
  disassociatePort(core, port.id);
  Reflect.deleteProperty(core.state.neutron.ports, port.id);
}

/** OVN's metadata port of a network holds the first free address of each IPv4 subnet with DHCP. */
export function addMetadataAddress(core: Core, subnet: SubnetRecord): void {
  const port = Object.values(core.state.neutron.ports).find((one) => one.network_id === subnet.network_id && one.device_owner === 'network:distributed');
  const taken = takenAddresses(core, subnet.id);
  const free = pickFree(subnet.allocation_pools, taken, () => 0);
  if (!port || free === undefined) return;
  port.fixed_ips.push({ subnet_id: subnet.id, ip_address: free });
  touch(core, port);
}

/** The subnet goes: metadata ports give its address back. */
export function releaseSubnet(core: Core, subnetId: string): void {
  for (const port of Object.values(core.state.neutron.ports)) {
    port.fixed_ips = port.fixed_ips.filter((ip) => ip.subnet_id !== subnetId);
  }
}

/** Whose addresses, and which were asked for. */
interface Applicant {
  readonly asked: readonly WantedIp[] | undefined;
  readonly mac: string;
  /** A router has the addresses it is given, and no others. */
  readonly isRouter: boolean;
}

/** What is asked for, else one address of the first subnet of each version where somebody gives addresses; and those the port gives itself wherever a subnet says so. */
function allocate(core: Core, networkId: string, applicant: Applicant): FixedIp[] {
  const subnets = Object.values(core.state.neutron.subnets).filter((subnet) => subnet.network_id === networkId);
  const given = subnets.filter((subnet) => !isAutomatic(subnet));
  const firsts = [4, 6].flatMap((version) => given.find((subnet) => subnet.ip_version === version) ?? []);
  const asked: readonly WantedIp[] = applicant.asked ?? firsts.map((subnet) => ({ subnet_id: subnet.id }));
  const got: FixedIp[] = [];
  for (const one of asked) got.push(allocateOne(core, networkId, { subnets, wanted: one, beside: got, applicant }));
  const hasAsked = applicant.asked === undefined || applicant.asked.length > 0;
  for (const subnet of hasAsked && !applicant.isRouter ? subnets.filter(isAutomatic) : []) {
    if (!got.some((ip) => ip.subnet_id === subnet.id)) got.push({ subnet_id: subnet.id, ip_address: automaticAddress(subnet.cidr, applicant.mac) });
  }
  return got;
}

interface Allocation {
  readonly subnets: readonly SubnetRecord[];
  readonly wanted: WantedIp;
  readonly beside: readonly FixedIp[];
  readonly applicant: Applicant;
}

function allocateOne(core: Core, networkId: string, { subnets, wanted, beside, applicant }: Allocation): FixedIp {
  const subnet = subnets.find((one) => (wanted.subnet_id === undefined ? isWithin(one, wanted.ip_address) : one.id === wanted.subnet_id));
  if (!subnet) {
    if (wanted.subnet_id === undefined) throw badRequest(`IP address ${wanted.ip_address ?? ''} is not a valid IP for any of the subnets on the specified network.`, 'InvalidIpForNetwork');
    throw notFound('SubnetNotFound', `Subnet ${wanted.subnet_id} could not be found.`);
  }
  if (isAutomatic(subnet) && !applicant.isRouter) {
    const own = automaticAddress(subnet.cidr, applicant.mac);
    if (wanted.ip_address === undefined || wanted.ip_address === own) return { subnet_id: subnet.id, ip_address: own };
    throw badRequest(`IPv6 address ${wanted.ip_address} cannot be directly assigned to a port on subnet ${subnet.id} as the subnet is configured for automatic addresses`, 'AllocationOnAutoAddressSubnet');
  }
  const taken = takenAddresses(core, subnet.id);
  for (const ip of beside) if (ip.subnet_id === subnet.id) taken.add(ip.ip_address);
  if (wanted.ip_address !== undefined) {
    if (!isWithin(subnet, wanted.ip_address)) throw badRequest(`IP address ${wanted.ip_address} is not a valid IP for the specified subnet.`, 'InvalidIpForSubnet');
    if (taken.has(wanted.ip_address)) throw conflict('IpAddressAlreadyAllocated', `IP address ${wanted.ip_address} already allocated in subnet ${subnet.id}`);
    return { subnet_id: subnet.id, ip_address: wanted.ip_address };
  }
  const free = pickFree(subnet.allocation_pools, taken, core.random);
  if (free === undefined) throw conflict('IpAddressGenerationFailure', `No more IP addresses available on network ${networkId}.`);
  return { subnet_id: subnet.id, ip_address: free };
}

function isWithin(subnet: SubnetRecord, ipAddress: string | undefined): boolean {
  const range = parseCidr(subnet.cidr);
  return range !== undefined && ipAddress !== undefined && contains(range, ipAddress);
}

function takenAddresses(core: Core, subnetId: string): Set<string> {
  const ips = Object.values(core.state.neutron.ports).flatMap((port) => port.fixed_ips);
  return new Set(ips.filter((ip) => ip.subnet_id === subnetId).map((ip) => ip.ip_address));
}

/** OpenStack's range of MAC addresses. */
function newMac(core: Core, networkId: string): string {
  const taken = new Set(Object.values(core.state.neutron.ports).filter((port) => port.network_id === networkId).map((port) => port.mac_address));
  for (;;) {
    const tail = Array.from({ length: 3 }, () => Math.floor(core.random() * 256).toString(16).padStart(2, '0'));
    const mac = `fa:16:3e:${tail.join(':')}`;
    if (!taken.has(mac)) return mac;
  }
}
