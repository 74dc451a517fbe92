/** Controllers, leader election, events and the manager against a real API server behind a faulty proxy. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { EventRecorder, isKubeError, KubeClient, KubeMetrics, type KubeObject, LeaderElection, resources, runManager } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { type FaultyProxy, startFaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { configMap, type ConfigMap } from './config-map.ts';
import { copier, copiesAreRight } from './copier.ts';
import { FastClock } from './fast-clock.ts';
import { until } from './until.ts';

const { configMaps } = resources;

describeWith(apiServerNeeds, 'controllers behind a faulty proxy', () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  let client: KubeClient;
  let clock: FastClock;
  let stop: AbortController;
  let namespace: string;
  let serial = 0;

  beforeAll(async () => {
    api = await startApiServer();
  }, 180_000);
  afterAll(() => api?.stop());
  beforeEach(async () => {
    namespace = `controllers-${++serial}`;
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    proxy = await startFaultyProxy(api);
    clock = new FastClock(20);
    client = clientWith({});
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    client.close();
    await until('all sockets are closed', () => proxy.connections === 0);
    await until('all timers are gone', () => clock.pending === 0);
    await proxy.stop();
  });

  const clientWith = (more: Partial<ConstructorParameters<typeof KubeClient>[0]>): KubeClient =>
    new KubeClient({ server: proxy.url, ca: api.ca.cert, token: () => Promise.resolve(api.adminToken), userAgent: 'keelson-test', clock, ...more });

  test('a controller goes on after kill -9 of the API server', async () => {
    const { controller } = copier({ client, namespace, clock });
    const done = controller.start(stop.signal);
    await api.client.create(configMaps, configMap(namespace, 'before', { a: '1' }, { role: 'source' }));
    await until('the first copy is there', () => copiesAreRight(api.client, namespace));
    await api.kill();
    await api.start();
    await api.client.create(configMaps, configMap(namespace, 'after', { a: '2' }, { role: 'source' }));
    await until('the second copy is there', () => copiesAreRight(api.client, namespace), 60_000);
    expect(await api.client.get<ConfigMap>(configMaps, { namespace, name: 'copy-of-after' })).toMatchObject({ data: { a: '2' } });
    stop.abort();
    await done;
  }, 180_000);

  test('two instances: one leads, hands over on stop, and the other exits when it cannot renew', async () => {
    const log: string[] = [];
    const campaign = (identity: string, signal: AbortSignal): Promise<void> =>
      new LeaderElection({ client: api.client, namespace, name: 'lease', identity, clock, leaseDurationMs: 300_000, renewDeadlineMs: 200_000, retryPeriodMs: 8_000 }).run(signal, async (leading) => {
        log.push(`${identity} leads`);
        await new Promise<void>((resolve) => leading.addEventListener('abort', () => resolve(), { once: true }));
        log.push(`${identity} ends${isKubeError(leading.reason) ? `: ${leading.reason.code}` : ''}`);
      });
    const stopA = new AbortController();
    const a = campaign('a', stopA.signal);
    await until('a leads', () => log.length === 1);
    const b = campaign('b', stop.signal);
    b.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(log).toEqual(['a leads']);
    stopA.abort();
    await a;
    await until('b leads', () => log.length === 3);
    expect(log).toEqual(['a leads', 'a ends', 'b leads']);
    expect(await api.client.get(resources.leases, { namespace, name: 'lease' })).toMatchObject({ spec: { holderIdentity: 'b', leaseTransitions: 1 } });
    await api.kill();
    await expect(b).rejects.toMatchObject({ code: 'KUBE_LEADERSHIP_LOST' });
    expect(log.at(-1)).toBe('b ends: KUBE_LEADERSHIP_LOST');
    await api.start();
  }, 180_000);

  test('events are stored as series that kubectl can show', async () => {
    const recorder = new EventRecorder({ client, controller: 'keelson.dev/test', instance: 'i', clock });
    const done = recorder.start(stop.signal);
    const subject = await api.client.create(configMaps, configMap(namespace, 'subject'));
    for (let i = 0; i < 3; i++) recorder.event(subject, 'Warning', 'Tested', 'the same again');
    await until('the series is there', async () => (await api.client.list<KubeObject & { series?: { count: number } }>(resources.coreEvents, { namespace })).items[0]?.series?.count === 3);
    stop.abort();
    await done;
    const { items } = await api.client.list(resources.events, { namespace });
    expect(items).toMatchObject([{ reason: 'Tested', note: 'the same again', series: { count: 3 }, regarding: { name: 'subject', uid: subject.metadata.uid } }]);
  });

  test('a manager serves health and metrics, leads, works, and gives everything back on stop', async () => {
    const registry = new Registry();
    const metrics = new KubeMetrics(registry);
    client.close();
    client = clientWith({ metrics });
    const { controller } = copier({ client, namespace, clock, metrics });
    const ports = Promise.withResolvers<{ health: number; metrics: number | undefined }>();
    proxy.inject({ fault: { kind: 'status', status: 500 }, times: 3, when: (request) => request.url.includes('configmaps') });
    const done = runManager({
      signal: stop.signal,
      controllers: [controller],
      leaderElection: { client, namespace, name: 'manager', identity: 'one', clock, observer: metrics.leaderObserver('manager') },
      health: { port: 0, host: '127.0.0.1' },
      metrics: { port: 0, host: '127.0.0.1', registry },
      onListening: ports.resolve,
    });
    const at = await ports.promise;
    const page = async (port: number | undefined, path: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return `${response.status} ${await response.text()}`;
    };
    expect(await page(at.health, '/readyz')).toMatch(/^503 \[\+\]shutdown ok\n\[-\]cache configmaps in controllers-\d+ failed: /);
    expect(await page(at.health, '/healthz')).toBe('200 [+]ping ok\nok\n');
    await api.client.create(configMaps, configMap(namespace, 'one', { a: '1' }, { role: 'source' }));
    await until('the copy is there', async () => (await copiesAreRight(api.client, namespace)) && (await page(at.health, '/readyz')).startsWith('200'));
    const exposition = await page(at.metrics, '/metrics');
    for (const line of ['leader_election_master_status{name="manager"} 1', 'workqueue_depth{name="copier"} 0', 'controller_runtime_max_concurrent_reconciles{controller="copier"} 4', 'rest_client_requests_total{code="500",method="GET"']) {
      expect(exposition).toContain(line);
    }
    await until('a reconcile is counted', async () => /controller_runtime_reconcile_total\{controller="copier",result="requeue_after"\} [1-9]/.test(await page(at.metrics, '/metrics')));
    stop.abort();
    await done;
    expect(await api.client.get(resources.leases, { namespace, name: 'manager' })).toMatchObject({ spec: { holderIdentity: '' } });
    await expect(page(at.health, '/healthz')).rejects.toThrow();
  }, 60_000);
});
