import { at } from '../reply.ts';
import type { Case } from '../case.ts';

const withoutToken = { headers: { 'x-auth-token': '' } };
const badToken = { headers: { 'x-auth-token': 'gAAAAABnonsense' } };

export const identityCases: readonly Case[] = [
  { name: 'identity: version documents', run: async (t) => {
    await t.call('identity', 'identity GET /');
    await t.call('compute', 'compute GET /');
    await t.call('network', 'network GET /');
    await t.call('image', 'image GET /');
    await t.call('load balancer', 'load-balancer GET /');
    await t.call('compute without a token', 'compute GET /', undefined, withoutToken);
    await t.call('network without a token', 'network GET /', undefined, withoutToken);
  } },
  { name: 'identity: log in', run: async (t) => {
    const login = t.target.login;
    const { headers } = await t.call('log in', 'identity POST /auth/tokens', login);
    const token = String(headers['x-subject-token']);
    await t.call('show the token', 'identity GET /auth/tokens', undefined, { headers: { 'x-auth-token': token, 'x-subject-token': token } });
    await t.call('show without catalogue', 'identity GET /auth/tokens?nocatalog=1', undefined, { headers: { 'x-auth-token': token, 'x-subject-token': token } });
    await t.call('catalogue', 'identity GET /auth/catalog');
    await t.call('projects', 'identity GET /auth/projects');
    await t.call('revoke', 'identity DELETE /auth/tokens', undefined, { headers: { 'x-auth-token': token, 'x-subject-token': token } });
    await t.call('use the revoked token', 'network GET /v2.0/networks?name=nothing', undefined, { headers: { 'x-auth-token': token } });
  } },
  { name: 'identity: refused logins', run: async (t) => {
    const credential = { id: '0123456789abcdef0123456789abcdef', secret: 'wrong' };
    await t.call('unknown application credential', 'identity POST /auth/tokens', { auth: { identity: { methods: ['application_credential'], application_credential: credential } } });
    const user = { name: 'nobody-of-this-name', password: 'wrong', domain: { id: 'default' } };
    await t.call('unknown user', 'identity POST /auth/tokens', { auth: { identity: { methods: ['password'], password: { user } } } });
    await t.call('show an unknown token', 'identity GET /auth/tokens', undefined, { headers: { 'x-subject-token': 'gAAAAABnonsense' } });
    for (const [service, path] of [['identity', '/auth/projects'], ['compute', '/flavors'], ['network', '/v2.0/networks'], ['image', '/v2/images'], ['load-balancer', '/v2.0/lbaas/providers']] as const) {
      await t.call(`${service} without a token`, `${service} GET ${path}`, undefined, withoutToken);
      await t.call(`${service} with a bad token`, `${service} GET ${path}`, undefined, badToken);
    }
  } },
  { name: 'identity: application credentials', needs: ['owner'], run: async (t) => {
    const owner = { as: 'owner' as const };
    const user = await t.target.userId('owner');
    const path = `/users/${user}/application_credentials`;
    const name = t.name('ac');
    const made = await t.call('create', `identity POST ${path}`, { application_credential: { name, description: 'made by the contract suite' } }, owner);
    const id = at(made.body, 'application_credential', 'id');
    t.undo(`identity DELETE ${path}/${id} AS owner`);
    await t.call('create again', `identity POST ${path}`, { application_credential: { name } }, owner);
    await t.call('show', `identity GET ${path}/${id}`, undefined, owner);
    await t.call('list by name', `identity GET ${path}?name=${name}`, undefined, owner);
    const credential = { id, secret: at(made.body, 'application_credential', 'secret') };
    const login = { auth: { identity: { methods: ['application_credential'], application_credential: credential } } };
    const token = String((await t.quiet('identity POST /auth/tokens', login)).headers['x-subject-token']);
    await t.call('create with an application credential', `identity POST ${path}`, { application_credential: { name: t.name('ac2') } }, { headers: { 'x-auth-token': token } });
    await t.call('delete', `identity DELETE ${path}/${id}`, undefined, owner);
    await t.call('show the deleted', `identity GET ${path}/${id}`, undefined, owner);
    await t.call('log in with the deleted', 'identity POST /auth/tokens', login);
    await t.call('its token is dead too', 'network GET /v2.0/networks?name=nothing', undefined, { headers: { 'x-auth-token': token } });
    await t.call('create without a name', `identity POST ${path}`, { application_credential: {} }, owner);
  } },
  { name: 'identity: what a member may not', run: async (t) => {
    const project = await t.target.projectId('member');
    await t.call('list projects', 'identity GET /projects');
    await t.call('list users', 'identity GET /users');
    await t.call('create a project', 'identity POST /projects', { project: { name: t.name('p') } });
    await t.call('show own project', `identity GET /projects/${project}`);
    await t.call('show another project', 'identity GET /projects/0123456789abcdef0123456789abcdef');
    await t.call('unknown path', 'identity GET /nonsense');
  } },
];
