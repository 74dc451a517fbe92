import type { Case } from '../case.ts';
import { at, type Reply } from '../reply.ts';
import type { Recorder } from '../recorder.ts';

/** Logs in with an application credential. @returns its token */
async function tokenOf(t: Recorder, made: Reply): Promise<string> {
  const credential = { id: at(made.body, 'application_credential', 'id'), secret: at(made.body, 'application_credential', 'secret') };
  const { headers } = await t.quiet('identity POST /auth/tokens', { auth: { identity: { methods: ['application_credential'], application_credential: credential } } });
  return String(headers['x-subject-token']);
}

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
];
