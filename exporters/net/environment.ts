/** What a pod is told by its environment, where the configuration does not say it. */
import { ExporterError } from '../core/errors.ts';
import type { Config } from './config.ts';
import { firstNameserver, isNodeLocal } from './dns/servers.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration with what the kubelet sets in the environment: NODE_NAME, NODE_ZONE and POD_NAMESPACE by the
 * manifest (downward API), the addresses of Services by itself.
 * @param resolvConf text of /etc/resolv.conf, empty where there is none
 * @throws ExporterError CONFIG_INVALID when nobody says which node this is
 */
export function settled(config: Config, env: Environment, resolvConf: string): Config {
  const { node, mesh, service, dns } = config;
  const nameserver = firstNameserver(resolvConf) ?? '';
  const isCache = isNodeLocal(nameserver);
  const name = node.name || env['NODE_NAME'] || '';
  if (mesh.enabled && name === '') throw new ExporterError('CONFIG_INVALID', 'node.name: which node this is must be known to probe the others; set node.name, --node-name or NODE_NAME, or mesh.enabled to false');
  return {
    ...config,
    node: { name, zone: node.zone || env['NODE_ZONE'] || '' },
    mesh: { ...mesh, namespace: mesh.namespace || env['POD_NAMESPACE'] || defaultNamespace },
    service: { ...service, address: service.address || env[`${mesh.service.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`] || '' },
    dns: { ...dns, address: dns.address || (isCache ? '' : nameserver), nodeLocalAddress: dns.nodeLocalAddress || (isCache ? nameserver : '') },
  };
}

const defaultNamespace = 'keelson-system';

/** Where the API server is reached as a Service, from the environment of every pod. */
export function apiServerOf(env: Environment): { readonly address: string; readonly port: number } | undefined {
  const address = env['KUBERNETES_SERVICE_HOST'];
  return address === undefined ? undefined : { address, port: Number(env['KUBERNETES_SERVICE_PORT'] ?? 443) };
}
