/** Reads and checks the two configurations of a node. Loaded in the first life only, with the libraries that the check needs. */
import { schema as certSchema } from '../cert/config.ts';
import { loadConfig } from '../core/config.ts';
import { ExporterError } from '../core/errors.ts';
import { parseFlags, usage, type Flag } from '../core/flags.ts';
import { schema as netSchema } from '../net/config.ts';
import { settled } from '../net/environment.ts';
import type { Both } from './both.ts';

const flags: readonly Flag[] = [
  { name: 'cert-config', kind: 'string', key: ['cert'], help: 'YAML file with the configuration of cert-exporter' },
  { name: 'net-config', kind: 'string', key: ['net'], help: 'YAML file with the configuration of net-exporter' },
];

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Text of /etc/resolv.conf. */
  readonly resolvConf: string;
  readonly write: (text: string) => void;
}

/** Undefined where help was asked for. @throws ExporterError CONFIG_INVALID, CONFIG_UNREADABLE */
export async function configurations(argv: readonly string[], { env, resolvConf, write }: Surroundings): Promise<Both | undefined> {
  const { help, config, overrides } = parseFlags(argv, flags);
  if (help) {
    write(`${usage('node-exporters', flags).replace(/^ +--config .*\n/m, '')}\nCommand: version\n`);
    return undefined;
  }
  if (config !== undefined) throw new ExporterError('CONFIG_INVALID', '--config: there are two configurations here; name them with --cert-config and --net-config');
  const [cert, net] = await Promise.all([loadConfig(certSchema, { path: pathOf('cert', overrides), overrides: {} }), loadConfig(netSchema, { path: pathOf('net', overrides), overrides: {} })]);
  if (cert.address === net.address) throw new ExporterError('CONFIG_INVALID', `both exporters would listen on ${net.address}; give one another address`);
  return { cert, net: settled(net, env, resolvConf) };
}

function pathOf(exporter: 'cert' | 'net', overrides: Readonly<Record<string, unknown>>): string {
  const path = overrides[exporter];
  if (typeof path === 'string') return path;
  throw new ExporterError('CONFIG_INVALID', `--${exporter}-config is missing: the YAML file with the configuration of ${exporter}-exporter`);
}
