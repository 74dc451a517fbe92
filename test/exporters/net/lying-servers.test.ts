/** The probes of DNS and NTP, as they run in the exporter, against servers that lie: on loopback, every lie once. */
import { systemClock, type Clock } from '../../../exporters/core/clock.ts';
import { measuredFamilies, type DnsResult, type NtpResult } from '../../../exporters/net/catalogue.ts';
import { ask, type Reply } from '../../../exporters/net/dns/ask.ts';
import { dnsRound, recordDns, viewOf, type DnsServerRound } from '../../../exporters/net/dns/round.ts';
import { Meter } from '../../../exporters/net/meter.ts';
import { clockOffset, Ntp, recordNtp, type NtpServerRound } from '../../../exporters/net/ntp/round.ts';
import { dnsFindings } from '../../../exporters/net/verdict/dns.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { DnsServer, type DnsLie } from './field/liars/dns-server.ts';
import { NtpServer, type NtpLie } from './field/liars/ntp-server.ts';

const address = '127.0.0.1';
const timeoutMs = 240;
const common = { clock: systemClock, random: Math.random, signal: new AbortController().signal };
/** Lines of some families, as they are scraped. */
const lines = (meter: Meter, ...names: readonly string[]): string[] => [...meter.snapshot().chunks('text')].join('').split('\n').filter((line) => names.some((name) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)));

