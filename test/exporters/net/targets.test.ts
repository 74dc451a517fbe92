/** Targets outside, on loopback: every type, every way to fail, and the certificate that was served. */
import { X509Certificate } from 'node:crypto';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { systemClock } from '../../../exporters/core/clock.ts';
import { measuredFamilies } from '../../../exporters/net/catalogue.ts';
import { schema } from '../../../exporters/net/config.ts';
import { Meter } from '../../../exporters/net/meter.ts';
import { recordTargets, targetsRound, type TargetRound } from '../../../exporters/net/targets/round.ts';
import { createCa, type PemPair, type TestCa } from '../../fixtures/certificates.ts';
import { DnsServer } from './field/liars/dns-server.ts';

const address = '127.0.0.1';
const never = new AbortController().signal;
const expiry = ({ cert }: PemPair): number => Date.parse(new X509Certificate(cert).validTo) / 1000;

describe('targets', () => {
  const servers: Server[] = [];
  const connections = new Set<Socket>();
  const listen = async (server: Server, at: string = address): Promise<number> => {
    servers.push(server.on('connection', (socket: Socket) => connections.add(socket.on('error', () => undefined))));
    await new Promise<void>((resolve) => server.listen(0, at, resolve));
    return (server.address() as AddressInfo).port;
  };
  const dns = new DnsServer({ 'www.example.': { a: ['192.0.2.1'] }, 'six.example.': { aaaa: ['2001:db8::1'] } });
  let ca: TestCa;
  let [good, expired]: PemPair[] = [];
  let ports: Record<'http' | 'https' | 'expired' | 'silent' | 'reset' | 'closed' | 'dns', number>;
  /** Names that clients asked for in their handshakes; false where they named none. */
  const asked: (string | false)[] = [];
  const requests: { readonly host: string | undefined; readonly url: string | undefined }[] = [];

  beforeAll(async () => {
    ca = await createCa();
    [good, expired] = await Promise.all([
      ca.issue({ commonName: 'registry', dnsNames: ['registry.example'], addresses: [address], usage: 'server' }),
      ca.issue({ commonName: 'old', dnsNames: ['registry.example'], usage: 'server', notAfter: new Date(Date.now() - 3_600_000) }),
    ]);
    const answer: RequestListener = ({ url, headers: { host } }, response) => {
      requests.push({ host, url });
      const status = Number(/^\/(\d+)/.exec(url ?? '')?.[1] ?? 200);
      if (url !== '/silence') response.writeHead(status, { location: '/elsewhere' }).end('a body that nobody reads'.repeat(10_000));
    };
    const https = createHttps({ ...good, SNICallback: (name, done) => { asked.push(name); done(null); } }, answer);
    https.on('secureConnection', ({ servername }) => { if (!servername) asked.push(false); });
    const closing = createServer();
    ports = {
      http: await listen(createHttp(answer)), https: await listen(https), expired: await listen(createHttps(expired!, answer)), silent: await listen(createServer()),
      reset: await listen(createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))), closed: await listen(closing), dns: await dns.listen(address, 0),
    };
    await new Promise((resolve) => closing.close(resolve));
  });
  afterAll(async () => {
    for (const socket of connections) socket.destroy();
    await Promise.all([dns.close(), ...servers.map((server) => new Promise((resolve) => server.close(resolve)))]);
  });

  /** @param target without its name, and a wait of a quarter of a second */
  async function probe(target: object): Promise<TargetRound> {
    const { targets } = schema.parse({ targets: [{ name: 't', timeoutSeconds: 0.25, ...target }] });
    const known: Record<string, readonly string[]> = { 'registry.example': [address], 'other.example': [address] };
    const files: Record<string, string> = { '/ca.pem': ca.cert };
    const [round] = await targetsRound({
      targets, random: Math.random, clock: systemClock,
      resolve: (name) => (known[name] ? Promise.resolve(known[name]) : Promise.reject(new Error('ENOTFOUND'))), readFile: (path) => (files[path] ? Promise.resolve(files[path]) : Promise.reject(new Error('ENOENT'))),
    }, never);
    return round!;
  }
  const https = (over: object = {}, where = 'registry.example', path = '/'): object => ({ type: 'http', url: `https://${where}:${ports.https}${path}`, caFile: '/ca.pem', timeoutSeconds: 5, ...over });
  const well = { error: undefined, detail: '', seconds: expect.any(Number) as number };

  describe('TCP', () => {
    test('by address and by name', async () => {
      for (const host of [address, 'registry.example']) expect(await probe({ type: 'tcp', host, port: ports.silent })).toMatchObject({ ...well, certificateNotAfter: undefined });
    });

    test('refused, and a name that nobody knows', async () => {
      expect(await probe({ type: 'tcp', host: address, port: ports.closed })).toMatchObject({ error: 'refused', seconds: undefined });
      expect(await probe({ type: 'tcp', host: 'unknown.example', port: 1 })).toMatchObject({ error: 'no_route', detail: 'unknown.example has no address' });
    });
  });

  describe('DNS', () => {
    const question = (query: string, over: object = {}): object => ({ type: 'dns', server: address, port: ports.dns, query, ...over });
    test.each([false, true])('an address is an answer (TCP: %s)', async (tcp) => {
      expect(await probe(question('www.example.', { tcp }))).toMatchObject(well);
    });

    test('no address, no such name, an error, silence', async () => {
      expect(await probe(question('six.example.'))).toMatchObject({ error: 'EMPTY', seconds: undefined });
      expect(await probe(question('other.example.'))).toMatchObject({ error: 'NXDOMAIN' });
      dns.lies = [{ rcode: 'SERVFAIL' }];
      expect(await probe(question('www.example.'))).toMatchObject({ error: 'SERVFAIL', detail: 'www.example.' });
      dns.lies = [{ isDropped: true }];
      expect(await probe(question('www.example.'))).toMatchObject({ error: 'TIMEOUT' });
      dns.lies = [];
    });
  });

  describe('HTTP', () => {
    const http = (path: string, over: object = {}): object => ({ type: 'http', url: `http://${address}:${ports.http}${path}`, ...over });

    test.each<[string, number[], string | undefined]>([
      ['/200', [], undefined], ['/302', [], undefined], ['/401', [], 'status 401'], ['/503', [], 'status 503'],
      ['/401', [200, 401], undefined], ['/200', [200, 401], undefined], ['/302', [200, 401], 'status 302'],
    ])('%s where %j are expected: %s', async (path, statuses, problem) => {
      expect(await probe(http(path, { statuses }))).toMatchObject(problem === undefined ? well : { error: 'protocol', detail: problem, seconds: undefined });
    });

    test('is asked for by its own name and path, once: a redirection is an answer', async () => {
      requests.splice(0);
      await probe({ type: 'http', url: `http://registry.example:${ports.http}/302?a=b` });
      expect(requests).toEqual([{ host: `registry.example:${ports.http}`, url: '/302?a=b' }]);
    });

    test('no answer in time, a reset, and nobody there', async () => {
      expect(await probe(http('/silence'))).toMatchObject({ error: 'timeout', detail: 'no answer within 250 ms' });
      expect(await probe({ type: 'http', url: `http://${address}:${ports.reset}/` })).toMatchObject({ error: 'reset' });
      expect(await probe({ type: 'http', url: `http://${address}:${ports.closed}/` })).toMatchObject({ error: 'refused' });
    });
  });

  describe('HTTPS', () => {
    test('a certificate of the authority that is named, for the name that is asked for: up, with its end', async () => {
      asked.splice(0);
      expect(await probe(https())).toMatchObject({ ...well, certificateNotAfter: expiry(good!) });
      expect(asked).toEqual(['registry.example']);
    });

    test('by address: verified by the address, and no name is asked for', async () => {
      asked.splice(0);
      expect(await probe(https({}, address))).toMatchObject(well);
      // An IPv6 address with letters in it, which is this one.
      expect(await probe(https({ insecure: true }, '[::ffff:127.0.0.1]'))).toMatchObject(well);
      expect(asked).toEqual([false, false]);
    });

    test.each<[string, () => object, RegExp]>([
      ['an authority that nobody knows', () => https({ caFile: undefined }), /^certificate: .*(UNABLE_TO_VERIFY|SELF_SIGNED)/],
      ['another name', () => https({}, 'other.example'), /^certificate: .*: it is for DNS:registry\.example, IP Address:127\.0\.0\.1, not for other\.example$/],
    ])('%s: down as a failure of the protocol, and the end of the certificate is told all the same', async (_, target, detail) => {
      expect(await probe(target())).toMatchObject({ error: 'protocol', detail: expect.stringMatching(detail) as string, seconds: undefined, certificateNotAfter: expiry(good!) });
    });

    test('expired: down, with the end that it had', async () => {
      const round = await probe(https({ url: `https://registry.example:${ports.expired}/` }));
      expect(round).toMatchObject({ error: 'protocol', detail: 'certificate: CERT_HAS_EXPIRED', certificateNotAfter: expiry(expired!) });
      expect(round.certificateNotAfter).toBeLessThan(Date.now() / 1000);
    });

    test('insecure: any certificate will do, and its end is told', async () => {
      expect(await probe(https({ insecure: true, caFile: undefined }, 'other.example'))).toMatchObject({ ...well, certificateNotAfter: expiry(good!) });
      expect(await probe(https({ insecure: true, url: `https://registry.example:${ports.expired}/` }))).toMatchObject({ ...well, certificateNotAfter: expiry(expired!) });
    });

    test('a status that is not expected is down behind a good certificate', async () => {
      expect(await probe(https({}, 'registry.example', '/503'))).toMatchObject({ error: 'protocol', detail: 'status 503', certificateNotAfter: expiry(good!) });
    });

    test('no handshake: silence is a timeout, HTTP in its place a failure of the protocol', async () => {
      expect(await probe({ type: 'http', url: `https://${address}:${ports.silent}/` })).toMatchObject({ error: 'timeout', certificateNotAfter: undefined });
      expect(await probe({ type: 'http', url: `https://${address}:${ports.http}/` })).toMatchObject({ error: 'protocol', certificateNotAfter: undefined });
    });

    test('a file of authorities that cannot be read is said', async () => {
      expect(await probe(https({ caFile: '/gone.pem' }))).toMatchObject({ error: 'other', detail: '/gone.pem cannot be read' });
    });
  });

  test('as metrics: errors by kind add up, and the end of a certificate stays known while its target is away', async () => {
    const meter = new Meter(measuredFamilies);
    const lines = (): string[] => [...meter.snapshot().chunks('text')].join('').split('\n').filter((line) => line.startsWith('net_exporter_target_') && !line.includes('duration'));
    recordTargets(meter, [await probe(https())]);
    expect(lines()).toEqual(['net_exporter_target_up{target="t",type="http"} 1', `net_exporter_target_certificate_not_after{target="t"} ${expiry(good!)}`]);
    for (const path of ['/503', '/500']) recordTargets(meter, [await probe(https({}, 'registry.example', path))]);
    recordTargets(meter, [await probe(https({ url: `https://registry.example:${ports.closed}/` }))]);
    expect(lines()).toEqual([
      'net_exporter_target_up{target="t",type="http"} 0', 'net_exporter_target_errors_total{target="t",type="http",kind="protocol"} 2', 'net_exporter_target_errors_total{target="t",type="http",kind="refused"} 1',
      `net_exporter_target_certificate_not_after{target="t"} ${expiry(good!)}`,
    ]);
  });
});
