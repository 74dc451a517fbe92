import fc from 'fast-check';
import { ntpQuery, readNtp } from '../../../exporters/net/ntp/packet.ts';
import { clockOffset, type NtpServerRound } from '../../../exporters/net/ntp/round.ts';

const cookie = Buffer.from('0123456789abcdef', 'hex');
const unixEpoch = 2_208_988_800;

/** What a server answers whose clock is ahead by so much, with a second of its own between receiving and sending. */
function answer({ atMs, aheadSeconds = 0, head = 0x24, stratum = 2, reference = 'GPS\0' }: { atMs: number; aheadSeconds?: number; head?: number; stratum?: number; reference?: string }): Buffer {
  const packet = Buffer.alloc(48);
  packet.writeUInt8(head, 0);
  packet.writeUInt8(stratum, 1);
  packet.write(reference, 12, 'latin1');
  cookie.copy(packet, 24);
  const write = (at: number, seconds: number): void => {
    packet.writeUInt32BE(Math.floor(seconds) % 2 ** 32, at);
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
  };
  write(32, atMs / 1000 + unixEpoch + aheadSeconds);
  write(40, atMs / 1000 + unixEpoch + aheadSeconds + 1);
  return packet;
}

describe('NTP packets', () => {
  test('a query says nothing but version, mode and the cookie', () => {
    const sent = ntpQuery(cookie);
    expect([sent.length, sent[0], sent.subarray(40).toString('hex'), sent.subarray(1, 40).every((byte) => byte === 0)]).toEqual([48, 0x23, '0123456789abcdef', true]);
  });

  test.each([['now', Date.UTC(2026, 10, 26)], ['behind the wrap of 2036', Date.UTC(2036, 1, 8)], ['around it', Date.UTC(2036, 1, 7, 6, 28, 15)]])('offset and delay, %s', (_, sentMs) => {
    const found = readNtp(answer({ atMs: sentMs + 20, aheadSeconds: 2 }), { cookie, sentMs, receivedMs: sentMs + 1040 });
    expect(found).toMatchObject({ kind: 'time', stratum: 2, leap: 0 });
    if (found.kind !== 'time') return;
    expect(found.offset).toBeCloseTo(2, 4);
    expect(found.delay).toBeCloseTo(0.04, 4);
  });

  test('a kiss of death has its code', () => {
    expect(readNtp(answer({ atMs: 0, stratum: 0, reference: 'RATE' }), { cookie, sentMs: 0, receivedMs: 1 })).toEqual({ kind: 'kissOfDeath', code: 'RATE' });
  });

  test('a clock that is not set says so', () => {
    expect(readNtp(answer({ atMs: 0, head: 0xe4, stratum: 16 }), { cookie, sentMs: 0, receivedMs: 1 })).toMatchObject({ kind: 'time', leap: 3, stratum: 16 });
  });

  test('an answer without our cookie is somebody else\'s', () => {
    const other = answer({ atMs: 0 });
    other[24] = 0xff;
    expect(readNtp(other, { cookie, sentMs: 0, receivedMs: 1 })).toEqual({ kind: 'foreign' });
  });

  test('any bytes: nothing throws, and numbers stay numbers', () => {
    const good = answer({ atMs: 1000 });
    const mutated = fc.tuple(fc.nat(60), fc.array(fc.tuple(fc.nat(47), fc.oneof(fc.constant(0), fc.nat(255))), { maxLength: 8 })).map(([length, edits]) => {
      const copy = Buffer.alloc(length);
      good.copy(copy);
      for (const [at, byte] of edits) if (at < length) copy[at] = byte;
      return copy;
    });
    const kinds: Record<string, number> = {};
    fc.assert(fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))), (bytes) => {
      const found = readNtp(bytes, { cookie, sentMs: 0, receivedMs: 40 });
      kinds[found.kind] = (kinds[found.kind] ?? 0) + 1;
      if (found.kind === 'time') expect(Number.isFinite(found.offset) && found.delay >= 0 && Math.abs(found.offset) < 2 ** 32).toBe(true);
    }), { numRuns: 3000, seed: 7 });
    expect(Object.keys(kinds).sort()).toEqual(['foreign', 'kissOfDeath', 'malformed', 'time']);
    console.info(`of 3000 packets, seed 7: ${JSON.stringify(kinds)}`);
  });

  test('the median decides: one server that lies is outvoted', () => {
    const round = (offset: number): NtpServerRound => ({ server: 's', result: 'ok', detail: '', roundTrips: [], best: { kind: 'time', offset, delay: 0, stratum: 2, leap: 0 } });
    expect(clockOffset([round(0.01), round(3600), round(-0.01)])).toBe(0.01);
    expect(clockOffset([])).toBeUndefined();
  });
});
