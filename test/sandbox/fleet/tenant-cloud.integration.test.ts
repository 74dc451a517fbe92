/** Projects of organizations in the simulated cloud, made through its API. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { parseClouds, Session } from '../../../provisioner/openstack/index.ts';
import { cinder, cloudName, innerCloudsFile, localCloudsFile } from '../../../sandbox/fleet/cloud.ts';
import type { FleetContext } from '../../../sandbox/fleet/context.ts';
import { ensureTenantCloud, tenantCloudsFile } from '../../../sandbox/fleet/organizations/tenant-cloud.ts';
import { placesOf } from '../../../sandbox/fleet/places.ts';
import { recorded, start, type Running } from '../openstack/fixture.ts';

let cloud: Running;
let stateHome: string;
const places = () => placesOf({ home: '/none', repository: '/none', stateHome });
const context = (): FleetContext => ({ places: places(), signal: AbortSignal.timeout(30_000), environment: {}, allowPackages: false });
const projectOf = async (clouds: string): Promise<string | undefined> => {
  const session = new Session({ cloud: parseClouds(clouds, cloudName), userAgent: 'test' });
  try {
    return await session.projectId();
  } finally {
    session.close();
  }
};

beforeAll(async () => {
  stateHome = await mkdtemp(join(tmpdir(), 'keelson-tenants-'));
  cloud = await start(recorded());
  const { admin, 'keelson-password': fleet } = cloud.cloud.clouds().clouds as Record<string, object>;
  await mkdir(places().state, { recursive: true });
  await writeFile(innerCloudsFile(places().state), stringify({ clouds: { [cloudName]: fleet, admin } }));
  await writeFile(localCloudsFile(places().state), stringify({ clouds: { [cloudName]: { ...fleet, [cinder.key]: 'http://127.0.0.1:1/v3/of-the-fleet' }, admin } }));
});
afterAll(async () => {
  await cloud?.stop();
  await rm(stateHome, { recursive: true, force: true });
});

test('each organization has a project of its own, with a user who is in no other; a second start finds both', async () => {
  const [first, other] = [await ensureTenantCloud(context(), 'demo'), await ensureTenantCloud(context(), 'demo-2')];
  expect(new Set([first.project, other.project, await projectOf(await readFile(localCloudsFile(places().state), 'utf8'))]).size).toBe(3);
  expect([await projectOf(first.clouds), await projectOf(other.clouds)]).toEqual([first.project, other.project]);
  expect(await ensureTenantCloud(context(), 'demo')).toEqual(first);
});

test('the user cannot log in to the project of another organization', async () => {
  const { clouds } = await ensureTenantCloud(context(), 'demo');
  await expect(projectOf(clouds.replace('project_name: org-demo', 'project_name: org-demo-2'))).rejects.toMatchObject({ code: 'CLOUD_UNAUTHORIZED' });
});

test('the file for the shell is read by its owner alone, and leads to the volumes of its project', async () => {
  const { project } = await ensureTenantCloud(context(), 'demo');
  const file = tenantCloudsFile(places().state, 'demo');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((parse(await readFile(file, 'utf8')) as { clouds: Record<string, Record<string, unknown>> }).clouds[cloudName]?.[cinder.key]).toBe(`http://127.0.0.1:1/v3/${project}`);
});
