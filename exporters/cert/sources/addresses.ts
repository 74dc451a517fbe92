/** Addresses of targets, written once for many nodes: `$(NODE_IP):6443`. */
import { ExporterError } from '../../core/errors.ts';

/**
 * The address with each `$(NAME)` replaced by that variable of the environment, an IPv6 address in brackets.
 * @throws ExporterError CONFIG_INVALID that names a variable that is not set
 */
export function addressWith(env: Readonly<Record<string, string | undefined>>, address: string): string {
  return address.replace(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (_reference, name: string) => {
    const value = env[name];
    if (!value) throw new ExporterError('CONFIG_INVALID', `endpoints.targets: ${address}: the environment has no ${name}; set it (in a pod: env with valueFrom.fieldRef) or write the address out`);
    return value.includes(':') ? `[${value}]` : value;
  });
}
