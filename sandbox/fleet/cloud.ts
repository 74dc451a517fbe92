/** A session to the simulated cloud from the user's side: same credentials as in clouds.yaml, reached through the relay. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseClouds, Session } from '../../provisioner/openstack/index.ts';
import type { FleetContext } from './context.ts';

/** The entry of clouds.yaml. */
export const cloudName = 'openstack';

export async function sessionOf(context: FleetContext): Promise<Session> {
  const text = await readFile(join(context.places.state, 'clouds.yaml'), 'utf8');
  return new Session({ cloud: parseClouds(text, cloudName), userAgent: 'keelson-sandbox' });
}
