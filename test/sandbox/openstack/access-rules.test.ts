/** Paths of access rules, as keystonemiddleware reads them; and what a service token changes. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseClouds } from '../../../provisioner/openstack/index.ts';
import { loginBody } from '../../../provisioner/openstack/login.ts';
import { matches } from '../../../sandbox/openstack/keystone/access-rules.ts';
import { recorded, start, type Running } from './fixture.ts';

describe('a rule\'s path', () => {
  test.each([
    ['/v2.1/servers', '/v2.1/servers', true], ['/v2.1/servers', '/v2.1/servers/detail', false], ['/v2.1/servers/{id}', '/v2.1/servers/4711', true],
    ['/v2.1/servers/{id}', '/v2.1/servers/', false], ['/v2.1/servers/*', '/v2.1/servers/4711/action', false], ['/v2.1/servers/**', '/v2.1/servers/4711/action', true],
    ['/v2.1/servers/**', '/v2.1/servers/', true], ['/v2.1/**/action', '/v2.1/servers/4711/action', true], ['/v2.0/networks', '/v2x0/networks', false], ['**', '/anything', true],
  ])('%s against %s: %s', (pattern, path, is) => expect(matches(pattern, path)).toBe(is));
});

describe('a token with access rules', () => {
  let running: Running;
  let token: string;
  beforeEach(async () => {
    running = await start(recorded());
    const { keystone } = running.cloud.state;
    const credential = Object.values(keystone.applicationCredentials)[0]!;
    keystone.accessRules['r'] = { id: 'r', user_id: credential.user_id, service: 'network', method: 'GET', path: '/v2.0/networks' };
    credential.access_rule_ids = ['r'];
    token = await tokenOf('keelson');
  });
  afterEach(() => running.stop());

  async function tokenOf(name: string): Promise<string> {
    const body = JSON.stringify(loginBody(parseClouds(stringify(running.cloud.clouds()), name)));
    return (await fetch(`${running.cloud.authUrl()}/auth/tokens`, { method: 'POST', body })).headers.get('x-subject-token')!;
  }
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> => (
    await fetch(`${running.cloud.addressOf('network')}${path}`, { headers: { 'x-auth-token': token, ...headers } })).status;

  test('may make the calls they name and no others', async () => {
    expect([await status('/v2.0/networks'), await status('/v2.0/ports'), await status('/')]).toEqual([200, 401, 200]);
  });

  test('may make any within a chain of calls that a service goes on with', async () => {
    expect(await status('/v2.0/ports', { 'x-service-token': 'any' })).toBe(200);
  });

  test('may be expired where the service\'s own token is good and has the role for it', async () => {
    const { keystone } = running.cloud.state;
    for (const one of Object.values(keystone.tokens)) one.expires_at_ms = Date.now() - 1000;
    const service = await tokenOf('admin');
    expect(await status('/v2.0/networks', { 'x-service-token': service })).toBe(401);
    const admin = Object.values(keystone.users).find((user) => user.name === 'admin')!;
    keystone.assignments.push({ user_id: admin.id, project_id: admin.default_project_id!, role_id: Object.values(keystone.roles).find((role) => role.name === 'service')!.id });
    expect(await status('/v2.0/networks', { 'x-service-token': service })).toBe(200);
    for (const one of Object.values(keystone.tokens)) if (one.user_id !== admin.id) one.expires_at_ms = Date.now() - 49 * 3_600_000;
    expect(await status('/v2.0/networks', { 'x-service-token': service })).toBe(401);
  });
});
