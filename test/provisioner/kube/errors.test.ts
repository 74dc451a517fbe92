/** What the client says when it fails, and what it never says. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { errorFromResponse, errorFromStatus } from '../../../provisioner/kube/errors.ts';
import { fromKubeconfig, KubeClient, type KubeError, resources } from '../../../provisioner/kube/index.ts';

const secretValue = 'aHVudGVyMi1pcy1hLXNlY3JldA==';
const plainValue = 'hunter2-is-a-secret';
const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.token-of-a-test';
/** All text that hangs on a value, also what is not enumerable and what is bytes. */
function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return String(value);
  seen.add(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return Reflect.ownKeys(value).map((key) => `${String(key)}: ${everythingIn(Reflect.get(value, key), seen)}`).join('\n');
}
const operation = { what: 'apply Secret org-a/x', isSensitive: true };

describe('messages', () => {
  test('say verb, object, what the server said and what to do', () => {
    const error = errorFromResponse({ what: 'patch Deployment.apps org-a/web', isSensitive: false }, 403, Buffer.from(JSON.stringify({ reason: 'Forbidden', message: 'User "x" cannot patch resource' })));
    expect(error.message).toBe('patch Deployment.apps org-a/web: 403 Forbidden: User "x" cannot patch resource; grant the verb to this identity in a Role or ClusterRole, or see what admission refuses');
  });

  test.each([
    [401, undefined, 'KUBE_UNAUTHORIZED'], [403, 'Forbidden', 'KUBE_FORBIDDEN'], [404, 'NotFound', 'KUBE_NOT_FOUND'], [409, 'Conflict', 'KUBE_CONFLICT'], [409, 'AlreadyExists', 'KUBE_ALREADY_EXISTS'],
    [410, 'Expired', 'KUBE_GONE'], [422, 'Invalid', 'KUBE_INVALID'], [400, 'BadRequest', 'KUBE_INVALID'], [429, 'TooManyRequests', 'KUBE_TOO_MANY_REQUESTS'], [500, 'InternalError', 'KUBE_SERVER_ERROR'],
    [504, 'Timeout', 'KUBE_TIMEOUT'], [302, undefined, 'KUBE_PROTOCOL'],
  ] as const)('status %i %s is %s', (code, reason, expected) => {
    expect(errorFromStatus(operation, { code, ...(reason ? { reason } : {}) }).code).toBe(expected);
  });

  test('about a Secret keep fields, users and managers, and drop values', () => {
    const invalid = errorFromStatus(operation, { code: 422, reason: 'Invalid', message: `Secret "x" is invalid: data[tls.key]: Invalid value: "${plainValue}"`, details: { causes: [{ reason: 'FieldValueInvalid', field: 'data[tls.key]', message: `Invalid value: "${plainValue}"` }] } });
    expect(invalid.message).toContain('fields data[tls.key]');
    const denied = errorFromStatus(operation, { code: 403, reason: 'Forbidden', message: `admission webhook "w.example" denied the request: value ${plainValue} is weak` });
    expect(denied.message).toContain('admission webhook "w.example" denied the request');
    const cannot = errorFromStatus(operation, { code: 403, reason: 'Forbidden', message: 'secrets "x" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "secrets" in API group "" in the namespace "org-a"' });
    expect(cannot.message).toContain('User "system:serviceaccount:a:b" cannot patch');
    const conflict = errorFromStatus(operation, { code: 409, reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "other": .data.key' });
    expect(conflict.message).toContain('conflict with "other": .data.key');
    const decode = errorFromStatus(operation, { code: 400, reason: 'BadRequest', message: `unable to decode: illegal base64 data in "${plainValue}"` });
    expect([invalid, denied, decode].map((error) => everythingIn(error)).join()).not.toContain('hunter2');
  });
});

test('no message repeats a bearer token, whatever the object', () => {
  const gateway = errorFromStatus({ what: 'get Node n1', isSensitive: false }, { code: 500, message: `refused: authorization: Bearer ${token}, cookie x=${token}` });
  expect(gateway.message).toContain('refused: authorization: [token] cookie x=[token]');
  expect(gateway.message).not.toContain('token-of-a-test');
});

describe('a Secret in flight', () => {
  const servers: { close(): unknown }[] = [];
  const clients: KubeClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const server of servers.splice(0)) server.close();
  });
  const clientOf = (server: Server | ReturnType<typeof createTcpServer>): KubeClient => {
    const client = new KubeClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: () => Promise.resolve(token), userAgent: 'test', timeoutMs: 2000 });
    servers.push(server);
    clients.push(client);
    return client;
  };
  const answering = (listener: RequestListener): Promise<KubeClient> =>
    new Promise((resolve) => {
      const server = createServer(listener);
      server.listen(0, '127.0.0.1', () => resolve(clientOf(server)));
    });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'a', name: 'x' }, data: { key: secretValue }, stringData: { key: plainValue } };
  const failureOf = async (client: KubeClient): Promise<KubeError> => client.create(resources.secrets, secret).then(() => Promise.reject(new Error('no failure')), (error: KubeError) => error);

  const cases: readonly (readonly [string, () => Promise<KubeClient>])[] = [
    // V8 quotes a short text in full, and the surroundings of the fault in a long one.
    ['broken JSON', () => answering((_q, r) => r.end(plainValue))],
    ['an answer that echoes the request as an error', () => answering((q, r) => {
      let body = JSON.stringify(q.headers);
      q.on('data', (chunk: Buffer) => (body += chunk.toString()));
      q.on('end', () => r.writeHead(500).end(JSON.stringify({ message: body, reason: 'InternalError' })));
    })],
    ['a plain page with the request in it', () => answering((q, r) => void r.writeHead(502).end(`bad gateway ${q.headers.authorization} ${plainValue}`))],
    ['no HTTP at all', () => new Promise((resolve) => {
      const server = createTcpServer((socket) => socket.on('error', () => undefined).end(`${plainValue} ${secretValue} ${token}\r\n\r\n`));
      server.listen(0, '127.0.0.1', () => resolve(clientOf(server)));
    })],
    ['a closed connection', () => answering((q) => q.socket.destroy())],
    ['no answer', () => answering(() => undefined)],
  ];

  test.each(cases)('is not in the error after %s', async (_name, start) => {
    const error = await failureOf(await start());
    const everything = everythingIn(error);
    for (const value of [secretValue, plainValue, token]) expect(everything).not.toContain(value);
    expect(error.message).toContain('create Secret a/x: ');
  });

  test('a kubeconfig that cannot be read is told without its content', async () => {
    const texts = [`users: [{token: ${plainValue}`, `clusters: [{name: a, cluster: {server: "${plainValue}"}}]\ncontexts: [{name: a, context: {cluster: a}}]`, plainValue];
    for (const text of texts) {
      const error = await fromKubeconfig(text).then(() => undefined, (thrown: KubeError) => thrown);
      expect(error).toMatchObject({ code: 'KUBE_CONFIG' });
      expect(everythingIn(error)).not.toContain(plainValue);
    }
  });
});
