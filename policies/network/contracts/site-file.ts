/** A site as people write it: what differs from the defaults, in YAML. */
import { z } from 'zod';
import { NetworkError } from '../errors.ts';
import { defaultSite, type Site } from './site.ts';

const number = z.int().min(1).max(65535);
const cidr = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'write an IPv4 CIDR like 198.51.100.0/24');
const port = z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: number, endPort: number.optional() });
const service = z.strictObject({ ports: z.array(port).min(1), cidrs: z.array(cidr).default(['0.0.0.0/0']), names: z.array(z.string().min(1)).optional() });

const site = z.strictObject({
  cluster: z.enum(['management', 'workload']),
  apiServerPort: number,
  dnsPort: number,
  tunnel: z.enum(['vxlan', 'geneve', 'wireguard', 'none']),
  controlPlaneMetricsPort: number,
  outside: z.partialRecord(z.enum(Object.keys(defaultSite.outside) as [keyof Site['outside']]), service),
  apiClientCidrs: z.array(cidr),
  sshCidrs: z.array(cidr),
  metadataCidrs: z.array(cidr).min(1),
}).partial();

/**
 * @param value parsed YAML; `outside` is merged name by name with the defaults
 * @throws {NetworkError} NETWORK_BAD_SITE naming the file and each wrong field
 */
export function parseSite(file: string, value: unknown): Partial<Site> {
  const parsed = site.safeParse(value ?? {});
  if (!parsed.success) throw new NetworkError('NETWORK_BAD_SITE', `${file}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')}`);
  const { outside, ...rest } = parsed.data;
  return { ...rest, ...(outside ? { outside: { ...defaultSite.outside, ...outside } } : {}) } as Partial<Site>;
}
