import { nobody, type Case } from '../case.ts';
import { at, type Reply } from '../reply.ts';
import type { Recorder } from '../recorder.ts';

/** Logs in with an application credential. @returns its token */
async function tokenOf(t: Recorder, made: Reply): Promise<string> {
  const credential = { id: at(made.body, 'application_credential', 'id'), secret: at(made.body, 'application_credential', 'secret') };
  const { headers } = await t.quiet('identity POST /auth/tokens', { auth: { identity: { methods: ['application_credential'], application_credential: credential } } });
  return String(headers['x-subject-token']);
}

/** What the ruled credential may call. Paths are those that a service sees, with its version. */
const rules = [
  { service: 'network', method: 'GET', path: '/v2.0/networks' },
  { service: 'compute', method: 'GET', path: '/v2.1/servers/**' },
  { service: 'compute', method: 'GET', path: '/v2.1/flavors/{flavor_id}' },
];

export const accessRuleCases: readonly Case[] = [
  { name: 'identity: expiry and roles of application credentials', needs: ['owner'], run: async (t) => {
    const owner = { as: 'owner' as const };
    const user = await t.target.userId('owner');
    const path = `/users/${user}/application_credentials`;
    const create = (step: string, given: Record<string, unknown>) => t.call(step, `identity POST ${path}`, { application_credential: { name: t.name(step.replaceAll(' ', '-')), ...given } }, owner);
    await create('expired', { expires_at: '2020-01-01T00:00:00Z' });
    await create('no time', { expires_at: 'soon' });
    await create('for later', { expires_at: '2096-01-01T00:00:00.000000' });
    await create('a role not held', { roles: [{ name: 'admin' }] });
    await create('a role that is none', { roles: [{ name: 'wizard' }] });
    const reader = await create('a reader', { roles: [{ name: 'reader' }] });
    const as = { headers: { 'x-auth-token': await tokenOf(t, reader) } };
    await t.call('the reader lists networks', 'network GET /v2.0/networks?name=nothing', undefined, as);
    await t.call('the reader lists load balancers', 'load-balancer GET /v2.0/lbaas/loadbalancers?name=nothing', undefined, as);
    const unrestricted = await create('unrestricted', { unrestricted: true });
    const free = { headers: { 'x-auth-token': await tokenOf(t, unrestricted) } };
    await t.call('it makes another', `identity POST ${path}`, { application_credential: { name: t.name('child') } }, { ...free, ...owner });
  } },
  { name: 'identity: access rules of application credentials', needs: ['owner'], run: async (t) => {
    const owner = { as: 'owner' as const };
    const user = await t.target.userId('owner');
    const path = `/users/${user}/application_credentials`;
    const made: string[] = [];
    const create = async (step: string, given: readonly object[]): Promise<Reply> => {
      const reply = await t.call(step, `identity POST ${path}`, { application_credential: { name: t.name(step.replaceAll(' ', '-')), access_rules: given } }, owner);
      if (reply.status === 201) made.push(at(reply.body, 'application_credential', 'id'));
      return reply;
    };
    const ruled = await create('with three rules', rules);
    const [byPath = '', inUse = ''] = rulesOf(ruled);
    for (const rule of rulesOf(ruled)) t.undo(`identity DELETE /users/${user}/access_rules/${rule} AS owner`);
    // A rule in use stays, so the credential has to go before it.
    t.undo(`identity DELETE ${path}/${at(ruled.body, 'application_credential', 'id')} AS owner`);
    const as = { headers: { 'x-auth-token': await tokenOf(t, ruled) } };
    await allowedAndRefused(t, as);

    const again = await create('the same rule', rules.slice(0, 1));
    t.note('a rule like another', rulesOf(again)[0] === byPath ? 'is that one' : 'is one of its own');
    t.note('a rule by its id', rulesOf(await create('by id', [{ id: inUse }]))[0] === inUse ? 'is that one' : 'is one of its own');
    await create('no rules', []);
    await create('an unknown method', [{ service: 'network', method: 'LOOK', path: '/v2.0/networks' }]);
    await create('a path without a slash', [{ service: 'network', method: 'GET', path: 'v2.0/networks' }]);
    await create('more than a rule has', [{ service: 'network', method: 'GET', path: '/v2.0/networks', host: 'all' }]);

    await t.call('show a rule', `identity GET /users/${user}/access_rules/${byPath}`, undefined, owner);
    await t.call('show no rule', `identity GET /users/${user}/access_rules/${nobody}`, undefined, owner);
    await t.call('delete a rule in use', `identity DELETE /users/${user}/access_rules/${inUse}`, undefined, owner);
    for (const id of made) await t.quiet(`identity DELETE ${path}/${id}`, undefined, owner);
    await t.call('delete a rule', `identity DELETE /users/${user}/access_rules/${inUse}`, undefined, owner);
    await t.call('delete no rule', `identity DELETE /users/${user}/access_rules/${nobody}`, undefined, owner);
  } },
];

function rulesOf(made: Reply): string[] {
  return (made.body as { application_credential: { access_rules: { id: string }[] } }).application_credential.access_rules.map(({ id }) => id);
}

/** Every service checks the rules by itself. */
async function allowedAndRefused(t: Recorder, as: { headers: Record<string, string> }): Promise<void> {
  await t.call('list networks, as a rule says', 'network GET /v2.0/networks?name=nothing', undefined, as);
  await t.call('show a network', `network GET /v2.0/networks/${nobody}`, undefined, as);
  await t.call('make a network', 'network POST /v2.0/networks', { network: { name: t.name('none') } }, as);
  await t.call('list ports', 'network GET /v2.0/ports?name=nothing', undefined, as);
  await t.call('list servers, as a rule says', 'compute GET /servers/detail?name=nothing', undefined, as);
  await t.call('show a server, as a rule says', `compute GET /servers/${nobody}`, undefined, as);
  await t.call('servers without the slash of the rule', 'compute GET /servers?name=nothing', undefined, as);
  await t.call('show a flavor, as a rule says', `compute GET /flavors/${nobody}`, undefined, as);
  await t.call('list flavors', 'compute GET /flavors', undefined, as);
  await t.call('list images', 'image GET /v2/images', undefined, as);
  await t.call('list load balancers', 'load-balancer GET /v2.0/lbaas/loadbalancers', undefined, as);
  // Keystone holds no rules against calls of its own API, though its middleware could.
  await t.call('list projects', 'identity GET /auth/projects', undefined, as);
  await t.call('show the project', `identity GET /projects/${await t.target.projectId('member')}`, undefined, as);
  // A service that does not say that it knows access rules must not take such a token for one without.
  const subject = { 'x-subject-token': String(as.headers['x-auth-token']) };
  await t.call('look at its token', 'identity GET /auth/tokens?nocatalog=1', undefined, { headers: { ...as.headers, ...subject } });
  await t.call('look at its token as one who knows rules', 'identity GET /auth/tokens?nocatalog=1', undefined, { headers: { ...as.headers, ...subject, 'openstack-identity-access-rules': '1.0' } });
}
