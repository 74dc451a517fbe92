/** The client's verbs against a real API server, and against one behind a faulty proxy. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { fromKubeconfig, KubeClient, type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, kubeconfigFor, startApiServer } from '../../fixtures/api-server.ts';
import { type FaultyProxy, startFaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { configMap, type ConfigMap } from './config-map.ts';
import { FastClock } from './fast-clock.ts';
import { until } from './until.ts';

const { configMaps, secrets } = resources;
const at = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

describeWith(apiServerNeeds, 'client against a real API server', () => {
  let api: ApiServer;
  beforeAll(async () => {
    // Without watch cache, lists and their continue tokens meet etcd itself, and so its compaction.
    api = await startApiServer({ flags: ['--watch-cache=false'] });
  }, 180_000);
  afterAll(() => api?.stop());

  test('reads back what it created, and says undefined for what is not there', async () => {
    const created = await api.client.create(configMaps, configMap('default', 'read-back', { a: '1' }));
    expect(created.metadata.uid).toBeDefined();
    expect(await api.client.get<ConfigMap>(configMaps, at('read-back'))).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    expect(await api.client.get(configMaps, at('absent'))).toBeUndefined();
  });

  test('a second create is KUBE_ALREADY_EXISTS', async () => {
    await api.client.create(configMaps, configMap('default', 'twice'));
    await expect(api.client.create(configMaps, configMap('default', 'twice'))).rejects.toMatchObject({ code: 'KUBE_ALREADY_EXISTS', status: 409 });
  });

  test('names with capitals and colons are addressed as they are', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'keelson:Test:role' }, rules: [] };
    await api.client.create(resources.clusterRoles, role);
    expect((await api.client.get(resources.clusterRoles, { name: 'keelson:Test:role' }))?.metadata.name).toBe('keelson:Test:role');
    expect(await api.client.delete(resources.clusterRoles, { name: 'keelson:Test:role' })).toBe('deleted');
    expect(await api.client.delete(resources.clusterRoles, { name: 'keelson:Test:role' })).toBe('notFound');
  });

  test('apply owns its fields, leaves those of others, and conflicts over a shared one unless forced', async () => {
    const mine = (data: Record<string, string>): ConfigMap => ({ ...configMap('default', 'shared', data) });
    await api.client.apply(configMaps, mine({ a: '1', b: '1' }), { fieldManager: 'first' });
    await api.client.apply(configMaps, mine({ c: '1' }), { fieldManager: 'second' });
    await expect(api.client.apply(configMaps, mine({ b: '2' }), { fieldManager: 'second' })).rejects.toMatchObject({
      code: 'KUBE_CONFLICT',
      causes: ['FieldManagerConflict'],
      message: expect.stringMatching(/apply ConfigMap default\/shared: .*first.*\.data\.b/s),
    });
    await api.client.apply(configMaps, mine({ b: '2' }), { fieldManager: 'second', force: true });
    // "second" no longer names c, and so gives it up.
    expect((await api.client.get<ConfigMap>(configMaps, at('shared')))?.data).toEqual({ a: '1', b: '2' });
  });

  test('apply writes a status subresource and a dry run writes nothing', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    await api.client.create(resources.nodes, node);
    const conditions = [{ type: 'Ready', status: 'True', reason: 'Test', message: '', lastHeartbeatTime: null, lastTransitionTime: null }];
    await api.client.apply(resources.nodes, { ...node, status: { conditions } }, { fieldManager: 'test', subresource: 'status' });
    expect(await api.client.get(resources.nodes, { name: 'n1' })).toMatchObject({ status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    await api.client.apply(configMaps, configMap('default', 'dry'), { fieldManager: 'test', dryRun: true });
    expect(await api.client.get(configMaps, at('dry'))).toBeUndefined();
  });

  test('replace with an old resourceVersion is KUBE_CONFLICT; patches merge or follow JSON Patch', async () => {
    const old = await api.client.create(configMaps, configMap('default', 'versions', { a: '1' }));
    await api.client.patch(configMaps, at('versions'), { type: 'merge', body: { data: { b: '1' } } });
    await expect(api.client.replace(configMaps, { ...old, data: {} })).rejects.toMatchObject({ code: 'KUBE_CONFLICT' });
    const patched = await api.client.patch<ConfigMap>(configMaps, at('versions'), { type: 'json', body: [{ op: 'remove', path: '/data/a' }] });
    expect(patched.data).toEqual({ b: '1' });
    await expect(api.client.patch(configMaps, at('absent'), { type: 'merge', body: {} })).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' });
    await expect(api.client.delete(configMaps, at('versions'), { resourceVersion: old.metadata.resourceVersion })).rejects.toMatchObject({ code: 'KUBE_CONFLICT' });
  });

  test('lists through real continue tokens, with the kinds that list items lack', async () => {
    await Promise.all(Array.from({ length: 25 }, (_, i) => api.client.create(configMaps, configMap('default', `page-${i}`, {}, { set: 'pages' }))));
    const pages: number[] = [];
    for await (const page of api.client.pages(configMaps, { namespace: 'default', labelSelector: 'set=pages', limit: 10 })) pages.push(page.items.length);
    expect(pages).toEqual([10, 10, 5]);
    const bare = await api.client.list<KubeObject>(configMaps, { labelSelector: 'set=pages', metadataOnly: true });
    expect([bare.items.length, bare.items[0]?.metadata.labels, bare.items[0]?.['data']]).toEqual([25, { set: 'pages' }, undefined]);
    const { items, resourceVersion } = await api.client.list(configMaps, { labelSelector: 'set=pages', limit: 10 });
    expect(items).toHaveLength(25);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Number(resourceVersion)).toBeGreaterThan(0);
  });

  test('a list whose continue token is compacted away starts again and is whole', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, i) => api.client.create(configMaps, configMap('default', `compacted-${i}`, {}, { set: 'compacted' }))));
    const seen: KubeObject[] = [];
    const restarts: boolean[] = [];
    for await (const page of api.client.pages(configMaps, { labelSelector: 'set=compacted', limit: 5 })) {
      restarts.push(page.isRestart);
      if (page.isRestart) seen.length = 0;
      seen.push(...page.items);
      if (restarts.length > 1) continue;
      await api.client.patch(configMaps, at('compacted-0'), { type: 'merge', body: { data: { touched: 'yes' } } });
      await api.compact();
    }
    expect(restarts).toEqual([false, true, false, false]); // in pages again, because the caller named a limit
    expect(new Set(seen.map((object) => object.metadata.name)).size).toBe(12);
    expect(seen).toHaveLength(12);
  });

  test('a watch from a compacted version is KUBE_GONE', async () => {
    const { resourceVersion } = await api.client.list(configMaps);
    for (const name of ['after-the-list', 'and-another', 'and-a-third']) await api.client.create(configMaps, configMap('default', name));
    await api.compact();
    const watching = (async () => {
      for await (const _ of api.client.watch(configMaps, { resourceVersion, signal: AbortSignal.timeout(10_000) }));
    })();
    await expect(watching).rejects.toMatchObject({ code: 'KUBE_GONE' });
  });

  test('identities: a kubeconfig with certificates, one with a token, a refused token, a forbidden user', async () => {
    const [byCertificate, byToken, unknown, nobody] = await Promise.all(
      [api.kubeconfig, ...['admin-token-of-a-test', 'not-a-token', api.nobodyToken].map((token) => kubeconfigFor(api.url, api.ca.cert, { token }))].map((text) => fromKubeconfig(text)),
    );
    const read = (client: KubeClient | undefined): Promise<unknown> => client!.get(resources.namespaces, { name: 'default' });
    expect(await read(byCertificate)).toMatchObject({ kind: 'Namespace' });
    expect(await read(byToken)).toMatchObject({ kind: 'Namespace' });
    await expect(read(unknown)).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED', message: expect.not.stringContaining('not-a-token') });
    await expect(read(nobody)).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN', message: expect.stringContaining('get Namespace default') });
    for (const client of [byCertificate, byToken, unknown, nobody]) client?.close();
  });

  test('a rotated token is asked for again once the old one is refused', async () => {
    const asked: boolean[] = [];
    const token = ({ fresh }: { readonly fresh: boolean }): Promise<string> => {
      asked.push(fresh);
      return Promise.resolve(fresh ? api.adminToken : 'outlived');
    };
    const client = new KubeClient({ server: api.url, ca: api.ca.cert, token, userAgent: 'keelson-test' });
    expect(await client.get(resources.namespaces, { name: 'default' })).toBeDefined();
    expect(asked).toEqual([false, true]);
    client.close();
  });

  test('a certificate of another CA is KUBE_UNREACHABLE', async () => {
    const client = new KubeClient({ server: api.url, userAgent: 'keelson-test' });
    await expect(client.list(configMaps)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining('list ConfigMap') });
    client.close();
  });

  test('the server is checked for the name that is asked for', async () => {
    const codes = await Promise.all(['kubernetes.default.svc', 'another.example'].map(async (serverName) => {
      const client = new KubeClient({ server: api.url, ca: api.ca.cert, ...api.adminCertificate, serverName, userAgent: 'keelson-test' });
      const code = await client.get(resources.namespaces, { name: 'default' }).then(() => 'ok', (error: { code: string }) => error.code);
      client.close();
      return code;
    }));
    expect(codes).toEqual(['ok', 'KUBE_UNREACHABLE']);
  });

  test('an object of a namespaced kind without a namespace is refused, not reported as absent', async () => {
    await expect(api.client.get(secrets, { name: 'x' })).rejects.toMatchObject({ code: 'KUBE_INVALID' });
  });

  test('what the API server quotes from an invalid Secret stays out of the error', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: at('broken'), type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'hunter2-not-json', 'bad key!': 'hunter2' } };
    const error = await api.client.create(secrets, secret).then(() => undefined, (thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'KUBE_INVALID' });
    expect(error?.message).toContain('create Secret default/broken');
    const typed = await api.client.apply(secrets, { ...secret, data: { password: 'hunter2 is not base64' } }, { fieldManager: 'x' }).then(() => undefined, (thrown: Error) => thrown);
    expect(typed).toMatchObject({ code: expect.stringMatching('KUBE_(INVALID|SERVER_ERROR)') });
    expect(`${error?.stack} ${typed?.stack} ${JSON.stringify(typed)}`).not.toContain('hunter2');
  });
});

describeWith(apiServerNeeds, 'client behind a faulty proxy', () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  let client: KubeClient;
  let clock: FastClock;
  beforeAll(async () => {
    api = await startApiServer();
  }, 180_000);
  afterAll(() => api?.stop());
  beforeEach(async () => {
    proxy = await startFaultyProxy(api);
    clock = new FastClock(20);
    client = new KubeClient({ server: proxy.url, ca: api.ca.cert, token: () => Promise.resolve(api.adminToken), userAgent: 'keelson-test', clock, maxSockets: 4 });
  });
  afterEach(async () => {
    client.close();
    await until('all sockets are closed', () => proxy.connections === 0);
    expect(clock.pending).toBe(0);
    await proxy.stop();
  });
  const read = (o: { signal?: AbortSignal } = {}): Promise<unknown> => client.get(resources.namespaces, { name: 'default' }, o);

  test('429 and 503 are tried again, and given up when the server asks for more time than there is', async () => {
    proxy.inject({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, times: 2 });
    proxy.inject({ fault: { kind: 'status', status: 503 }, times: 2 });
    expect(await read()).toBeDefined();
    expect(proxy.requests).toHaveLength(5);
    proxy.inject({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } });
    await expect(read()).rejects.toMatchObject({ code: 'KUBE_TOO_MANY_REQUESTS', retryAfterMs: 3_600_000 });
    expect(proxy.requests).toHaveLength(6);
  });

  test('other refusals are not tried again', async () => {
    proxy.inject({ fault: { kind: 'status', status: 500 } });
    await expect(read()).rejects.toMatchObject({ code: 'KUBE_SERVER_ERROR', status: 500 });
    expect(proxy.requests).toHaveLength(1);
  });

  test('a kept-alive connection that the server closed meanwhile costs a read nothing', async () => {
    await read();
    proxy.inject({ fault: { kind: 'reset', afterBytes: 0 } });
    expect(await read()).toBeDefined();
    expect(proxy.struck).toBe(1);
  });

  test('a create is not sent twice on its own', async () => {
    await read();
    proxy.inject({ fault: { kind: 'reset', afterBytes: 0 } });
    await expect(client.create(configMaps, configMap('default', 'once'))).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });

  test.each([
    ['no answer', { kind: 'halfOpen', afterBytes: 0 }],
    ['half an answer', { kind: 'halfOpen', afterBytes: 20 }],
    ['an answer by the byte', { kind: 'slow', chunkBytes: 1, pauseMs: 100 }],
  ] as const)('%s ends at the deadline', async (_name, fault) => {
    proxy.inject({ fault });
    await expect(read()).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
    expect(await read()).toBeDefined();
  });

  test('an abort reaches the socket, with the reason of whoever aborted', async () => {
    proxy.inject({ fault: { kind: 'halfOpen', afterBytes: 0 } });
    const controller = new AbortController();
    const reading = read({ signal: controller.signal });
    await until('the request is at the proxy', () => proxy.requests.length === 1);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await until('the socket is closed', () => proxy.connections === 0);
  });

  test('an abort does not wait for a free connection', async () => {
    proxy.inject({ fault: { kind: 'halfOpen', afterBytes: 0 }, times: 4 });
    const holding = Array.from({ length: 4 }, () => read().catch((error: unknown) => error));
    await until('all four connections are in use', () => proxy.requests.length === 4);
    const controller = new AbortController();
    const waiting = read({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(proxy.requests).toHaveLength(4);
    await Promise.all(holding);
  });

  test('a closed client opens no connection', async () => {
    await read();
    client.close();
    await expect(read()).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining('closed') });
    expect(proxy.requests).toHaveLength(1);
  });

  test.each(['waits for a connection', 'waited for one and was given up'])('a closed client leaves no connection of a read that %s', async (which) => {
    proxy.inject({ fault: { kind: 'halfOpen', afterBytes: 0 }, times: 4 });
    const givenUp = new AbortController();
    const reads = Array.from({ length: 6 }, () => read({ signal: givenUp.signal }).then(() => 'an answer', (error: unknown) => error));
    await until('all four connections are in use', () => proxy.requests.length === 4);
    if (which !== 'waits for a connection') givenUp.abort(new Error('enough'));
    client.close();
    for (const end of await Promise.all(reads)) expect(end).toBeInstanceOf(Error);
    await until('all sockets are closed', () => proxy.connections === 0);
    expect(proxy.requests).toHaveLength(4);
  });

  test('a hundred reads share four connections, beside a watch that does not count', async () => {
    client = client.fork({ timeoutMs: 600_000 });
    const { resourceVersion } = await client.list(configMaps);
    const watch = client.watch(configMaps, { namespace: 'default', resourceVersion, silenceMs: 600_000 })[Symbol.asyncIterator]();
    const first = watch.next();
    let most = 0;
    await Promise.all(Array.from({ length: 100 }, async () => {
      await read();
      most = Math.max(most, proxy.connections);
    }));
    expect(most).toBeLessThanOrEqual(5);
    await api.client.create(configMaps, configMap('default', 'seen-by-watch'));
    expect((await first).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'seen-by-watch' } } });
    await watch.return?.();
  });
});
