/** Faults of the API over real sockets: what a client sees while they stand, and that healing undoes them. */
import { request } from 'node:http';
import { answersWith, appliesByHalf, delays, expiresTokens, hangs, limitsRate, readFaultRule, resets, type FaultRule } from '../../../sandbox/openstack/index.ts';
import { FaultBoard } from '../../../sandbox/openstack/faults/board.ts';
import { recorded, start, type Running } from './fixture.ts';

interface Seen { readonly status: number; readonly body: string; readonly headers: Record<string, string | string[] | undefined> }

let running: Running;
let token: string;

beforeAll(async () => { running = await start(recorded()); });
afterAll(() => running.stop());
beforeEach(async () => { token = await logIn(); });
afterEach(() => { running.cloud.faults.heal(); });

/** One plain call; rejects with the system's code when the connection breaks. */
function call(service: 'identity' | 'compute' | 'network' | 'image' | 'load-balancer', method: string, path: string, options: { body?: unknown; token?: string | undefined; signal?: AbortSignal } = {}): Promise<Seen> {
  const shown = 'token' in options ? options.token : token;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${running.cloud.addressOf(service)}${path}`, {
      method, agent: false, headers: { ...(shown ? { 'x-auth-token': shown } : {}), 'content-type': 'application/json' }, ...(options.signal && { signal: options.signal }),
    }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk; }).on('end', () => { resolve({ status: response.statusCode!, body, headers: response.headers }); }).on('error', reject);
    });
    outgoing.on('error', reject).end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

async function logIn(cloud = 'keelson-password'): Promise<string> {
  const { auth } = running.cloud.clouds().clouds[cloud] as unknown as { auth: Record<string, string> };
  const answer = await call('identity', 'POST', '/v3/auth/tokens', { token: undefined, body: { auth: {
    identity: { methods: ['password'], password: { user: { name: auth['username'], domain: { name: 'Default' }, password: auth['password'] } } },
    scope: { project: { name: auth['project_name'], domain: { name: 'Default' } } },
  } } });
  expect(answer.status).toBe(201);
  return answer.headers['x-subject-token'] as string;
}

const add = (rule: FaultRule) => running.cloud.faults.add(readFaultRule(rule));
const networks = () => call('network', 'GET', '/v2.0/networks');
const newNetwork = (name: string) => call('network', 'POST', '/v2.0/networks', { body: { network: { name } } });
const named = (name: string) => Object.values(running.cloud.state.neutron.networks).filter((network) => network.name === name);

test.each([
  ['compute', '/v2.1/servers', { computeFault: { code: 500, message: expect.stringContaining('Unexpected API Error') as string } }],
  ['network', '/v2.0/networks', { NeutronError: { type: 'Fault', message: expect.stringContaining('Request Failed') as string, detail: '' } }],
  ['load-balancer', '/v2.0/lbaas/loadbalancers', { faultcode: 'Server', faultstring: 'An unknown exception occurred.', debuginfo: null }],
  ['identity', '/v3/auth/projects', { error: { code: 500, message: expect.stringContaining('unexpected error') as string, title: 'Internal Server Error' } }],
] as const)('a status comes in the shape of its service: %s', async (service, path, body) => {
  add({ service, effect: answersWith(500) });
  const seen = await call(service, 'GET', path);
  expect([seen.status, JSON.parse(seen.body)]).toEqual([500, body]);
  running.cloud.faults.heal();
  expect((await call(service, 'GET', path)).status).toBe(200);
});

test('a refused call does nothing', async () => {
  add({ method: 'POST', service: 'network', effect: answersWith(503, 'maintenance') });
  const seen = await newNetwork('refused');
  expect([seen.status, seen.body]).toEqual([503, expect.stringContaining('maintenance')]);
  expect(named('refused')).toEqual([]);
});

test('a rate limit says when to come back', async () => {
  add({ service: 'compute', count: 1, effect: limitsRate(7) });
  const seen = await call('compute', 'GET', '/v2.1/servers');
  expect([seen.status, seen.headers['retry-after'], JSON.parse(seen.body)]).toEqual([429, '7', { overLimit: { code: 429, message: 'This request was rate-limited.' } }]);
  expect((await call('compute', 'GET', '/v2.1/servers')).status).toBe(200);
  expect(running.cloud.faults.list()).toMatchObject([{ struck: 1, count: 1 }]);
});

test('only calls that fit are struck: method, path, project', async () => {
  const admin = await logIn('admin');
  add({ service: 'network', method: 'GET', path: '/v2.0/networks/*', project: 'keelson', effect: answersWith(500) });
  const path = `/v2.0/networks/${Object.keys(running.cloud.state.neutron.networks)[0]}`;
  expect((await call('network', 'GET', path)).status).toBe(500);
  expect((await call('network', 'GET', path, { token: admin })).status).toBe(200);
  expect((await call('network', 'PUT', path, { body: { network: {} } })).status).not.toBe(500);
  expect((await networks()).status).toBe(200);
});

test('a delayed answer comes late, and at once when it is healed', async () => {
  add({ name: 'slow', service: 'network', effect: delays(60_000) });
  const late = networks();
  await new Promise((resolve) => setTimeout(resolve, 20));
  running.cloud.faults.remove('slow');
  expect((await late).status).toBe(200);
  add({ service: 'network', effect: delays(50, 10) });
  const began = performance.now();
  expect((await networks()).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThan(45);
});

test('a call that hangs is answered when it is healed; one whose client hung up does nothing', async () => {
  add({ name: 'stuck', service: 'network', method: 'POST', effect: hangs() });
  const patient = newNetwork('patient');
  const hangUp = new AbortController();
  const impatient = call('network', 'POST', '/v2.0/networks', { body: { network: { name: 'impatient' } }, signal: hangUp.signal }).catch((error: Error) => error.name);
  await new Promise((resolve) => setTimeout(resolve, 20));
  hangUp.abort();
  expect(await impatient).toBe('AbortError');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(named('patient')).toEqual([]);
  running.cloud.faults.remove('stuck');
  expect((await patient).status).toBe(201);
  expect(named('patient')).toHaveLength(1);
  expect(named('impatient')).toEqual([]);
});

test('a reset connection did nothing', async () => {
  add({ service: 'network', effect: resets() });
  await expect(newNetwork('reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(named('reset')).toEqual([]);
});

test('tokens of before are refused once a client logs in again; healing makes them good', async () => {
  add({ effect: expiresTokens() });
  await new Promise((resolve) => setTimeout(resolve, 3));
  const seen = await networks();
  expect([seen.status, seen.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Keystone uri=')]);
  const old = token;
  token = await logIn();
  expect((await networks()).status).toBe(200);
  expect((await call('network', 'GET', '/v2.0/networks', { token: old })).status).toBe(401);
  running.cloud.faults.heal();
  expect((await call('network', 'GET', '/v2.0/networks', { token: old })).status).toBe(200);
});

test('the project\'s own client gets over expired tokens by itself', async () => {
  await running.member.call('network', 'GET', '/v2.0/networks');
  add({ effect: expiresTokens() });
  await new Promise((resolve) => setTimeout(resolve, 3));
  await expect(running.member.call('network', 'GET', '/v2.0/networks')).resolves.toBeDefined();
  expect(running.cloud.faults.list()).toMatchObject([{ struck: 1 }]);
});

test('a create that is applied by half is there, though the client saw an error or a reset', async () => {
  add({ name: 'half', service: 'network', count: 1, effect: appliesByHalf('error') });
  expect((await networks()).status).toBe(200);
  expect((await call('network', 'POST', '/v2.0/networks', { body: { network: { nonsense: 1 } } })).status).toBe(400);
  expect(running.cloud.faults.list()).toMatchObject([{ name: 'half', struck: 0 }]);
  expect((await newNetwork('half-500')).status).toBe(500);
  expect(named('half-500')).toHaveLength(1);
  running.cloud.faults.remove('half');
  add({ service: 'network', effect: appliesByHalf('reset') });
  await expect(newNetwork('half-reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(named('half-reset')).toHaveLength(1);
});

test('delays add to what comes after them', async () => {
  add({ service: 'network', effect: delays(30) });
  add({ service: 'network', effect: answersWith(502) });
  const began = performance.now();
  expect((await networks()).status).toBe(502);
  expect(performance.now() - began).toBeGreaterThan(25);
});

test('a chance strikes its share', () => {
  let at = 0;
  const board = new FaultBoard({ clock: { now: () => 0, sleep: () => Promise.resolve() }, random: () => (at++ % 100) / 100 });
  board.add(readFaultRule({ probability: 0.3, effect: resets() }));
  const target = { service: 'network', method: 'GET', path: '/', project: { id: '', name: '' }, tokenIssuedAtMs: undefined };
  expect(Array.from({ length: 1000 }, () => board.strike(target).length).filter((hits) => hits === 1)).toHaveLength(300);
});

test.each([
  ['/v2.0/lbaas/**', ['/v2.0/lbaas', '/v2.0/lbaas/', '/v2.0/lbaas/pools/1/members'], ['/v2.0/lbaasx', '/v2/lbaas/pools']],
  ['/v2.1/servers/*', ['/v2.1/servers/1', '/v2.1/servers/1/'], ['/v2.1/servers', '/v2.1/servers/1/action']],
  ['/', ['/'], ['/v3']],
  ['/**', ['/', '/v3', '/v3/auth/tokens'], []],
  ['/v2.0/a+b', ['/v2.0/a+b'], ['/v2x0/a+b', '/v2.0/aab']],
])('the path %s fits as written', (path, fitting, others) => {
  const board = new FaultBoard({ clock: { now: () => 0, sleep: () => Promise.resolve() }, random: () => 0 });
  board.add(readFaultRule({ path, effect: resets() }));
  const strikes = (at: string): boolean => board.strike({ service: 'network', method: 'GET', path: at, project: { id: '', name: '' }, tokenIssuedAtMs: undefined }).length > 0;
  expect(fitting.filter(strikes)).toEqual(fitting);
  expect(others.filter(strikes)).toEqual([]);
});

test.each([
  [{ effect: { kind: 'explode' } }, /effect/],
  [{ effect: { kind: 'status', status: 200 } }, /effect\.status/],
  [{ effect: { kind: 'delay', delayMs: 0 } }, /effect\.delayMs/],
  [{ probability: 0, effect: { kind: 'reset' } }, /probability/],
  [{ count: 1.5, effect: { kind: 'reset' } }, /count/],
  [{ path: 'v2.0', effect: { kind: 'reset' } }, /path/],
  [{ path: '/**/pools', effect: { kind: 'reset' } }, /path: \*\* may only stand at the end/],
  [{ method: 'GET', effect: { kind: 'halfApplied', answer: 'reset' } }, /method: GET changes nothing/],
  [{ name: 'Not A Name', effect: { kind: 'reset' } }, /name: must be letters/],
  [{ sevrice: 'compute', effect: { kind: 'reset' } }, /sevrice/],
  [undefined, /rule/],
])('a wrong rule says what is wrong: %j', (rule, message) => {
  let error: unknown;
  try {
    readFaultRule(rule);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'FAULT_BAD_RULE', message: expect.stringMatching(message) as string });
});
