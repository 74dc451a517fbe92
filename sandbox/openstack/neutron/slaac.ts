/** IPv6 addresses that a port gives itself (SLAAC, RFC 4862), and what Neutron makes of a subnet that has them. */
import { badRequest } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import { formatAddress, formatCidr, parseCidr, type Cidr } from './addresses.ts';
import type { SubnetRecord } from './records.ts';

export const ipv6Modes = ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac'] as const;

/** Addresses there follow from the MAC address; nobody is asked for them and nobody may choose. */
export function isAutomatic(subnet: Pick<SubnetRecord, 'ipv6_address_mode'>): boolean {
  return subnet.ipv6_address_mode === 'slaac' || subnet.ipv6_address_mode === 'dhcpv6-stateless';
}

/** Modified EUI-64 (RFC 4291, appendix A). */
export function automaticAddress(cidr: string, mac: string): string {
  const bytes = mac.split(':').map((part) => parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const identifier = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return formatAddress(6, (parseCidr(cidr)?.first ?? 0n) + identifier);
}

/** @throws ApiError 400 in Neutron's words for modes that do not fit */
export function checkModes(given: JsonObject, wanted: Cidr): void {
  const { ipv6_ra_mode: announced, ipv6_address_mode: assigned } = given;
  for (const [name, mode] of [['ipv6_ra_mode', announced], ['ipv6_address_mode', assigned]] as const) {
    if (mode !== undefined && wanted.version === 4) throw invalid(`${name} is not valid when ip_version is 4`);
  }
  if (announced === undefined && assigned === undefined) return;
  if (given['enable_dhcp'] === false) throw invalid('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  if (announced !== undefined && assigned !== undefined && announced !== assigned) {
    throw invalid(`ipv6_ra_mode set to '${String(announced)}' with ipv6_address_mode set to '${String(assigned)}' is not valid. If both attributes are set, they must be the same value`);
  }
  if (assigned !== undefined && assigned !== 'dhcpv6-stateful' && wanted.prefixLength !== 64) {
    throw invalid(`Invalid CIDR ${formatCidr(wanted)} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64`);
  }
}

function invalid(why: string): Error {
  return badRequest(`Invalid input for operation: ${why}.`, 'InvalidInput');
}
