import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { chmod, mkdtemp, readFile as readText, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { fromKubeconfig, inCluster, resources, tokenFromFile } from '../../../provisioner/kube/index.ts';
import { createCa, type TestCa } from '../../fixtures/certificates.ts';
import { FakeClock } from './fake-clock.ts';

let server: Server;
let url: string;
let ca: TestCa;
let folder: string;
let seen: { readonly path: string; readonly headers: IncomingHttpHeaders }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-kubeconfig-'));
  ca = await createCa();
  server = createServer(await ca.issue({ commonName: 'server', addresses: ['127.0.0.1'], usage: 'server' }), (request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    response.end(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
});

const trust = (): object => ({ 'certificate-authority-data': Buffer.from(ca.cert).toString('base64') });
const config = (user: object, more: object = {}): string =>
  stringify({
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { ...trust(), server: `${url}/k8s/clusters/x`, ...more } }, { name: 'other', cluster: { ...trust(), server: `${url}/other` } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }, { name: 'two', context: { cluster: 'other' } }],
    users: [{ name: 'u', user }],
  });

/** What a read through a client of this kubeconfig looks like to the server. */
async function read(text: string, options: Parameters<typeof fromKubeconfig>[1] = {}): Promise<{ path: string; authorization: string | undefined }> {
  const client = await fromKubeconfig(text, options);
  await client.get(resources.namespaces, { name: 'default' });
  client.close();
  return { path: seen.at(-1)!.path, authorization: seen.at(-1)!.headers.authorization };
}

describe('kubeconfig', () => {
  test('the current context, below the path of the server, with its token', async () => {
    expect(await read(config({ token: 't1' }))).toEqual({ path: '/k8s/clusters/x/api/v1/namespaces/default', authorization: 'Bearer t1' });
  });

  test('another context, without a user', async () => {
    expect(await read(config({}), { context: 'two' })).toEqual({ path: '/other/api/v1/namespaces/default', authorization: undefined });
  });

  test('a token file beside the kubeconfig wins over the token', async () => {
    await writeFile(join(folder, 'token'), 'from-file\n');
    expect(await read(config({ token: 't1', tokenFile: 'token' }), { folder })).toMatchObject({ authorization: 'Bearer from-file' });
  });

  test('an exec plugin is run, once for several reads', async () => {
    const plugin = join(folder, 'plugin');
    await writeFile(plugin, `#!/bin/sh\necho x >> ${folder}/runs\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin","expirationTimestamp":"2999-01-01T00:00:00Z"}}'\n`);
    await chmod(plugin, 0o755);
    const client = await fromKubeconfig(config({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' } }));
    await client.get(resources.namespaces, { name: 'default' });
    await client.get(resources.namespaces, { name: 'default' });
    client.close();
    expect(seen.map((request) => request.headers.authorization)).toEqual(['Bearer from-plugin', 'Bearer from-plugin']);
    expect(await readText(`${folder}/runs`, 'utf8')).toBe('x\n');
  });

  test('a plugin that fails is KUBE_CONFIG', async () => {
    const client = await fromKubeconfig(config({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'absent'), interactiveMode: 'Never' } }));
    await expect(client.get(resources.namespaces, { name: 'default' })).rejects.toMatchObject({ code: 'KUBE_CONFIG' });
    client.close();
  });

  interface Refusal {
    readonly what: string;
    readonly user?: object;
    readonly cluster?: object;
    readonly context?: string;
    readonly message: string;
  }
  const refusals: readonly Refusal[] = [
    { what: 'a context that is not there', context: 'three', message: 'there is no "three"; there are: one, two' },
    { what: 'a relative path without a folder', user: { tokenFile: 'token' }, message: 'relative' },
    { what: 'a proxy', cluster: { 'proxy-url': 'http://p' }, message: 'proxy-url is not supported' },
    { what: 'a password', user: { username: 'admin', password: 'x' }, message: 'no longer accepted' },
    { what: 'impersonation', user: { as: 'root' }, message: 'impersonation' },
    { what: 'a certificate without a key', user: { 'client-certificate-data': 'eA==' }, message: 'come in pairs' },
    { what: 'a server that is no address', cluster: { server: 'nowhere' }, message: 'clusters.0.cluster.server' },
    { what: 'a missing file', cluster: { 'certificate-authority-data': '', 'certificate-authority': '/absent/ca.crt' }, message: '/absent/ca.crt' },
  ];
  test.each(refusals)('$what is refused with what is wrong', async ({ user = {}, cluster = {}, context, message }) => {
    await expect(fromKubeconfig(config(user, cluster), { context })).rejects.toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining(message) });
  });

  test('an empty file is refused', async () => {
    await expect(fromKubeconfig('')).rejects.toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining('document') });
  });
});

describe('service account of a pod', () => {
  test('the address comes from the environment, and a missing token is told', async () => {
    const readFile = (path: string): Promise<string> => Promise.resolve(path.endsWith('token') ? 'tok\n' : 'ca');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    const clients = await Promise.all([inCluster({ readFile, env, userAgent: 'x' }), inCluster({ readFile, userAgent: 'x' })]);
    expect(clients.map((client) => client.server)).toEqual(['https://[fd00::1]:6443', 'https://kubernetes.default.svc:443']);
    const absent = (): Promise<string> => Promise.reject(new Error('ENOENT'));
    await expect(inCluster({ readFile: absent, userAgent: 'x' })).rejects.toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining('is this a pod') });
  });

  test('a rotated token is read again after a minute, or at once when it was refused', async () => {
    const clock = new FakeClock();
    let content = 'one';
    const token = tokenFromFile('/t', { readFile: () => Promise.resolve(content), clock });
    expect(await token({ fresh: false })).toBe('one');
    content = 'two';
    expect(await token({ fresh: false })).toBe('one');
    await clock.advance(60_000);
    expect(await token({ fresh: false })).toBe('two');
    content = 'three';
    expect(await token({ fresh: true })).toBe('three');
  });
});
