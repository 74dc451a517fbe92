/** A project of its own for each organization, with a user who reaches nothing else: made through Keystone's API, as the cloud's administrator would. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Session } from '../../../provisioner/openstack/index.ts';
import { cinder, cloudName, innerCloudsFile, localCloudsFile, sessionOf } from '../cloud.ts';
import type { FleetContext } from '../context.ts';

export interface TenantCloud {
  /** Id of the project. */
  readonly project: string;
  readonly authUrl: string;
  /** clouds.yaml for pods and servers. */
  readonly clouds: string;
}

/** What a user needs for clusters: servers, networks and volumes; load balancers. */
const roles = ['member', 'load-balancer_member'] as const;

const cloudsFile = z.object({ clouds: z.looseObject({ [cloudName]: z.looseObject({ auth: z.looseObject({ auth_url: z.string(), password: z.string() }) }) }) });
const named = z.object({ id: z.string(), name: z.string() });

/** For the user's shell: `OS_CLIENT_CONFIG_FILE=…/clouds-local-demo.yaml openstack --os-cloud openstack server list`. */
export const tenantCloudsFile = (state: string, organization: string): string => join(state, `clouds-local-${organization}.yaml`);

/** Finds or makes project, user and roles. The password is written down before the user is made, so that a start which is interrupted goes on. @throws CloudError */
export async function ensureTenantCloud(context: FleetContext, organization: string): Promise<TenantCloud> {
  const { state } = context.places;
  const name = `org-${organization}`;
  const file = tenantCloudsFile(state, organization);
  const password = (await passwordIn(file)) ?? randomBytes(24).toString('base64url');
  const auth = { username: name, password, project_name: name };
  await writeFile(file, await cloudsAs(localCloudsFile(state), auth), { mode: 0o600 });
  const clouds = await cloudsAs(innerCloudsFile(state), auth);
  const admin = await sessionOf(context, 'admin');
  try {
    const { signal } = context;
    const project = await findOrMake(admin, 'project', { name, description: `Organization ${organization}` }, signal);
    const user = await findOrMake(admin, 'user', { name, password, default_project_id: project }, signal);
    const known = z.object({ roles: z.array(named) }).parse(await admin.call('identity', 'GET', '/roles', { signal })).roles;
    await writeFile(file, await cloudsAs(localCloudsFile(state), auth, project), { mode: 0o600 });
    for (const { id } of known.filter((role) => (roles as readonly string[]).includes(role.name))) await admin.call('identity', 'PUT', `/projects/${project}/users/${user}/roles/${id}`, { signal });
    return { project, authUrl: cloudsFile.parse(parse(clouds)).clouds[cloudName].auth.auth_url, clouds };
  } finally {
    admin.close();
  }
}

async function passwordIn(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : cloudsFile.parse(parse(text)).clouds[cloudName].auth.password;
}

/** The same cloud with other credentials. @param project of them, in the address of its volumes */
async function cloudsAs(file: string, auth: object, project?: string): Promise<string> {
  const { [cloudName]: cloud } = cloudsFile.parse(parse(await readFile(file, 'utf8'))).clouds;
  const volumes = cloud[cinder.key];
  return stringify({ clouds: { [cloudName]: { ...cloud, auth: { ...cloud.auth, ...auth }, ...(project !== undefined && typeof volumes === 'string' ? { [cinder.key]: volumes.replace(/[^/]*$/, project) } : {}) } } });
}

/** @returns the id */
async function findOrMake(admin: Session, kind: 'project' | 'user', wanted: { readonly name: string; readonly [field: string]: string }, signal: AbortSignal): Promise<string> {
  const found = z.record(z.string(), z.unknown()).parse(await admin.call('identity', 'GET', `/${kind}s`, { query: { name: wanted.name }, signal }));
  const [known] = z.array(named).parse(found[`${kind}s`]);
  if (known) return known.id;
  const made = z.record(z.string(), z.unknown()).parse(await admin.call('identity', 'POST', `/${kind}s`, { body: { [kind]: wanted }, signal }));
  return named.parse(made[kind]).id;
}
