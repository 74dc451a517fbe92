/** The session against clouds that misbehave. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CloudError } from '../../../provisioner/openstack/index.ts';
import { json, secret, startFakeCloud, tokenBody, type FakeCloud } from './fake-cloud.ts';

let cloud: FakeCloud;

beforeEach(async () => {
  cloud = await startFakeCloud();
});
afterEach(() => cloud.stop());

const get = (path = '/thing') => ['network', 'GET', path] as const;

async function failure(call: Promise<unknown>): Promise<CloudError> {
  const error = await call.then(() => undefined, (e: unknown) => e);
  expect(error).toBeInstanceOf(CloudError);
  return error as CloudError;
}

describe('logging in', () => {
  test('happens once for many calls at the same time, and picks region and interface', async () => {
    const session = cloud.session();
    await Promise.all([1, 2, 3].map(() => session.call(...get())));
    expect(cloud.tokens).toHaveLength(1);
    expect(cloud.requests.filter((request) => request === 'GET /RegionOne-public/thing')).toHaveLength(3);
    expect(await cloud.session({ cloud: { auth: { auth_url: cloud.url, application_credential_id: 'id', application_credential_secret: secret }, region_name: 'RegionOne', interface: 'internalURL' } }).endpoint('network')).toBe(`${cloud.url}/RegionOne-internal`);
  });

  test('happens again, once, when the cloud refuses the token of calls that run side by side', async () => {
    const session = cloud.session();
    await session.call(...get());
    cloud.answer = (request, response) => json(response, request.headers['x-auth-token'] === cloud.tokens[1] ? 200 : 401, {});
    await Promise.all([1, 2, 3, 4].map(() => session.call(...get())));
    expect(cloud.tokens).toHaveLength(2);
  });

  test('is not tried for ever when every token is refused', async () => {
    cloud.answer = (_, response) => json(response, 401, { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } });
    expect(await failure(cloud.session().call(...get()))).toMatchObject({ code: 'CLOUD_UNAUTHORIZED', status: 401 });
    expect(cloud.tokens).toHaveLength(2);
  });

  test('happens again before a token ends', async () => {
    const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
    cloud.login = (_, response) => {
      cloud.tokens.push('t');
      json(response, 201, tokenBody(cloud.url, new Date(clock.now + 3_600_000).toISOString()), { 'x-subject-token': `t${cloud.tokens.length}` });
    };
    const session = cloud.session({ clock: { now: () => clock.now, sleep: () => Promise.resolve() } });
    await session.call(...get());
    clock.now += 3_500_000;
    await session.call(...get());
    expect(cloud.tokens).toHaveLength(1);
    clock.now += 50_000;
    await session.call(...get());
    expect(cloud.tokens).toHaveLength(2);
  });

  test('that fails is tried anew by the next call', async () => {
    const login = cloud.login;
    cloud.login = (_, response) => json(response, 401, { error: { code: 401, message: 'no', title: 'Unauthorized' } });
    const session = cloud.session();
    expect((await failure(session.call(...get()))).code).toBe('CLOUD_UNAUTHORIZED');
    cloud.login = login;
    await session.call(...get());
  });

  test('goes on for others when one caller gives up', async () => {
    const login = cloud.login;
    const let_in = Promise.withResolvers<void>();
    cloud.login = (request, response, body) => { void let_in.promise.then(() => login(request, response, body)); };
    const session = cloud.session();
    const impatient = session.call(...get(), { signal: AbortSignal.timeout(20) });
    const patient = session.call(...get());
    await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' });
    let_in.resolve();
    await patient;
  });

  test('a service the catalog does not have is named with those it has', async () => {
    const error = await failure(cloud.session().call('compute', 'GET', '/servers'));
    expect(error.code).toBe('CLOUD_NOT_FOUND');
    expect(error.message).toContain('it has network');
  });
});

describe('a busy cloud', () => {
  test('is asked again for what it refused with 503 or 429, as it wishes', async () => {
    const pauses: number[] = [];
    const answers = [{ status: 503, after: '7' }, { status: 429, after: new Date(Date.now() + 20_000).toUTCString() }, { status: 503, after: undefined }, { status: 200, after: undefined }];
    cloud.answer = (_, response) => {
      const { status, after } = answers.shift()!;
      json(response, status, {}, after === undefined ? {} : { 'retry-after': after });
    };
    const session = cloud.session({ clock: { now: () => Date.now(), sleep: (ms) => Promise.resolve(void pauses.push(ms)) } });
    await session.call('network', 'POST', '/thing', { body: {} });
    expect(pauses[0]).toBe(7000);
    expect(pauses[1]).toBeGreaterThan(15_000);
    expect(pauses[1]).toBeLessThanOrEqual(20_000);
    expect(pauses[2]).toBe(1000);
  });

  test('is given up on after the last try, with the words it used', async () => {
    cloud.answer = (_, response) => json(response, 503, { faultstring: 'come back later' });
    const error = await failure(cloud.session({ attempts: 3 }).call(...get()));
    expect(error).toMatchObject({ code: 'CLOUD_BUSY', status: 503 });
    expect(error.message).toContain('come back later');
    expect(cloud.requests.filter((request) => request.endsWith('/thing'))).toHaveLength(3);
  });

  test('is given up on when the next pause would pass the deadline', async () => {
    cloud.answer = (_, response) => json(response, 503, {}, { 'retry-after': '60' });
    const error = await failure(cloud.session({ deadlineMs: 30_000 }).call(...get()));
    expect(error.code).toBe('CLOUD_BUSY');
    expect(cloud.requests.filter((request) => request.endsWith('/thing'))).toHaveLength(1);
  });
});

describe('a broken connection', () => {
  test('is no matter to a GET', async () => {
    let tries = 0;
    cloud.answer = (request, response) => (++tries < 3 ? request.socket.destroy() : json(response, 200, { fine: true }));
    expect(await cloud.session().call(...get())).toEqual({ fine: true });
  });

  test('ends a POST, which may have been done', async () => {
    let tries = 0;
    cloud.answer = (request) => {
      tries += 1;
      request.socket.destroy();
    };
    expect((await failure(cloud.session().call('network', 'POST', '/thing', { body: {} }))).code).toBe('CLOUD_UNREACHABLE');
    expect(tries).toBe(1);
  });

  test('that says nothing is let go after its deadline', async () => {
    cloud.answer = () => undefined;
    const error = await failure(cloud.session({ timeoutMs: 50, attempts: 2 }).call(...get()));
    expect(error).toMatchObject({ code: 'CLOUD_TIMEOUT', retryAfterMs: 5000 });
    expect(cloud.requests.filter((request) => request.endsWith('/thing'))).toHaveLength(2);
  });

  test('that stops in the middle of a body is let go after its deadline', async () => {
    cloud.answer = (_, response) => response.writeHead(200, { 'content-length': '100' }).write('{"half":');
    expect((await failure(cloud.session({ timeoutMs: 50, attempts: 1 }).call(...get()))).code).toBe('CLOUD_TIMEOUT');
  });

  test('is closed when the caller gives up', async () => {
    const closed = Promise.withResolvers<void>();
    cloud.answer = (request) => { request.socket.once('close', () => closed.resolve()); };
    const session = cloud.session();
    await session.endpoint('network');
    const call = session.call(...get(), { signal: AbortSignal.timeout(30) });
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    await closed.promise;
  });

  test('a cloud that is not there is named', async () => {
    const gone = await startFakeCloud();
    const session = gone.session({ attempts: 1 });
    await gone.stop();
    const error = await failure(session.call(...get()));
    expect(error.code).toBe('CLOUD_UNREACHABLE');
    expect(error.message).toContain(new URL(gone.url).host);
  });
});

describe('refusals', () => {
  test.each([
    [400, { NeutronError: { type: 'InvalidInput', message: 'bad cidr', detail: '' } }, 'CLOUD_INVALID', 'bad cidr'],
    [403, { forbidden: { code: 403, message: 'Quota exceeded for cores: Requested 8' } }, 'CLOUD_QUOTA', 'raise the quota'],
    [403, { faultcode: 'Client', faultstring: 'Policy does not allow this request to be performed.', debuginfo: null }, 'CLOUD_FORBIDDEN', 'Policy does not allow'],
    [404, { itemNotFound: { code: 404, message: 'Instance x could not be found.' } }, 'CLOUD_NOT_FOUND', 'Instance x'],
    [409, { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['network'].", detail: '' } }, 'CLOUD_QUOTA', 'network'],
    [409, { faultcode: 'Client', faultstring: 'Load Balancer x is immutable and cannot be updated.', debuginfo: null }, 'CLOUD_CONFLICT', 'immutable'],
    [500, '<html>oops</html>', 'CLOUD_FAILED', 'status 500'],
  ])('%i with %j is %s', async (status, body, code, words) => {
    cloud.answer = (_, response) => json(response, status, body);
    const error = await failure(cloud.session().call('network', 'POST', '/thing?long=query', { body: {} }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).toMatch(/^POST \/thing \(network\)/);
  });

  test('a body that is no JSON is said to be the wrong address', async () => {
    cloud.answer = (_, response) => response.end('<html>welcome to the proxy</html>');
    expect((await failure(cloud.session().call(...get()))).message).toContain('is this the right address?');
  });
});

test('no secret and no token is in an error, whatever the cloud says', async () => {
  const errors: CloudError[] = [];
  const echo = (request: { headers: { 'x-auth-token'?: string | string[] | undefined } }, body: string) => ({ error: { message: `cannot parse ${body} of ${String(request.headers['x-auth-token'])}` } });
  cloud.answer = (request, response, body) => json(response, 400, echo(request as never, body + secret));
  errors.push(await failure(cloud.session().call('network', 'POST', '/thing', { body: { password: secret } })));
  cloud.answer = (_, response) => response.writeHead(200).end(`not json ${secret}`);
  errors.push(await failure(cloud.session().call(...get())));
  cloud.login = (request, response, body) => json(response, 401, echo(request as never, body));
  errors.push(await failure(cloud.session().call(...get())));
  cloud.login = (_, response, body) => response.writeHead(201, { 'x-subject-token': 'gAAAAABtoken-number-9' }).end(body.slice(1));
  errors.push(await failure(cloud.session().call(...get())));
  expect(errors).toHaveLength(4);
  for (const error of errors) {
    const written = `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(written).not.toContain(secret);
    expect(written).not.toMatch(/token-number/);
  }
});
