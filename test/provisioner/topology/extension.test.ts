import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { get } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { silentLog, type Log } from '../../../provisioner/kube/log.ts';
import { classOutput } from '../../../provisioner/topology/class/objects.ts';
import { openstackV1 } from '../../../provisioner/topology/class/versions.ts';
import { startTopologyExtension, type TopologyExtension } from '../../../provisioner/topology/extension/run.ts';
import { request } from './requests.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/topology');
let folder: string;
let extension: TopologyExtension;
const lines: string[] = [];
const log: Log = { ...silentLog, info: (fields, message) => lines.push(`${JSON.stringify(fields)} ${message}`), warn: (fields, message) => lines.push(`${JSON.stringify(fields)} ${message}`) };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-extension-'));
  await mount('first');
  extension = await startTopologyExtension({ port: 0, certDir: folder, metricsPort: 0, healthPort: 0, log, host: '127.0.0.1', drainMs: 200 });
});
afterAll(async () => {
  await extension.stop();
  await rm(folder, { recursive: true });
});

/** As the kubelet does it: a folder of its own per version, `..data` points to the newest by an atomic rename. */
async function mount(name: string): Promise<void> {
  const { cert, key } = await certificate(name);
  await mkdir(join(folder, `..${name}`));
  await writeFile(join(folder, `..${name}`, 'tls.crt'), cert);
  await writeFile(join(folder, `..${name}`, 'tls.key'), key);
  await symlink(`..${name}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const file of ['tls.crt', 'tls.key']) await symlink(`..data/${file}`, join(folder, file)).catch(() => undefined);
}

async function certificate(name: string): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, notAfter: new Date(Date.now() + 86_400_000), signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: cert.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` };
}

