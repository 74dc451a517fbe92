/** The lying servers held to clients that we did not write: the resolver of Node.js (c-ares), and the fields of RFC 5905 by hand. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { Resolver } from 'node:dns/promises';
import { DnsServer, type DnsLie } from './dns-server.ts';
import { NtpServer, type NtpLie } from './ntp-server.ts';

describe('DNS', () => {
  const server = new DnsServer({ 'kubernetes.default.svc.cluster.local.': { a: ['10.202.0.1', '10.202.0.2'], aaaa: ['fd00:202::1'] }, 'four.example.': { a: ['192.0.2.4'] } });
  let port = 0;
  beforeAll(async () => { port = await server.listen('127.0.0.1', 0); });
  afterAll(() => server.close());

  const ask = async (lies: readonly DnsLie[], name = 'kubernetes.default.svc.cluster.local', family: 4 | 6 = 4): Promise<string> => {
    server.lies = lies;
    const resolver = new Resolver({ timeout: 150, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name)).then((all) => all.join(' '), (error: unknown) => (error as { code: string }).code);
  };

  test('without lies, names have their addresses of both families', async () => {
    expect(await ask([])).toBe('10.202.0.1 10.202.0.2');
    expect(await ask([], 'KUBERNETES.default.svc.cluster.local', 6)).toBe('fd00:202::1');
  });

  test('a name without the type is an empty answer, an unknown name does not exist', async () => {
    expect(await ask([], 'four.example', 6)).toBe('ENODATA');
    expect(await ask([], 'five.example')).toBe('ENOTFOUND');
  });

  test.each<[string, DnsLie, string]>([
    ['SERVFAIL', { rcode: 'SERVFAIL' }, 'ESERVFAIL'],
    ['REFUSED', { rcode: 'REFUSED' }, 'EREFUSED'],
    ['an empty answer', { isEmpty: true }, 'ENODATA'],
    ['silence', { isDropped: true }, 'ETIMEOUT'],
    ['a late answer', { delayMs: 400 }, 'ETIMEOUT'],
    ['a wrong id, which a client must ignore', { hasWrongId: true }, 'ETIMEOUT'],
    ['a lie to another client', { rcode: 'REFUSED', to: ['192.0.2.1'] }, '10.202.0.1 10.202.0.2'],
    ['a lie over TCP alone', { rcode: 'REFUSED', protocol: 'tcp' }, '10.202.0.1 10.202.0.2'],
  ])('%s', async (_, lie, outcome) => {
    expect(await ask([lie])).toBe(outcome);
  });

  test('a truncated answer brings the client back over TCP', async () => {
    const before = server.asked.tcp;
    expect(await ask([{ isTruncated: true, protocol: 'udp' }])).toBe('10.202.0.1 10.202.0.2');
    expect(server.asked.tcp).toBe(before + 1);
  });

  test('garbage and a reset over TCP', async () => {
    const overTcp = (lie: DnsLie): Promise<string> => new Promise((resolve) => {
      server.lies = [lie];
      const query = Buffer.from('001e00010100000100000000000004666f7572076578616d706c650000010001', 'hex');
      const socket = connect(port, '127.0.0.1', () => socket.write(query));
      socket.on('data', (data) => { resolve(data.toString('hex')); socket.destroy(); }).on('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? ''); });
    });
    expect(await overTcp({ garbage: 'c0ffee' })).toBe('0003c0ffee');
    expect(await overTcp({ isReset: true })).toBe('ECONNRESET');
  });
});

describe('NTP', () => {
  const server = new NtpServer();
  let port = 0;
  beforeAll(async () => { port = await server.listen('127.0.0.1', 0); });
  afterAll(() => server.close());

  /** The answer and its offset by the four timestamps, in milliseconds; undefined when none came. */
  const ask = (...lies: readonly NtpLie[]): Promise<{ packet: Buffer; offsetMs: number; tookMs: number } | undefined> => new Promise((resolve) => {
    server.lies = lies;
    const client = createSocket('udp4');
    const request = Buffer.alloc(48);
    request[0] = 0x23;
    request.writeUInt32BE(0xdeadbeef, 44);
    const sent = Date.now();
    const silence = setTimeout(() => { client.close(); resolve(undefined); }, 300);
    client.on('message', (packet) => {
      const received = Date.now();
      clearTimeout(silence);
      client.close();
      const ms = (at: number): number => (packet.length < at + 8 ? NaN : (packet.readUInt32BE(at) - 2_208_988_800) * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000);
      resolve({ packet, tookMs: received - sent, offsetMs: (ms(32) - sent + ms(40) - received) / 2 });
    }).send(request, port, '127.0.0.1');
  });

  test('tells the right time, and whose request it answers', async () => {
    const { packet, offsetMs } = (await ask())!;
    expect(Math.abs(offsetMs)).toBeLessThan(50);
    expect([packet.length, packet[0]! >> 6, packet[0]! & 7, packet[1], packet.readUInt32BE(28)]).toEqual([48, 0, 4, 1, 0xdeadbeef]);
  });

  test('is two seconds ahead for one client alone', async () => {
    expect(Math.round((await ask({ offsetSeconds: 2, to: ['127.0.0.1'] }))!.offsetMs / 100)).toBe(20);
    expect(Math.abs(Math.round((await ask({ offsetSeconds: 2, to: ['192.0.2.1'] }))!.offsetMs / 100))).toBe(0);
  });

  test('a late answer has the right offset all the same', async () => {
    const { tookMs, offsetMs } = (await ask({ delayMs: 200 }))!;
    expect(tookMs).toBeGreaterThanOrEqual(190);
    expect(Math.abs(offsetMs)).toBeLessThan(60);
  });

  test('says nothing, too little, or that it is not to be used', async () => {
    expect(await ask({ isDropped: true })).toBeUndefined();
    expect((await ask({ bytes: 20 }))!.packet).toHaveLength(20);
    const unsynchronized = (await ask({ leap: 3, stratum: 16 }))!.packet;
    expect([unsynchronized[0]! >> 6, unsynchronized[1]]).toEqual([3, 16]);
    const kiss = (await ask({ kiss: 'RATE' }))!.packet;
    expect([kiss[1], kiss.toString('ascii', 12, 16)]).toEqual([0, 'RATE']);
    expect((await ask({ hasWrongOrigin: true }))!.packet.readUInt32BE(28)).not.toBe(0xdeadbeef);
  });
});