describe('one question', () => {
  const server = new DnsServer({ 'both.example.': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'] }, 'four.example.': { a: ['192.0.2.4'] }, 'none.example.': {} });
  let port = 0;
  beforeAll(async () => { port = await server.listen(address, 0); });
  afterAll(() => server.close());
  const question = (proto: 'udp' | 'tcp', over: Partial<Parameters<typeof ask>[0]> = {}): Promise<Reply> => ask({ server: { address, port }, proto, name: 'both.example.', type: 'A', timeoutMs, ...common, ...over });
  const lied = (proto: 'udp' | 'tcp', ...lies: readonly DnsLie[]): Promise<Reply> => {
    server.lies = lies;
    return question(proto);
  };
  /** Asks, and takes the lie back once it has been told. */
  const liedOnce = async (lie: DnsLie): Promise<Reply> => {
    const before = server.asked.udp;
    const reply = lied('udp', lie);
    while (server.asked.udp === before) await new Promise((resolve) => setTimeout(resolve, 1));
    server.lies = [];
    return reply;
  };

  test.each(['udp', 'tcp'] as const)('%s: without a lie the addresses, of each family, and how long it took', async (proto) => {
    expect(await lied(proto)).toEqual({ result: 'NOERROR', seconds: expect.any(Number) as number, addresses: ['192.0.2.1', '192.0.2.2'] });
    expect((await question(proto, { type: 'AAAA' })).addresses).toEqual(['2001:db8:0:0:0:0:0:1']);
    expect(await question(proto, { name: 'unknown.example' })).toMatchObject({ result: 'NXDOMAIN', addresses: [] });
  });

  test.each<[string, DnsLie, DnsResult, DnsResult]>([
    ['a code of failure', { rcode: 'SERVFAIL' }, 'SERVFAIL', 'SERVFAIL'],
    ['a refusal', { rcode: 'REFUSED' }, 'REFUSED', 'REFUSED'],
    ['a question not understood', { rcode: 'FORMERR' }, 'FORMERR', 'FORMERR'],
    ['a question not known', { rcode: 'NOTIMP' }, 'NOTIMP', 'NOTIMP'],
    ['a cut answer', { isTruncated: true }, 'TRUNCATED', 'TRUNCATED'],
    ['an answer to another question', { hasWrongId: true }, 'WRONG_ID', 'WRONG_ID'],
    ['bytes that are no message', { garbage: 'c0ffee' }, 'MALFORMED', 'MALFORMED'],
    ['silence', { isDropped: true }, 'TIMEOUT', 'TIMEOUT'],
    ['an answer that is too late', { delayMs: 2 * timeoutMs }, 'TIMEOUT', 'TIMEOUT'],
    ['a connection that is reset', { isReset: true, protocol: 'tcp' }, 'NOERROR', 'UNREACHABLE'],
  ])('%s', async (_, lie, overUdp, overTcp) => {
    const replies = [await lied('udp', lie), await lied('tcp', lie)];
    expect(replies.map(({ result }) => result)).toEqual([overUdp, overTcp]);
    // Only what answers has a time.
    expect(replies.map(({ seconds }) => seconds === undefined)).toEqual([overUdp, overTcp].map((result) => ['WRONG_ID', 'MALFORMED', 'TIMEOUT', 'UNREACHABLE'].includes(result)));
  });

  test('where nobody listens, it is unreachable before its time is up', async () => {
    const closed = await freePort();
    const startedMs = performance.now();
    for (const proto of ['udp', 'tcp'] as const) expect(await question(proto, { server: { address, port: closed }, timeoutMs: 5000 })).toEqual({ result: 'UNREACHABLE', seconds: undefined, addresses: [] });
    expect(performance.now() - startedMs).toBeLessThan(2500);
  });

  test('a datagram that is lost is sent again after half of the time, and once', async () => {
    const before = server.asked.udp;
    const { result, seconds } = await liedOnce({ isDropped: true });
    expect([result, server.asked.udp - before]).toEqual(['NOERROR', 2]);
    expect(seconds).toBeGreaterThan(timeoutMs / 2000 - 0.01);
    await lied('udp', { isDropped: true });
    expect(server.asked.udp - before).toBe(4);
  });

  test.each<[string, DnsLie]>([['with a wrong id', { hasWrongId: true }], ['of garbage', { garbage: '00'.repeat(40) }]])('an answer %s is passed over when a right one follows', async (_, lie) => {
    expect(await liedOnce(lie)).toMatchObject({ result: 'NOERROR', addresses: ['192.0.2.1', '192.0.2.2'] });
  });

  test('the end of a round ends it', async () => {
    server.lies = [{ isDropped: true }];
    const stop = new AbortController();
    const asked = (['udp', 'tcp'] as const).map((proto) => question(proto, { timeoutMs: 60_000, signal: stop.signal }));
    setTimeout(() => stop.abort(), 20);
    expect((await Promise.all(asked)).map(({ result }) => result)).toEqual(['TIMEOUT', 'TIMEOUT']);
    expect(await question('udp', { signal: stop.signal })).toMatchObject({ result: 'TIMEOUT' });
  });

  describe('a round', () => {
    const other = new DnsServer({ 'both.example.': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] }, 'four.example.': { a: ['192.0.2.4'] }, 'none.example.': {} });
    let otherPort = 0;
    beforeAll(async () => { otherPort = await other.listen(address, 0); });
    afterAll(() => other.close());
    const round = (names: readonly string[], ...lies: readonly DnsLie[]): Promise<readonly DnsServerRound[]> => {
      server.lies = lies;
      const servers = [{ name: 'a', role: 'service' as const, address, port }, { name: 'b', role: 'pod' as const, address, port: otherPort }];
      return dnsRound({ config: { names: [...names], tcp: true, ipv6: true, timeoutSeconds: timeoutMs / 1000 }, servers, ...common });
    };
    const results = (rounds: readonly DnsServerRound[]): readonly string[] => rounds.flatMap(({ server: { name }, answers }) => answers.map(({ proto, result }) => `${name} ${proto} ${result}`));
    const recorded = (rounds: readonly DnsServerRound[]): Meter => {
      const meter = new Meter(measuredFamilies);
      recordDns(meter, rounds);
      return meter;
    };
    const verdicts = (rounds: readonly DnsServerRound[]): readonly string[] => dnsFindings(rounds.map(viewOf), { slowSeconds: 0.5, isExplained: () => false }).map(({ verdict, subject, detail }) => `${verdict} ${subject} ${detail}`);

    test('a name with addresses of one family is resolved, and the empty answer of the other is no error', async () => {
      const rounds = await round(['four.example.']);
      expect(results(rounds)).toEqual(['a udp NOERROR', 'a tcp NOERROR', 'b udp NOERROR', 'b tcp NOERROR']);
      expect(lines(recorded(rounds), 'net_exporter_dns_results_total', 'net_exporter_dns_up').sort()).toEqual([
        ...['udp', 'tcp'].flatMap((proto) => [`net_exporter_dns_results_total{server="a",role="service",proto="${proto}",rcode="NOERROR"} 2`, `net_exporter_dns_results_total{server="b",role="pod",proto="${proto}",rcode="NOERROR"} 2`]),
        'net_exporter_dns_up{server="a",role="service"} 1', 'net_exporter_dns_up{server="b",role="pod"} 1',
      ].sort());
    });

    test('a name without an address of either family is empty, at both servers: the path is bad', async () => {
      const rounds = await round(['none.example.']);
      expect(results(rounds)).toEqual(['a udp EMPTY', 'a tcp EMPTY', 'b udp EMPTY', 'b tcp EMPTY']);
      const meter = recorded(rounds);
      expect(lines(meter, 'net_exporter_dns_results_total')).toContain('net_exporter_dns_results_total{server="a",role="service",proto="udp",rcode="EMPTY"} 2');
      expect(lines(meter, 'dns_resolve_error_total')).toEqual(['tcp', 'udp'].map((proto) => `dns_resolve_error_total{proto="${proto}",host="none.example."} 1`));
      expect(verdicts(rounds)).toEqual(['dns_path_bad a errors']);
    });

    test('a server that is empty where another has addresses lies, and is named', async () => {
      other.lies = [{ isEmpty: true }];
      const rounds = await round(['both.example.']);
      other.lies = [];
      expect(results(rounds)).toEqual(['a udp NOERROR', 'a tcp NOERROR', 'b udp EMPTY', 'b tcp EMPTY']);
      expect(verdicts(rounds)).toEqual(['dns_server_bad b errors']);
    });

    test('a lie over TCP alone is counted there, and the latency of what answered stays', async () => {
      const rounds = await round(['both.example.'], { protocol: 'tcp', rcode: 'SERVFAIL' });
      expect(results(rounds)).toEqual(['a udp NOERROR', 'a tcp SERVFAIL', 'b udp NOERROR', 'b tcp NOERROR']);
      const meter = recorded(rounds);
      expect(lines(meter, 'dns_resolve_error_total').map((line) => line.replace(/.*proto="(\w+)".* /, '$1 '))).toEqual(['tcp 1', 'udp 0']);
      expect(lines(meter, 'net_exporter_dns_up')[0]).toMatch(/ 0$/);
      // SERVFAIL is an answer: it has taken its time.
      expect(lines(meter, 'dns_tcp_latency_seconds_count', 'dns_udp_latency_seconds_count').map((line) => line.split(' ')[1])).toEqual(['2', '2']);
    });

    test('silence has no latency', async () => {
      const meter = recorded(await round(['both.example.'], { isDropped: true }));
      expect(lines(meter, 'net_exporter_dns_latency_seconds').every((line) => line.includes('server="b"'))).toBe(true);
      expect(lines(meter, 'net_exporter_dns_results_total').filter((line) => line.includes('server="a"'))).toEqual(['tcp', 'udp'].map((proto) => `net_exporter_dns_results_total{server="a",role="service",proto="${proto}",rcode="TIMEOUT"} 2`));
    });
  });
});

