/**
 * The simulated cloud as the user's shell sees it: the same credentials as inside, every service through a relay on
 * 127.0.0.1, which clouds.yaml expresses with endpoint overrides
 * (https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html). The `openstack` command reads it too.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseClouds, Session } from '../../provisioner/openstack/index.ts';
import type { WorldClient } from '../world/client.ts';
import type { FleetContext } from './context.ts';

/** The entry of clouds.yaml. */
export const cloudName = 'openstack';

const api = '198.51.100.2';
const services = [
  { relay: 'keystone', port: 5000, path: '/v3', key: 'identity_endpoint_override' },
  { relay: 'nova', port: 8774, path: '/v2.1', key: 'compute_endpoint_override' },
  { relay: 'neutron', port: 9696, path: '', key: 'network_endpoint_override' },
  { relay: 'glance', port: 9292, path: '', key: 'image_endpoint_override' },
  { relay: 'octavia', port: 9876, path: '', key: 'load_balancer_endpoint_override' },
] as const;
/** Its paths begin with the project. */
export const cinder = { relay: 'cinder', port: 8776, key: 'volumev3_endpoint_override' } as const;

/** For pods and servers: addresses of the world. */
export const innerCloudsFile = (state: string): string => join(state, 'clouds.yaml');
/** For the user's shell: `OS_CLIENT_CONFIG_FILE=…/clouds-local.yaml openstack --os-cloud openstack server list`. */
export const localCloudsFile = (state: string): string => join(state, 'clouds-local.yaml');

/** Opens a relay per service and writes the user's clouds.yaml. */
export async function openCloud(context: FleetContext, world: WorldClient): Promise<void> {
  const { state } = context.places;
  const file = parse(await readFile(innerCloudsFile(state), 'utf8')) as { clouds: Record<string, Record<string, unknown>> };
  const relayed = async (relay: string, port: number): Promise<string> => `http://127.0.0.1:${(await world.addRelay({ name: relay, target: { address: api, port } }, context.signal)).port}`;
  const overrides: Record<string, string> = {};
  for (const { relay, port, path, key } of services) overrides[key] = `${await relayed(relay, port)}${path}`;
  const volumes = await relayed(cinder.relay, cinder.port);
  const local = async (name: string): Promise<object> => {
    const cloud = file.clouds[name] ?? {};
    const entry = { ...cloud, auth: { ...(cloud['auth'] as Record<string, unknown>), auth_url: overrides['identity_endpoint_override'] }, ...overrides };
    return { ...entry, [cinder.key]: `${volumes}/v3/${await projectOf(entry, context.signal)}` };
  };
  await writeFile(localCloudsFile(state), stringify({ clouds: { [cloudName]: await local(cloudName), admin: await local('admin') } }), { mode: 0o600 });
}

async function projectOf(entry: object, signal: AbortSignal): Promise<string> {
  const session = new Session({ cloud: parseClouds(stringify({ clouds: { [cloudName]: entry } }), cloudName), userAgent: 'keelson-sandbox' });
  try {
    return (await session.projectId(signal)) ?? '';
  } finally {
    session.close();
  }
}

/** A session to the simulated cloud from outside the world. @param name entry of clouds.yaml */
export async function sessionOf(context: FleetContext, name: typeof cloudName | 'admin' = cloudName): Promise<Session> {
  const text = await readFile(localCloudsFile(context.places.state), 'utf8');
  return new Session({ cloud: parseClouds(text, name), userAgent: 'keelson-sandbox' });
}
