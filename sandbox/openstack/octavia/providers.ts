/**
 * The two providers, told apart by what they refuse: `ovn` knows only SOURCE_IP_PORT, TCP, UDP and SCTP and no allowed CIDRs; `amphora` takes
 * all. Traffic is carried alike for both.
 */
import { ApiError } from '../errors.ts';

export const defaultProvider = 'ovn';

export const providers = [
  { name: 'ovn', description: 'Octavia OVN driver' },
  { name: 'amphora', description: 'The Octavia Amphora driver' },
] as const;

/** @throws ApiError 400 */
export function checkProvider(name: string): void {
  if (!providers.some((provider) => provider.name === name)) throw new ApiError(400, 'ProviderNotEnabled', `Provider '${name}' is not enabled.`);
}

export function checkListener(provider: string, protocol: string, allowedCidrs: readonly string[] | null): void {
  if (provider !== 'ovn') return;
  if (!['TCP', 'UDP', 'SCTP'].includes(protocol)) refuse(`OVN provider does not support ${protocol} protocol`);
  if (allowedCidrs !== null && allowedCidrs.length > 0) refuse('OVN provider does not support allowed_cidrs option');
}

export function checkAlgorithm(provider: string, algorithm: string): void {
  if (provider === 'ovn' && algorithm !== 'SOURCE_IP_PORT') refuse(`OVN provider does not support ${algorithm} algorithm`);
}

export function checkMonitor(provider: string, type: string): void {
  if (provider === 'ovn' && type !== 'TCP' && type !== 'UDP-CONNECT') refuse(`OVN provider does not support ${type} health monitor type. Supported types: UDP-CONNECT, TCP`);
}

function refuse(why: string): never {
  throw new ApiError(501, 'UnsupportedOption', `Provider 'ovn' does not support a requested option: ${why}`);
}