describe('clocks', () => {
  const servers = [new NtpServer(), new NtpServer(), new NtpServer()];
  let names: string[] = [];
  // Series are in the order of their labels.
  beforeAll(async () => { names = await Promise.all(servers.map(async (server, i) => `127.0.45.${i + 1}:${await server.listen(`127.0.45.${i + 1}`, 0)}`)); });
  afterAll(() => Promise.all(servers.map((server) => server.close())));
  const ntp = (over: { readonly servers?: readonly string[]; readonly samples?: number; readonly clock?: Clock } = {}): Ntp => new Ntp({
    config: { servers: [...(over.servers ?? names)], samples: over.samples ?? 2, timeoutSeconds: timeoutMs / 1000 }, resolve: () => Promise.reject(new Error('no name is asked for')), random: Math.random, clock: over.clock ?? systemClock,
  });
  const tell = (...lies: readonly (readonly NtpLie[])[]): void => servers.forEach((server, i) => { server.lies = lies[i] ?? []; });
  const round = (one: Ntp): Promise<readonly NtpServerRound[]> => one.round(common.signal);
  const rounded = (seconds: number | undefined): number | undefined => seconds && Math.round(seconds * 10) / 10;

  test('honest servers: the time, and what they say of themselves', async () => {
    tell();
    const rounds = await round(ntp());
    expect(rounds.map(({ result, best, roundTrips }) => [result, best?.stratum, best?.leap, roundTrips.length])).toEqual(Array(3).fill(['ok', 1, 0, 2]));
    expect(Math.max(...rounds.map(({ best }) => Math.abs(best?.offset ?? NaN)))).toBeLessThan(0.1);
  });

  test('one of three that is an hour off is outvoted, two are not', async () => {
    tell([], [{ offsetSeconds: 3600 }]);
    const rounds = await round(ntp());
    expect([rounded(rounds[1]?.best?.offset), Math.abs(clockOffset(rounds) ?? NaN) < 0.1]).toEqual([3600, true]);
    tell([{ offsetSeconds: 3600 }], [{ offsetSeconds: 3600 }]);
    expect(rounded(clockOffset(await round(ntp())))).toBe(3600);
  });

  test.each<[string, NtpLie, NtpResult]>([
    ['a clock that is not set, by its leap indicator', { leap: 3 }, 'unsynchronized'],
    ['and by its stratum', { stratum: 16 }, 'unsynchronized'],
    ['an answer to the query of somebody else', { hasWrongOrigin: true }, 'timeout'],
    ['too few bytes', { bytes: 20 }, 'malformed'],
    ['silence', { isDropped: true }, 'timeout'],
    ['a kiss of death', { kiss: 'RATE' }, 'kiss_of_death'],
  ])('%s has no vote, and is counted as what it is', async (_, lie, result) => {
    // If its offset counted, the median of the two would be half an hour.
    tell([{ ...lie, offsetSeconds: 3600 }]);
    const rounds = await round(ntp({ servers: names.slice(0, 2), samples: 1 }));
    expect(rounds.map((one) => [one.result, one.best === undefined])).toEqual([[result, true], ['ok', false]]);
    const meter = new Meter(measuredFamilies);
    recordNtp(meter, rounds, 'n1');
    expect(Math.abs(Number(lines(meter, 'net_exporter_clock_offset_seconds')[0]?.split(' ')[1]))).toBeLessThan(0.1);
    expect(lines(meter, 'net_exporter_ntp_results_total')).toEqual([`net_exporter_ntp_results_total{server="${names[0]}",result="${result}"} 1`, `net_exporter_ntp_results_total{server="${names[1]}",result="ok"} 1`]);
    expect(lines(meter, 'ntp_sync_error_total').map((line) => line.split(' ')[1])).toEqual(['1', '0']);
    expect(lines(meter, 'net_exporter_ntp_offset_seconds')).toHaveLength(1);
  });

  test('of several samples the one with the shortest way counts, and a lost one does no harm', async () => {
    tell([{ delayMs: 150 }]);
    const slow = round(ntp({ servers: names.slice(0, 1) }));
    await new Promise((resolve) => setTimeout(resolve, 75));
    tell();
    const [first] = await slow;
    expect(first?.roundTrips).toHaveLength(2);
    expect(first?.best?.delay).toBeLessThan(0.1);
    tell([{ isDropped: true }]);
    const lossy = round(ntp({ servers: names.slice(0, 1) }));
    await new Promise((resolve) => setTimeout(resolve, timeoutMs / 2));
    tell();
    expect((await lossy)[0]).toMatchObject({ result: 'ok', roundTrips: [expect.any(Number)] });
  });

  test('a time beside a kiss of death does not count', async () => {
    tell([{ kiss: 'RATE', delayMs: 80 }]);
    const kissed = round(ntp({ servers: names.slice(0, 1) }));
    await new Promise((resolve) => setTimeout(resolve, 40));
    tell();
    expect((await kissed)[0]).toMatchObject({ result: 'kiss_of_death', best: undefined, roundTrips: [expect.any(Number), expect.any(Number)] });
  });

  test('where nobody listens it is unreachable, and a round with nobody else could not be made', async () => {
    const rounds = await round(ntp({ servers: [`${address}:${await freePort()}`] }));
    expect(rounds.map(({ result }) => result)).toEqual(['unreachable']);
    const meter = new Meter(measuredFamilies);
    recordNtp(meter, rounds, 'n1');
    expect([lines(meter, 'ntp_error_total'), lines(meter, 'net_exporter_clock_offset_seconds')]).toEqual([['ntp_error_total 1'], []]);
  });

  test('a server that asks for rest gets an eighth of the queries for an hour, the others all of them', async () => {
    let aheadMs = 0;
    const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
    const one = ntp({ servers: names.slice(0, 2), samples: 1, clock });
    const asked = async (rounds: number): Promise<string> => {
      let text = '';
      for (let i = 0; i < rounds; i++) text += (await round(one)).some(({ server }) => server === names[0]) ? 'x' : '.';
      return text;
    };
    tell([{ kiss: 'RATE' }]);
    expect((await round(one)).map(({ result, detail }) => `${result} ${detail}`)).toEqual(['kiss_of_death RATE', 'ok ']);
    tell();
    expect(await asked(17)).toBe('.......x.......x.');
    aheadMs = 3_600_001;
    expect(await asked(4)).toBe('.xxx');
  });
});
