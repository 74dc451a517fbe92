import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { processFamilies, type MetricFamily } from '../../../exporters/core/catalogue.ts';
import { parseAddress } from '../../../exporters/core/address.ts';
import { Health } from '../../../exporters/core/health.ts';
import { landingPage } from '../../../exporters/core/page.ts';
import { SelfMetrics } from '../../../exporters/core/self-metrics.ts';
import { acceptsGzip, ExporterServer } from '../../../exporters/core/server.ts';
import { SeriesStore } from '../../../exporters/core/store.ts';
import { FakeClock } from './fake-clock.ts';

const families: MetricFamily[] = [{ name: 'a', type: 'gauge', help: 'Help.', labels: ['path'], stability: 'stable', since: '0.1.0' }];
const counted: MetricFamily = { name: 'things_total', type: 'counter', help: 'Things.', labels: ['kind'], stability: 'stable', since: '0.1.0' };

describe('ExporterServer', () => {
  const store = new SeriesStore(families, new FakeClock());
  const self = new SelfMetrics([counted]);
  const health = new Health();
  const errors: unknown[] = [];
  let ready: string | undefined = 'first pass not done';
  let server: ExporterServer;
  let port: number;

  beforeAll(async () => {
    health.addReady('files', () => ready);
    self.counter('things_total').inc({ kind: 'small' }, 3);
    store.set('one', store.render([{ family: 'a', labels: { path: 'one' }, value: 1 }]));
    store.publish();
    server = new ExporterServer({ address: '127.0.0.1:0', snapshot: () => store.snapshot, self, health, page: (query) => Promise.resolve(`<p>hello ${query.get('q') ?? ''}</p>`), onError: (error) => errors.push(error) });
    port = await server.start();
  });
  afterAll(() => server.stop());

  const get = (path: string, headers: IncomingHttpHeaders = {}, method = 'GET'): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, headers, method }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }));
      }).on('error', reject).end();
    });

  test('plain scrapers get the old format with collected and own series', async () => {
    const { status, headers, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body.toString()).toContain('a{path="one"} 1\n');
    expect(body.toString()).toContain('things_total{kind="small"} 3\n');
    expect(body.toString()).not.toContain('# EOF');
  });

  test('every family on the page is in a catalogue', async () => {
    const names = [...(await get('/metrics')).body.toString().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const known = new Set([...families, counted, ...processFamilies].map(({ name }) => name));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...known]));
  });

  test('OpenMetrics ends with EOF and names counters without _total', async () => {
    const { headers, body } = await get('/metrics', { accept: 'application/openmetrics-text;version=1.0.0' });
    expect(headers['content-type']).toContain('application/openmetrics-text');
    expect(body.toString()).toContain('# TYPE things counter\n');
    expect(body.toString().endsWith('\n# EOF\n')).toBe(true);
  });

  test('gzip and plain answers hold the same collected series', async () => {
    const { headers, body } = await get('/metrics', { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body).toString()).toContain('a{path="one"} 1\n');
  });

  test('readiness names what is missing and turns with it', async () => {
    const before = await get('/readyz');
    expect(before.status).toBe(503);
    expect(before.body.toString()).toBe('[-]files first pass not done\nreadyz check failed\n');
    ready = undefined;
    expect((await get('/readyz')).status).toBe(200);
  });

  test.each([['/healthz', 200], ['/', 200], ['/metrics?x=1', 200], ['//', 404], ['/secret', 404]])('GET %s answers %i', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  test('other methods are refused', async () => {
    const { status, headers } = await get('/metrics', {}, 'POST');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('HEAD has the headers and no body', async () => {
    const { status, headers, body } = await get('/metrics', {}, 'HEAD');
    expect([status, headers['content-type'], body.length]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 0]);
  });

  test('a taken port is one clear error', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const taken = (other.address() as { port: number }).port;
    const second = new ExporterServer({ address: `127.0.0.1:${taken}`, snapshot: () => store.snapshot, self, health, page: () => Promise.resolve(''), onError: () => undefined });
    try {
      await expect(second.start()).rejects.toMatchObject({ code: 'LISTEN_FAILED', message: expect.stringContaining('the port is taken') });
    } finally {
      other.close();
    }
  });
});

describe('addresses', () => {
  test.each([[':9005', undefined, 9005], ['127.0.0.1:1', '127.0.0.1', 1], ['[::1]:9005', '::1', 9005], ['localhost:0', 'localhost', 0]])('%s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });
  test.each(['9005', 'a', '::1:9005', ':70000', ''])('"%s" is refused', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
  });
});

test.each([[undefined, false], ['gzip', true], ['deflate, gzip;q=1.0', true], ['gzip;q=0', false], ['*', true], ['br', false]])('Accept-Encoding %s: gzip %p', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});

test('the page escapes what it shows', () => {
  const html = landingPage({ title: '<b>', version: '1', description: 'a & b', sources: [{ name: '"x"', isUp: false, objects: 1, failure: '<i>', errors: { bad_pem: 2 } }] });
  expect(html).toContain('&lt;b&gt;');
  expect(html).toContain('&quot;x&quot;');
  expect(html).toContain('bad_pem: 2');
  expect(html).toContain('<b>down</b> &lt;i&gt;');
});
