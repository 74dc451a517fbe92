import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { KubeClient, silentLog, systemClock } from '../../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { ApiProbe } from '../../../../provisioner/operators/monitoring/api-probe.ts';
import { createCa, type TestCa } from '../../../fixtures/certificates.ts';

const cluster = (name: string, more: object = {}): Cluster => ({
  apiVersion: '', kind: 'Cluster', metadata: { name, namespace: 'org', labels: { 'keelson.dev/managed': 'true' }, ...more }, status: { initialization: { controlPlaneInitialized: true } },
});

describe('the probe of API servers', () => {
  let ca: TestCa;
  let other: TestCa;
  let status = 200;
  let server: Server;
  let silent: TcpServer;
  const urlOf = (s: Server | TcpServer): string => `https://127.0.0.1:${(s.address() as AddressInfo).port}`;

  beforeAll(async () => {
    ca = await createCa();
    other = await createCa();
    const { cert, key } = await ca.issue({ commonName: 'api', addresses: ['127.0.0.1'], usage: 'server' });
    server = createServer({ cert, key }, (request, response) => response.writeHead(request.url === '/readyz' ? status : 404).end('x'));
    silent = createTcpServer(() => undefined);
    await Promise.all([server, silent].map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    silent.close();
  });

  /** @param timeoutMs short only where it is what the test is about: a busy machine takes its time for a handshake */
  const resultOf = async (client: KubeClient | undefined, { clusters = [cluster('a')], timeoutMs = 4000 } = {}): Promise<Map<string, string>> => {
    const stop = new AbortController();
    const probe = new ApiProbe({ clusters: { items: () => clusters }, remotes: { client: () => Promise.resolve(client) }, clock: systemClock, log: silentLog, intervalMs: 50, timeoutMs });
    const done = probe.start(stop.signal);
    const endsAt = Date.now() + 4500;
    while (!probe.results().size && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    await done;
    client?.close();
    return new Map([...probe.results()].map(([key, { failure }]) => [key, failure ?? 'ok']));
  };
  const clientOf = (server: string, issuer = ca): KubeClient => new KubeClient({ server, ca: issuer.cert, token: () => Promise.resolve('t'), userAgent: 'test' });

  test.each<[string, number]>([['ok', 200], ['not_ready', 500], ['refused', 401], ['refused', 403], ['not_ready', 503]])('%s for status %i', async (outcome, answered) => {
    status = answered;
    expect(await resultOf(clientOf(urlOf(server)))).toEqual(new Map([['org/a', outcome]]));
  });
  test('timeout for one that takes the connection and says nothing', async () => expect(await resultOf(clientOf(urlOf(silent)), { timeoutMs: 400 })).toEqual(new Map([['org/a', 'timeout']])));
  test('certificate for one that another CA vouches for', async () => expect(await resultOf(clientOf(urlOf(server), other))).toEqual(new Map([['org/a', 'certificate']])));
  test('unreachable where nobody listens', async () => expect(await resultOf(clientOf('https://127.0.0.1:1'))).toEqual(new Map([['org/a', 'unreachable']])));
  test('no_credentials while there is no kubeconfig', async () => expect(await resultOf(undefined)).toEqual(new Map([['org/a', 'no_credentials']])));
  test('one that is gone is forgotten', async () => {
    status = 200;
    const [client, stop, clusters] = [clientOf(urlOf(server)), new AbortController(), [cluster('a'), cluster('b')]];
    const probe = new ApiProbe({ clusters: { items: () => clusters }, remotes: { client: () => Promise.resolve(client) }, clock: systemClock, log: silentLog, intervalMs: 50, timeoutMs: 4000 });
    const done = probe.start(stop.signal);
    const until = async (keys: string): Promise<void> => {
      for (let left = 300; left > 0 && [...probe.results().keys()].sort().join() !== keys; left--) await new Promise((resolve) => setTimeout(resolve, 10));
      expect([...probe.results().keys()].sort().join()).toBe(keys);
    };
    try {
      await until('org/a,org/b');
      clusters.pop();
      await until('org/a');
    } finally {
      stop.abort();
      await done;
      client.close();
    }
  });
  test('a Cluster that is being made, being deleted or not ours is not asked', async () => {
    status = 200;
    const others = [{ ...cluster('made'), status: {} }, cluster('going', { deletionTimestamp: '2026-01-01T00:00:00Z' }), cluster('foreign', { labels: {} })];
    expect([...(await resultOf(clientOf(urlOf(server)), { clusters: [...others, cluster('ours')] })).keys()]).toEqual(['org/ours']);
  });
});
