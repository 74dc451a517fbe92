/** The relay before a real API server, which knows tokens and rights, with components of its own on loopback. */
import { createServer, request } from 'node:https';
import { createServer as plainServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import { runMetricsRelay } from '../../../provisioner/metrics-relay/relay.ts';
import { targets } from '../../../provisioner/metrics-relay/targets.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { createCa } from '../../fixtures/certificates.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { eventually } from '../operators/surroundings.ts';

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

test('what is relayed are the loopback ports of kubeadm, and each asks for what it should', () => {
  expect(Object.entries(targets).map(([name, { url, knowsCallers }]) => [name, url.href, knowsCallers])).toEqual([
    ['etcd', 'http://127.0.0.1:2381/metrics', false], ['kube-scheduler', 'https://127.0.0.1:10259/metrics', true], ['kube-controller-manager', 'https://127.0.0.1:10257/metrics', true], ['openstack-cloud-controller-manager', 'https://127.0.0.1:10258/metrics', false],
  ]);
});

describeWith(apiServerNeeds, 'the metrics relay', () => {
  let api: ApiServer;
  let port: number;
  let done: Promise<void>;
  const stop = new AbortController();
  const components: Server[] = [];
  const seen: IncomingHttpHeaders[] = [];
  let respond: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    api = await startApiServer();
    const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
      seen.push(incoming.headers);
      respond(incoming, response);
    };
    const pair = await (await createCa()).issue({ commonName: 'localhost', dnsNames: ['localhost'], usage: 'server' });
    components.push(plainServer(handle), createServer(pair, handle) as unknown as Server);
    const [etcd, scheduler] = [await listening(components[0]!), await listening(components[1]!)];
    await api.client.create(resources.clusterRoles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader' }, rules: [{ nonResourceURLs: ['/metrics/etcd'], verbs: ['get'] }] });
    await api.client.create(resources.clusterRoleBindings, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'reader' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }] });
    port = await new Promise((resolve, reject) => {
      done = runMetricsRelay({
        client: api.client, token: async () => 'own-token', listen: '127.0.0.1:0', name: 'demo-control-plane', log: silentLog, timeoutMs: 700, onListening: resolve,
        targets: {
          etcd: { url: new URL(`http://127.0.0.1:${etcd}/metrics`), knowsCallers: false },
          'kube-scheduler': { url: new URL(`https://127.0.0.1:${scheduler}/metrics`), knowsCallers: true },
          gone: { url: new URL('http://127.0.0.1:1/metrics'), knowsCallers: false },
        },
      }, stop.signal);
      done.catch(reject);
    });
  }, 180_000);
  beforeEach(() => {
    seen.length = 0;
    respond = (_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end('etcd_server_has_leader 1\n');
  });
  afterAll(async () => {
    stop.abort();
    await done;
    for (const server of components) { server.closeAllConnections(); server.close(); }
    await api.stop();
  });

  const ask = (path: string, o: { token?: string; method?: string; headers?: IncomingHttpHeaders } = {}): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method: o.method ?? 'GET', agent: false, rejectUnauthorized: false, headers: { ...o.headers, ...(o.token === undefined ? {} : { authorization: `Bearer ${o.token}` }) } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) })).on('error', reject);
      }).on('error', reject).end();
    });
  const text = async (...of: Parameters<typeof ask>): Promise<[number, string]> => {
    const { status, body } = await ask(...of);
    return [status, body.toString()];
  };

  test('who may get a path gets it, and only that one; the token goes no further', async () => {
    // The authorizer has new rights by a watch, a moment after they were written.
    const answer = await eventually(async () => {
      const [status, body] = await text('/metrics/etcd', { token: api.nobodyToken });
      return status !== 403 && [status, body];
    });
    expect(answer).toEqual([200, 'etcd_server_has_leader 1\n']);
    expect(seen[0]?.authorization).toBeUndefined();
    expect(await text('/metrics/kube-scheduler', { token: api.nobodyToken })).toEqual([403, expect.stringMatching(/nobody may not get \/metrics\/kube-scheduler: give it a ClusterRole/)]);
    expect(seen).toHaveLength(1);
    expect(await text('/metrics/kube-scheduler', { token: api.adminToken })).toEqual([200, 'etcd_server_has_leader 1\n']);
    expect(seen[1]?.authorization).toBe('Bearer own-token');
  });

  test.each([
    ['nobody', {}, 401], ['somebody the API server does not know', { token: 'made-up' }, 401], ['a client certificate or password instead', { headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } }, 401],
    ['another method', { method: 'POST', token: 'x' }, 405],
  ])('%s is turned away', async (_who, o, status) => {
    expect((await ask('/metrics/etcd', o)).status).toBe(status);
    expect(seen).toEqual([]);
  });

  test.each(['/metrics', '/metrics/', '/metrics/etcd/', '/metrics/etcd?x=1', '/metrics/other', '//metrics/etcd', '/debug/pprof', '/'])('%s is nothing that is relayed', async (path) => {
    expect((await ask(path, { token: api.adminToken })).status).toBe(404);
    expect(seen).toEqual([]);
  });

  test('format and coding are those that the caller reads', async () => {
    respond = (incoming, response) => response.setHeader('content-type', String(incoming.headers.accept)).setHeader('content-encoding', 'gzip').end(gzipSync('x 1\n'));
    const { headers, body } = await ask('/metrics/etcd', { token: api.adminToken, headers: { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' } });
    expect(headers).toMatchObject({ 'content-type': 'application/openmetrics-text', 'content-encoding': 'gzip' });
    expect(body).toEqual(gzipSync('x 1\n'));
    expect(seen[0]?.['accept-encoding']).toBe('gzip');
  });

  test('a component that is away, refuses, is slow or breaks off is a failed scrape that says why', async () => {
    expect(await text('/metrics/gone', { token: api.adminToken })).toEqual([502, expect.stringMatching(/127\.0\.0\.1:1: .*does the component run/)]);
    respond = (_, response) => response.writeHead(403).end();
    expect(await text('/metrics/kube-scheduler', { token: api.adminToken })).toEqual([502, expect.stringMatching(/answered 403; may the relay's service account/)]);
    respond = () => undefined;
    expect(await text('/metrics/etcd', { token: api.adminToken })).toEqual([504, expect.stringMatching(/no whole answer within 700 ms/)]);
    respond = (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 50);
    };
    await expect(ask('/metrics/etcd', { token: api.adminToken })).rejects.toThrow(/aborted|hang up|terminated/);
  });

  test('probes need no token, and say nothing', async () => {
    expect(await text('/healthz')).toEqual([200, 'ok\n']);
  });

  test('while the API server is away nobody gets in', async () => {
    await api.kill();
    expect((await ask('/metrics/etcd', { token: api.adminToken })).status).toBeGreaterThanOrEqual(500);
    expect(seen).toEqual([]);
    await api.start();
    expect((await ask('/metrics/etcd', { token: api.adminToken })).status).toBe(200);
  }, 60_000);
});
