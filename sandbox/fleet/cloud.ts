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

/** For pods and servers: addresses of the world. */
export const innerCloudsFile = (state: string): string => join(state, 'clouds.yaml');
/** For the user's shell: `OS_CLIENT_CONFIG_FILE=…/clouds-local.yaml openstack --os-cloud openstack server list`. */
export const localCloudsFile = (state: string): string => join(state, 'clouds-local.yaml');

/** Opens a relay per service and writes the user's clouds.yaml. */
export async function openCloud(context: FleetContext, world: WorldClient): Promise<void> {
  const { state } = context.places;
  const file = parse(await readFile(innerCloudsFile(state), 'utf8')) as { clouds: Record<string, Record<string, unknown>> };
  const cloud = file.clouds[cloudName] ?? {};
  const overrides: Record<string, string> = {};
  for (const { relay, port, path, key } of services) {
    const opened = await world.addRelay({ name: relay, target: { address: api, port } }, context.signal);
    overrides[key] = `http://127.0.0.1:${opened.port}${path}`;
  }
  const auth = { ...(cloud['auth'] as Record<string, unknown>), auth_url: overrides['identity_endpoint_override'] };
  await writeFile(localCloudsFile(state), stringify({ clouds: { [cloudName]: { ...cloud, auth, ...overrides } } }), { mode: 0o600 });
}

/** A session to the simulated cloud from outside the world. */
export async function sessionOf(context: FleetContext): Promise<Session> {
  const text = await readFile(localCloudsFile(context.places.state), 'utf8');
  return new Session({ cloud: parseClouds(text, cloudName), userAgent: 'keelson-sandbox' });
}
