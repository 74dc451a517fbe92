/** The command `net-exporter probe` against servers on loopback: every kind of place, its table, its JSON, its exit code. */
import { createServer as createHttps } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { systemClock } from '../../../exporters/core/clock.ts';
import { placeOf } from '../../../exporters/net/command/place.ts';
import { runProbe } from '../../../exporters/net/command/probe.ts';
import { EchoServer } from '../../../exporters/net/mesh/echo-server.ts';
import { createCa } from '../../fixtures/certificates.ts';
import { DnsServer } from './field/liars/dns-server.ts';
import { NtpServer } from './field/liars/ntp-server.ts';

describe('net-exporter probe', () => {
  const servers: Server[] = [];
  const listen = async (server: Server, at: string, port = 0): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, at, resolve));
    return (server.address() as AddressInfo).port;
  };
  const echo = new EchoServer({ host: undefined, port: 0, maxPerSecond: 1000, clock: systemClock, onDropped: () => undefined, onError: (error) => { throw error; } });
  const dns = new DnsServer({ 'both.example.': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] } });
  const clock = new NtpServer();
  let udp: number, tcp: number, https: number, dnsPort: number, ntpPort: number, closed: number;

  beforeAll(async () => {
    udp = await echo.start();
    tcp = await listen(createServer(), '127.0.0.1');
    await listen(createServer(), '::1', tcp);
    const pair = await (await createCa()).issue({ commonName: 'registry', dnsNames: ['registry.example'], usage: 'server', notAfter: new Date('2099-01-02T03:04:05Z') });
    https = await listen(createHttps(pair, ({ url }, response) => response.writeHead(url === '/401' ? 401 : 200).end()), '127.0.0.1');
    [dnsPort, ntpPort] = [await dns.listen('127.0.0.1', 0), await clock.listen('127.0.0.1', 0)];
    const closing = createServer();
    closed = await listen(closing, '127.0.0.1');
    await new Promise((resolve) => closing.close(resolve));
  });
  afterAll(async () => {
    await Promise.all([echo.stop(), dns.close(), clock.close(), ...servers.map((server) => new Promise((resolve) => server.close(resolve)))]);
  });

  const addresses: Record<string, readonly string[]> = { 'both.example': ['127.0.0.1', '::1'], 'registry.example': ['127.0.0.1'] };
  async function run(...argv: string[]): Promise<{ code: number; text: string; rows: string[][] }> {
    let text = '';
    const names = { addresses: (name: string) => (addresses[name] ? Promise.resolve(addresses[name]) : Promise.reject(new Error('ENOTFOUND'))) };
    const code = await runProbe(['--udp-port', String(udp), '--timeout', '0.3', ...argv], { write: (written) => void (text += written), mtu: () => '1500', names });
    return { code, text, rows: text.trimEnd().split('\n').map((line) => line.split(/ {2,}/)) };
  }
  const time = expect.stringMatching(/^[\d.e+-]+ ms$/) as string;

  test('a host: a connection and a train of datagrams to each of its addresses, with jitter', async () => {
    const { code, rows } = await run(`both.example:${tcp}`);
    expect(rows).toEqual([
      ['HOST', 'ADDRESS', 'TCP', 'UDP', 'JITTER', 'LOSS', 'LARGE LOST', 'REORDERED', 'LOST ON THE WAY'],
      [`both.example:${tcp}`, '127.0.0.1', time, time, time, '0 %', '0 %', expect.stringMatching(/^\d+$/)],
      [`both.example:${tcp}`, '::1', time, time, time, '0 %', '0 %', expect.stringMatching(/^\d+$/)],
    ]);
    expect(code).toBe(0);
  });

  test('an address that takes no connection and sends no datagram back is a failure', async () => {
    const { code, rows } = await run(`both.example:${closed}`, '--count', '5', '--udp-port', String(closed));
    expect([code, rows[1]?.slice(1)]).toEqual([1, ['127.0.0.1', 'refused', '-', '-', '100 %', '100 %', '0']]);
  });

  test('without datagrams, and a name that nobody knows', async () => {
    const { code, rows } = await run(`127.0.0.1:${tcp}`, 'unknown.example', '--udp-port', '0');
    expect([code, rows.slice(1)]).toEqual([1, [[`127.0.0.1:${tcp}`, '127.0.0.1', time], ['unknown.example', expect.stringMatching('no_route')]]]);
  });

  test('dns://server/name: over both protocols, with the addresses of both families', async () => {
    dns.lies = [{ protocol: 'tcp', rcode: 'REFUSED' }];
    const place = `dns://127.0.0.1:${dnsPort}/both.example.`;
    const { code, rows } = await run(place);
    expect(rows).toEqual([
      ['HOST', 'ADDRESS', 'NAME', 'OVER', 'RESULT', 'TIME', 'ADDRESSES'],
      [place, '127.0.0.1', 'both.example.', 'udp', 'NOERROR', time, '192.0.2.1 2001:db8:0:0:0:0:0:1'],
      [place, '127.0.0.1', 'both.example.', 'tcp', 'REFUSED', time],
    ]);
    expect(code).toBe(1);
    dns.lies = [];
    expect((await run(place)).code).toBe(0);
  });

  test('ntp://server: offset and stratum; a clock that is not set is a failure', async () => {
    clock.lies = [{ offsetSeconds: 2 }];
    const place = `ntp://127.0.0.1:${ntpPort}`;
    expect((await run(place)).rows[1]).toEqual([place, '127.0.0.1', 'ok', time, '2.00e+3 ms', '1']);
    clock.lies = [{ leap: 3 }];
    const { code, rows } = await run(place);
    expect([code, rows[1]?.slice(2)]).toEqual([1, ['unsynchronized leap 3, stratum 1', time, '-', '-']]);
  });

  test('https://…: verified unless told otherwise, with the end of the certificate', async () => {
    const place = `https://registry.example:${https}/`;
    expect(await run(place)).toMatchObject({ code: 1, rows: [expect.anything(), [place, '127.0.0.1', expect.stringMatching(/^protocol: certificate: /), '-', '2099-01-02 03:04']] });
    expect(await run(place, '--insecure')).toMatchObject({ code: 0, rows: [expect.anything(), [place, '127.0.0.1', 'ok', time, '2099-01-02 03:04']] });
    expect(await run(`${place}401`, '--insecure')).toMatchObject({ code: 1, rows: [expect.anything(), [`${place}401`, '127.0.0.1', 'protocol: status 401', '-', '2099-01-02 03:04']] });
  });

  test('several kinds have a table each; as JSON they are one list', async () => {
    const argv = [`127.0.0.1:${tcp}`, `ntp://127.0.0.1:${ntpPort}`, `127.0.0.1:${closed}`];
    clock.lies = [];
    const { rows } = await run(...argv);
    expect(rows.map(([first]) => first)).toEqual(['HOST', argv[0], argv[2], '', 'HOST', argv[1]]);
    const found = JSON.parse((await run(...argv, '--json')).text) as { host: string; kind: string; isUp: boolean }[];
    expect(found.map(({ host, kind, isUp }) => [host, kind, isUp])).toEqual([[argv[0], 'mesh', true], [argv[1], 'ntp', true], [argv[2], 'mesh', false]]);
    expect(found[1]).toMatchObject({ result: 'ok', stratum: 1, offset: expect.closeTo(0) });
    expect(found[0]).toMatchObject({ address: '127.0.0.1', tcp: { kind: 'connected' }, udp: { small: { sent: 20, lost: 0 } } });
  });

  test.each<[string[], string]>([
    [[], 'no place is named'], [['ftp://host/'], 'ftp is not probed; http, https, dns and ntp are'], [['dns://10.96.0.10'], 'the name to ask for is missing'], [['dns://10.96.0.10/a..b'], 'the name to ask for is missing or is none'], [['dns://10.96.0.10/%zz'], 'the name to ask for is missing or is none'],
    [['host:0'], 'it is no host, host:port or [address]:port'], [['host:65536'], 'it is no host'], [['a b'], 'it is no host'], [['https://'], 'it is no address'],
    [['host', '--count', '0.5'], '--count=0.5 is not a number that makes sense there'], [['host', '--tcp'], '--help lists the flags'],
  ])('%j is refused', async (argv, message) => {
    await expect(run(...argv)).rejects.toMatchObject({ code: 'PROBE_USAGE', message: expect.stringContaining(message) as string });
  });

  test('addresses of both families, with and without a port', () => {
    expect(['fd00::1', '[fd00::1]:80', '10.0.0.1:80', 'web-1.example', 'ntp://[fd00::1]', 'dns://[fd00::1]:5353/www.example.'].map(placeOf).map(({ kind, host, port }) => [kind, host, port])).toEqual([
      ['mesh', 'fd00::1', undefined], ['mesh', 'fd00::1', 80], ['mesh', '10.0.0.1', 80], ['mesh', 'web-1.example', undefined], ['ntp', 'fd00::1', undefined], ['dns', 'fd00::1', 5353],
    ]);
  });

  test('help says what can be named', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, text: expect.stringContaining('dns://') as string });
  });
});
