/** The reflector behind a proxy that does everything networks and API servers do. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Change, keyOf, KubeClient, type KubeObject, Reflector, resources, silentLog } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { type FaultyProxy, isList, isWatch, startFaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { configMap, type ConfigMap } from './config-map.ts';
import { FastClock } from './fast-clock.ts';
import { until } from './until.ts';

const speed = 20;
const expired = { type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'too old resource version', reason: 'Expired', code: 410 } };
const status = (code: number, reason: string): string => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: 'injected' });

interface Case {
  readonly name: string;
  readonly strike: () => void | Promise<void>;
  /** Whether the reflector must have listed again: only where its version was refused. */
  readonly relists: boolean;
  /** Requests that the injected fault must have struck. */
  readonly strikes: number;
}

describeWith(apiServerNeeds, 'reflector behind a faulty proxy', () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  let client: KubeClient;
  let clock: FastClock;
  let stop: AbortController;
  let reflector: Reflector<ConfigMap>;
  let mirror: Map<string, string>;
  let namespace: string;
  let serial = 0;

  beforeAll(async () => {
    api = await startApiServer();
  }, 180_000);
  afterAll(() => api?.stop());

  beforeEach(async () => {
    namespace = `faults-${++serial}`;
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    for (const name of ['kept', 'changed', 'deleted']) await api.client.create(resources.configMaps, configMap(namespace, name, { v: '0' }));
    proxy = await startFaultyProxy(api);
    clock = new FastClock(speed);
    client = clientThrough(proxy, { ca: api.ca.cert, clock });
    reflector = new Reflector<ConfigMap>({ client, resource: resources.configMaps, namespace, silenceMs: 20_000, clock });
    mirror = new Map();
    reflector.onChange((change) => follow(mirror, change));
    stop = new AbortController();
  });

  afterEach(async () => {
    stop.abort();
    await reflector.whenStopped();
    client.close();
    await until('all sockets are closed', () => proxy.connections === 0);
    expect(clock.pending).toBe(0);
    await proxy.stop();
  });

  const changeEverything = async (round: string): Promise<void> => {
    await api.client.create(resources.configMaps, configMap(namespace, `new-${round}`));
    await api.client.patch(resources.configMaps, { namespace, name: 'changed' }, { type: 'merge', body: { data: { v: round } } });
    await api.client.delete(resources.configMaps, { namespace, name: 'deleted' });
    // Deleted and made again under the same name: another object.
    await api.client.delete(resources.configMaps, { namespace, name: 'kept' });
    await api.client.create(resources.configMaps, configMap(namespace, 'kept', { v: round }));
  };

  const converged = async (): Promise<void> => {
    const { items } = await api.client.list<ConfigMap>(resources.configMaps, { namespace });
    const truth = versions(items);
    await until('the reflector holds what the API server holds', () => same(versions(reflector.items()), truth), 30_000);
    expect(Object.fromEntries(mirror)).toEqual(truth);
  };

  const cases: readonly Case[] = [
    { name: '410 as an event of the watch', relists: true, strikes: 3, strike: () => strikeWatch({ kind: 'event', event: expired }) },
    { name: '410 as the answer to the watch', relists: true, strikes: 3, strike: () => strikeWatch({ kind: 'status', status: 410, body: status(410, 'Expired') }) },
    { name: '410 to the watch and then to the list', relists: true, strikes: 4, strike: () => {
      proxy.inject({ fault: { kind: 'status', status: 410, body: status(410, 'Expired') }, when: isList });
      strikeWatch({ kind: 'event', event: expired });
    } },
    { name: '410 to the watch and to every list that names a version', relists: true, strikes: 2, strike: () => refuseVersions(410, 'Expired') },
    { name: 'a version that the server has not reached, after a restore of etcd', relists: true, strikes: 2, strike: () => refuseVersions(504, 'Timeout') },
    { name: '429 with Retry-After', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: status(429, 'TooManyRequests') }) },
    { name: '500', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'status', status: 500, body: status(500, 'InternalError') }) },
    { name: 'an HTML page of a load balancer', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>\nhello\n</html>\n' }) },
    { name: 'reset before the answer', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'reset', afterBytes: 0 }) },
    { name: 'reset in the middle of an event', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'reset', afterBytes: 100 }) },
    { name: 'a proper end in the middle of an event', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'cut', afterBytes: 100 }) },
    { name: 'half open from the start', relists: false, strikes: 1, strike: () => strikeWatch({ kind: 'halfOpen', afterBytes: 0 }, 1) },
    { name: 'half open in the middle of an event', relists: false, strikes: 1, strike: () => strikeWatch({ kind: 'halfOpen', afterBytes: 100 }, 1) },
    { name: 'slow body', relists: false, strikes: 3, strike: () => strikeWatch({ kind: 'slow', chunkBytes: 50, pauseMs: 5 }) },
    { name: 'all connections reset', relists: false, strikes: 0, strike: () => proxy.resetAll() },
    { name: 'all connections half open', relists: false, strikes: 0, strike: () => proxy.freezeAll() },
  ];
  const strikeWatch = (fault: Parameters<FaultyProxy['inject']>[0]['fault'], times = 3): void => {
    proxy.inject({ fault, times, when: isWatch });
    proxy.resetAll();
  };

  /** Only a consistent read, without a version, is answered. */
  const refuseVersions = (code: number, reason: string): void => {
    const body = JSON.stringify({ kind: 'Status', code, reason, details: { causes: code === 504 ? [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] : [] } });
    proxy.inject({ fault: { kind: 'status', status: code, body }, times: Infinity, when: (request) => isList(request) && request.url.includes('resourceVersion=') });
    strikeWatch({ kind: 'status', status: code, body }, 1);
  };

  test.each(cases)('converges after $name', async ({ strike, relists, strikes }) => {
    reflector.start(stop.signal);
    await reflector.whenSynced();
    await until('the watch is open', () => proxy.requests.some(isWatch));
    const listsBefore = proxy.requests.filter(isList).length;
    await strike();
    await changeEverything('during');
    await converged();
    await until('the fault has struck as often as it should', () => proxy.struck === strikes);
    await changeEverythingAgain();
    await converged();
    expect(proxy.requests.filter(isList).length > listsBefore).toBe(relists);
  }, 60_000);

  const changeEverythingAgain = async (): Promise<void> => {
    await api.client.create(resources.configMaps, configMap(namespace, 'afterwards'));
    await api.client.delete(resources.configMaps, { namespace, name: 'changed' });
  };

  test.each([
    ['500', { kind: 'status', status: 500 }],
    ['403', { kind: 'status', status: 403, body: status(403, 'Forbidden') }],
    ['reset in the middle of the body', { kind: 'reset', afterBytes: 200 }],
    ['half open in the middle of the body', { kind: 'halfOpen', afterBytes: 200 }],
    ['cut body', { kind: 'cut', afterBytes: 200 }],
    ['not JSON', { kind: 'status', status: 200, body: '<html></html>' }],
  ] as const)('the first list is tried again after %s', async (_name, fault) => {
    proxy.inject({ fault, times: 2, when: isList });
    reflector.start(stop.signal);
    await reflector.whenSynced();
    expect(proxy.struck).toBe(2);
    await converged();
  }, 60_000);

  test('lists at once when its version has grown old, and after a pause when a new one is refused', async () => {
    const pauses: number[] = [];
    const aging = new Reflector<ConfigMap>({ client, resource: resources.configMaps, namespace, clock, log: { ...silentLog, warn: (fields) => pauses.push(Number((fields as { pauseMs: number }).pauseMs)) } });
    aging.start(stop.signal);
    await aging.whenSynced();
    await until('the watch is open', () => proxy.requests.some(isWatch));
    await new Promise((resolve) => setTimeout(resolve, 31_000 / speed));
    strikeWatch({ kind: 'status', status: 410, body: status(410, 'Expired') }, 2);
    await until('three failures are over', () => pauses.length >= 3 && aging.status().failure === undefined);
    expect(proxy.struck).toBe(2);
    const [reset, old, refused] = pauses;
    expect([reset, old, refused]).toEqual([expect.any(Number), 0, expect.any(Number)]);
    expect([reset! > 0, refused! > 0]).toEqual([true, true]);
    stop.abort();
    await aging.whenStopped();
  }, 30_000);

  test('survives kill -9 of the API server and its return, without a list', async () => {
    reflector.start(stop.signal);
    await reflector.whenSynced();
    await until('the watch is open', () => proxy.requests.some(isWatch));
    const listsBefore = proxy.requests.filter(isList).length;
    await api.kill();
    await until('the failure shows', () => reflector.status().failure !== undefined);
    expect(reflector.isSynced).toBe(true);
    await api.start();
    await changeEverything('after');
    await converged();
    expect(proxy.requests.filter(isList).length).toBe(listsBefore);
  }, 180_000);

  test('drops what its transform drops, and managedFields always', async () => {
    const narrow = new Reflector<ConfigMap>({
      client,
      resource: resources.configMaps,
      namespace,
      clock,
      transform: (object) => (object.metadata.name === 'deleted' ? undefined : { ...object, data: {} }),
    });
    narrow.start(stop.signal);
    await narrow.whenSynced();
    expect(narrow.items().map((object) => object.metadata.name).filter((name) => name !== 'kube-root-ca.crt').sort()).toEqual(['changed', 'kept']);
    expect(narrow.get({ namespace, name: 'kept' })).toMatchObject({ data: {} });
    expect(narrow.get({ namespace, name: 'kept' })!.metadata).not.toHaveProperty('managedFields');
    stop.abort();
    await narrow.whenStopped();
  });
});

function clientThrough(proxy: FaultyProxy, how: { ca: string; clock: FastClock }): KubeClient {
  return new KubeClient({ server: proxy.url, ...how, token: () => Promise.resolve('admin-token-of-a-test'), userAgent: 'keelson-test' });
}

function versions(objects: readonly KubeObject[]): Record<string, string> {
  return Object.fromEntries(objects.map((object) => [keyOf(object.metadata), `${object.metadata.uid}@${object.metadata.resourceVersion}`]));
}

function follow(mirror: Map<string, string>, change: Change<ConfigMap>): void {
  const { uid, resourceVersion } = change.object.metadata;
  const key = keyOf(change.object.metadata);
  // What is wrong stays in the mirror, which then equals nothing.
  if ((change.type === 'added') === mirror.has(key)) mirror.set(`${key} ${change.type} out of order`, '');
  if (change.type === 'deleted') mirror.delete(key);
  else mirror.set(key, `${uid}@${resourceVersion}`);
}

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