function post(path: string, body: string): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port: extension.ports.hooks, path, method: 'POST', rejectUnauthorized: false, headers: { 'user-agent': 'Go-http-client/1.1' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function page(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

function servedName(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: extension.ports.hooks, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const base = '/hooks.runtime.cluster.x-k8s.io/v1alpha1';
const discovered = async (): Promise<{ name: string; requestHook: { hook: string } }[]> => (await post(`${base}/discovery`, '{}')).body['handlers'] as never;

test('every discovered handler answers at the path Cluster API builds from its hook and name', async () => {
  const handlers = await discovered();
  expect(handlers.map(({ name }) => name)).toContain('openstack-v1-patches');
  for (const { name, requestHook } of handlers) {
    const body = requestHook.hook === 'BeforeClusterDelete' ? { cluster: { metadata: { name: 'a', namespace: 'b' } } } : request();
    const answer = await post(`${base}/${requestHook.hook.toLowerCase()}/${name}?timeout=10s`, JSON.stringify(body));
    expect(answer).toMatchObject({ status: 200, body: { apiVersion: 'hooks.runtime.cluster.x-k8s.io/v1alpha1', kind: `${requestHook.hook}Response`, status: 'Success' } });
  }
});

test.each(['beforeclustercreate', 'beforeclusterupgrade', 'beforeclusterdelete', 'aftercontrolplaneinitialized', 'afterclusterupgrade'])('a recorded %s request is answered', async (hook) => {
  const recorded = JSON.parse(await readFile(join(fixtures, `recorded/${hook}-1.json`), 'utf8')) as { request: object; response: { kind: string } };
  const handler = (await discovered()).find(({ requestHook }) => requestHook.hook.toLowerCase() === hook);
  const answer = await post(`${base}/${hook}/${handler?.name}`, JSON.stringify(recorded.request));
  expect(answer.body).toEqual(recorded.response);
});

test('a deletion waits while something holds it', async () => {
  const request = { cluster: { metadata: { name: 'demo', namespace: 'org-demo', annotations: { 'keelson.dev/deletion-hold': '2 load balancers of Services are being deleted' } } } };
  expect((await post(`${base}/beforeclusterdelete/before-cluster-delete`, JSON.stringify(request))).body).toMatchObject({ status: 'Success', retryAfterSeconds: 10, message: '2 load balancers of Services are being deleted' });
});

describe('where the operator decides', () => {
  const topology = { topology: { classRef: { name: 'openstack-v1' } } };
  const settings = { preflight: 'required', cleanUp: 'required' };
  const ask = async (hook: string, name: string, annotations: object, spec: object = topology): Promise<unknown> =>
    (await post(`${base}/${hook}/${name}`, JSON.stringify({ settings, cluster: { metadata: { name: 'demo', namespace: 'org-demo', generation: 3, annotations }, spec } }))).body;
  const verdict = (generation: number, result: string) => ({ 'keelson.dev/preflight': JSON.stringify({ generation, result, message: 'no flavor x', digest: 'd', checkedAt: '2026-11-26T00:00:00Z' }) });

  test.each([
    ['no verdict', {}, 1, /waiting for the check/], ['that of an older generation', verdict(2, 'passed'), 1, /waiting for the check/], ['one that is no JSON', { 'keelson.dev/preflight': '{' }, 1, /waiting/],
    ['a refusal', verdict(3, 'refused'), 10, /no flavor x/], ['a cloud that does not answer', verdict(3, 'unreachable'), 10, /no flavor x/], ['passed', verdict(3, 'passed'), 0, /^$/],
  ])('creation and upgrade with %s', async (_what, annotations, retryAfterSeconds, message) => {
    for (const [hook, name] of [['beforeclustercreate', 'before-cluster-create'], ['beforeclusterupgrade', 'before-cluster-upgrade']] as const) {
      expect(await ask(hook, name, annotations)).toMatchObject({ status: 'Success', retryAfterSeconds, message: expect.stringMatching(message) });
    }
  });

  test('a deletion waits until workloads have nothing in the cloud any more', async () => {
    expect(await ask('beforeclusterdelete', 'before-cluster-delete', {})).toMatchObject({ retryAfterSeconds: 1 });
    expect(await ask('beforeclusterdelete', 'before-cluster-delete', { 'keelson.dev/workloads-removed': 'removed now' })).toMatchObject({ retryAfterSeconds: 0 });
  });

  test.each([
    ['no verdict', {}, 1, /waiting for the operator/], ['that on another version', { version: 'v1.35.4', isOpen: true, message: '' }, 1, /waiting for the operator/],
    ['a closed gate', { version: 'v1.36.3', isOpen: false, message: 'a budget lets no pod go' }, 10, /a budget lets no pod go/], ['an open one', { version: 'v1.36.3', isOpen: true, message: '' }, 0, /^$/],
  ])('workers before an upgrade with %s', async (_what, gate, retryAfterSeconds, message) => {
    const cluster = { metadata: { name: 'demo', namespace: 'org-demo', annotations: { 'keelson.dev/workers-gate': JSON.stringify(gate) } }, spec: topology };
    const { body } = await post(`${base}/beforeworkersupgrade/before-workers-upgrade`, JSON.stringify({ settings, cluster, fromKubernetesVersion: 'v1.35.4', toKubernetesVersion: 'v1.36.3' }));
    expect(body).toMatchObject({ status: 'Success', retryAfterSeconds, message: expect.stringMatching(message) });
  });

  test('clusters of other classes wait for nothing', async () => {
    for (const [hook, name] of [['beforeclustercreate', 'before-cluster-create'], ['beforeclusterdelete', 'before-cluster-delete']] as const) {
      expect(await ask(hook, name, {}, { topology: { classRef: { name: 'quick-start' } } })).toMatchObject({ retryAfterSeconds: 0 });
    }
  });
});

test('variables that do not fit are a Failure with the field, faults are a 500 without detail', async () => {
  const wrong = { items: [{ uid: 'a', holderReference: { kind: 'Cluster' }, object: { kind: 'OpenStackClusterTemplate' } }], variables: [{ name: 'controlPlane', value: {} }] };
  expect((await post(`${base}/generatepatches/openstack-v1-patches`, JSON.stringify(wrong))).body).toMatchObject({ status: 'Failure', message: expect.stringMatching(/controlPlane\.flavor/) });
  const fault = await post(`${base}/generatepatches/openstack-v1-patches`, '{"items": 5}');
  expect(fault).toEqual({ status: 500, body: { message: 'keelson could not answer GeneratePatches; see the log of the topology extension' } });
});

test('a GeneratePatches request as Cluster API 1.14.2 sent it is answered for every template in it', async () => {
  const recorded = JSON.parse(await readFile(join(fixtures, 'recorded/generatepatches-1.json'), 'utf8')) as { request: { items: { uid: string }[] } };
  const { body } = await post(`${base}/generatepatches/openstack-v1-patches?timeout=10s`, JSON.stringify(recorded.request));
  expect(body).toMatchObject({ kind: 'GeneratePatchesResponse', status: 'Success' });
  expect((body['items'] as { uid: string }[]).map(({ uid }) => uid)).toEqual(recorded.request.items.map(({ uid }) => uid));
});

test('a class that was published with another output gets no answer, and a metric says so', async () => {
  const gauge = async (): Promise<string | undefined> => /keelson_topology_class_mismatch\{class="openstack-v1"\} (\d)/.exec((await page(extension.ports.metrics, '/metrics')).body)?.[1];
  const ask = async (output: string): Promise<Record<string, unknown>> => (await post(`${base}/generatepatches/openstack-v1-patches`, JSON.stringify(request(undefined, { settings: { output } })))).body;
  expect(await ask('f'.repeat(64))).toMatchObject({ status: 'Failure', message: expect.stringMatching(/would make other machines of class openstack-v1 .*output ffffffffffff/) });
  expect(await gauge()).toBe('1');
  expect(await ask(classOutput(openstackV1))).toMatchObject({ status: 'Success' });
  expect(await gauge()).toBe('0');
});

test('what is no JSON is a 400, an unknown handler a 404', async () => {
  expect((await post(`${base}/generatepatches/openstack-v1-patches`, '{')).status).toBe(400);
  expect((await post(`${base}/generatepatches/other`, '{}')).status).toBe(404);
});

test('metrics count hooks by outcome and show when the certificate ends', async () => {
  await post(`${base}/discovery`, '{}');
  const { body } = await page(extension.ports.metrics, '/metrics');
  expect(body).toMatch(/keelson_topology_hook_answers_total\{hook="Discovery",outcome="success"\} [1-9]/);
  expect(body).toMatch(/keelson_topology_certificate_expiry_timestamp_seconds 1\.?\d/);
});

test('a renewed certificate is served without a restart, again and again; a broken one is not', async () => {
  expect(await servedName()).toBe('first');
  for (const name of ['second', 'third']) {
    await mount(name);
    await expect(eventually(servedName, (served) => served === name)).resolves.toBe(name);
  }
  await writeFile(join(folder, '..third', 'tls.key'), generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await mkdir(join(folder, 'touch'));
  await eventually(async () => lines.join('\n'), (text) => text.includes('the old one stays'));
  expect(await servedName()).toBe('third');
  expect(lines.join('\n')).not.toContain('PRIVATE KEY');
});

test('before it ends it says so and still answers', async () => {
  expect((await page(extension.ports.health, '/readyz')).status).toBe(200);
  const other = await startTopologyExtension({ port: 0, certDir: folder.concat('/..second'), metricsPort: 0, healthPort: 0, log: silentLog, host: '127.0.0.1', drainMs: 300 });
  const stopped = other.stop();
  expect((await page(other.ports.health, '/readyz')).status).toBe(503);
  expect((await page(other.ports.health, '/healthz')).status).toBe(200);
  await stopped;
  await expect(page(other.ports.health, '/healthz')).rejects.toThrow();
});

test('its end does not wait for connections that nobody asked anything on, nor leaves them open', async () => {
  const other = await startTopologyExtension({ port: 0, certDir: folder.concat('/..first'), metricsPort: 0, healthPort: 0, log: silentLog, host: '127.0.0.1', drainMs: 0 });
  const { hooks, metrics, health } = other.ports;
  const secure = connect({ host: '127.0.0.1', port: hooks, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  const plain = [hooks, metrics, health].map((port) => connectPlainly(port, '127.0.0.1'));
  await Promise.all(plain.map((socket) => once(socket, 'connect')));
  const ends = [secure, ...plain].map((socket) => once(socket.on('error', () => undefined).resume(), 'close'));
  try {
    await expect(Promise.race([other.stop(), sleep(2000, 'it still waits')])).resolves.toBeUndefined();
    await Promise.all(ends);
  } finally {
    for (const socket of [secure, ...plain]) socket.destroy();
  }
});

test('a folder without a certificate is named', async () => {
  await expect(startTopologyExtension({ port: 0, certDir: '/nonexistent', metricsPort: 0, healthPort: 0, log: silentLog })).rejects.toMatchObject({ code: 'CERTIFICATE_UNREADABLE', message: expect.stringContaining('/nonexistent') });
});

async function eventually<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const value = await read();
    if (isThere(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return read();
}
