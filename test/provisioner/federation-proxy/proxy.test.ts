import { createServer, request, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { federationSelector as contract, prometheusUp as upstreamSeries } from '../../../monitoring/federation.ts';
import { runFederationProxy } from '../../../provisioner/federation-proxy/proxy.ts';
import { decide, federationSelector } from '../../../provisioner/federation-proxy/query.ts';
import { prometheusUp } from '../../../provisioner/federation-proxy/upstream-state.ts';

const allowed = `/federate?match[]=${encodeURIComponent(federationSelector)}`;

test('selector and series are those of the contract', () => expect([federationSelector, prometheusUp]).toEqual([contract, upstreamSeries]));

const isUp = `# TYPE ${prometheusUp} untyped\n${prometheusUp} 1\n`;

describe('decide', () => {
  test.each([allowed, `/federate?match%5B%5D=${encodeURIComponent(federationSelector)}`])('%s passes', (target) => expect(decide('GET', target)).toEqual({ kind: 'pass' }));
  test.each([
    ['POST', allowed], ['HEAD', allowed], ['DELETE', allowed], ['GET', '/federate'], ['GET', '/federate?match[]=up'], ['GET', '/metrics'], ['GET', '/-/healthy'],
    ['GET', `${allowed}&match[]=up`], ['GET', `${allowed}&match[]=${encodeURIComponent(federationSelector)}`], ['GET', `${allowed}&x=1`], ['GET', `/federate/?${allowed.split('?')[1]}`],
    ['GET', `//federate?${allowed.split('?')[1]}`], ['GET', `/x/../federate?${allowed.split('?')[1]}`], ['GET', `http://other${allowed}`], ['GET', `${allowed}?`], ['GET', ''],
    ['GET', `/federate?match[]=${encodeURIComponent('{__name__=~"keelson:.*|up"}')}`], ['GET', '/api/v1/query?query=up'], [undefined, undefined],
  ])('%s %s is refused', (method, target) => expect(decide(method, target)).toMatchObject({ kind: 'refuse' }));
});

describe('runFederationProxy', () => {
  let upstream: Server;
  let respond: RequestListener;
  let ports: { queries: number; metrics: number; health: number };
  const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const stop = new AbortController();
  let done: Promise<void>;

  beforeAll(async () => {
    upstream = createServer((incoming, response) => {
      seen.push({ url: incoming.url, headers: incoming.headers });
      respond(incoming, response);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    ports = await new Promise((onListening, reject) => {
      const { port } = upstream.address() as AddressInfo;
      done = runFederationProxy({ upstream: `http://127.0.0.1:${port}`, listen: '127.0.0.1:0', metricsListen: '127.0.0.1:0', healthListen: '127.0.0.1:0', timeoutMs: 500, maxBodyBytes: 10_000, onListening }, stop.signal);
      done.catch(reject);
    });
  });
  beforeEach(() => {
    seen.length = 0;
    respond = (_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end('keelson:up:ratio 1\n');
  });
  afterAll(async () => {
    stop.abort();
    await done;
    upstream.closeAllConnections();
    upstream.close();
  });

  const get = (path: string, headers: IncomingHttpHeaders = {}, port = ports.queries): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }));
      }).on('error', reject).end();
    });

  test('the allowed query is forwarded and its answer comes back', async () => {
    const { status, headers, body } = await get(allowed);
    expect([status, headers['content-type'], body.toString()]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', `keelson:up:ratio 1\n${isUp}`]);
    expect(new URL(seen[0]!.url!, 'http://x').searchParams.getAll('match[]')).toEqual([federationSelector]);
  });

  test('nothing of the caller reaches Prometheus', async () => {
    await get(allowed, { accept: 'application/openmetrics-text', authorization: 'Bearer secret', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' });
    expect(Object.keys(seen[0]!.headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
    expect(seen[0]!.headers.accept).toBe('text/plain;version=0.0.4');
  });

  test('answers are compressed for who asks', async () => {
    const { headers, body } = await get(allowed, { 'accept-encoding': 'gzip' });
    expect([headers['content-encoding'], gunzipSync(body).toString()]).toEqual(['gzip', `keelson:up:ratio 1\n${isUp}`]);
    expect((await get(allowed, { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
  });

  test('anything else is refused without a word to Prometheus', async () => {
    for (const path of ['/', '/metrics', '/api/v1/query?query=up', '/federate?match[]=up', '/api/v1/admin/tsdb/delete_series?match[]=up']) {
      const { status, body } = await get(path);
      expect([status, body.toString()]).toEqual([403, expect.stringContaining('only GET /federate')]);
    }
    expect(seen).toEqual([]);
  });

  test.each<[string, RequestListener, string, string]>([
    ['an error of Prometheus', (_, response) => response.writeHead(503).end('Service\nUnavailable'), 'upstream_status', 'answered 503: Service Unavailable'],
    ['an answer that never comes', () => undefined, 'upstream_timeout', 'did not answer within 500 ms'],
    ['a body that stops in the middle', (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('keelson'), 'upstream_timeout', 'did not answer within 500 ms'],
    ['a connection that breaks', (incoming) => incoming.socket.destroy(), 'upstream_unreachable', 'does the Prometheus run?'],
    ['a body without end', (_, response) => {
      const more = setInterval(() => response.write('x'.repeat(5000)), 1);
      response.on('close', () => clearInterval(more));
    }, 'too_large', 'sends more than 10000 bytes'],
  ])('%s is said by a series of its own, never by half a body', async (_, listener, reason, text) => {
    respond = listener;
    const { status, body } = await get(allowed);
    const lines = body.toString().trimEnd().split('\n');
    expect([status, lines]).toEqual([200, [expect.stringContaining(text), `# TYPE ${prometheusUp} untyped`, `${prometheusUp}{reason="${reason}"} 0`]]);
  });

  test('a scraper that waits less long is answered in time', async () => {
    respond = () => undefined;
    const begun = Date.now();
    const { body } = await get(allowed, { 'x-prometheus-scrape-timeout-seconds': '0.1' });
    expect(body.toString()).toContain('did not answer within 80 ms');
    expect(Date.now() - begun).toBeLessThan(450);
  });

  test('a crowd is turned away', async () => {
    respond = () => undefined;
    const statuses = (await Promise.all(Array.from({ length: 12 }, () => get(allowed)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  });

  test('metrics and health have ports of their own', async () => {
    const metrics = (await get('/metrics', {}, ports.metrics)).body.toString();
    expect(metrics).toMatch(/keelson_federation_requests_total\{result="refused"\} \d+/);
    expect((await get('/healthz', {}, ports.health)).status).toBe(200);
  });
});

test.each([[{ upstream: 'https://x', listen: ':0' }, '--upstream https://x'], [{ upstream: 'x', listen: ':0' }, '--upstream x'], [{ upstream: 'http://x', listen: '90' }, '--listen 90']])('%p is refused at start', async (options, text) => {
  await expect(runFederationProxy(options, new AbortController().signal)).rejects.toMatchObject({ code: 'options', message: expect.stringContaining(text) });
});
