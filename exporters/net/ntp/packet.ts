/**
 * SNTP (RFC 5905, section 14): 48 bytes each way. Times are seconds since 1900 with a fraction of 32 bits; they wrap in
 * February 2036, so differences are taken modulo 2^32 seconds.
 */

export type NtpAnswer =
  | { readonly kind: 'malformed' }
  /** An answer to another query: its origin time is not ours. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'kissOfDeath'; readonly code: string }
  | {
    readonly kind: 'time';
    /** Seconds by which the server's clock is ahead of ours. */
    readonly offset: number;
    /** Seconds on the way there and back, without what the server needed. */
    readonly delay: number;
    readonly stratum: number;
    /** 0 none, 1 the last minute of the day has 61 seconds, 2 it has 59, 3 the clock is not set. */
    readonly leap: number;
  };

const packetBytes = 48;
const version = 4;
const clientMode = 3;
const serverMode = 4;
/** Seconds from 1900 to 1970. */
const unixEpoch = 2_208_988_800;
const wrap = 2 ** 32;

/** @param cookie 8 bytes that only an answer to this query can have: sent as our transmit time, which tells the server nothing (draft-ietf-ntp-data-minimization) */
export function ntpQuery(cookie: Buffer): Buffer {
  const buffer = Buffer.alloc(packetBytes);
  buffer.writeUInt8((version << 3) | clientMode, 0);
  cookie.copy(buffer, 40, 0, 8);
  return buffer;
}

/** @param sentMs and receivedMs by our own wall clock, as Unix milliseconds. Never throws. */
export function readNtp(buffer: Buffer, { cookie, sentMs, receivedMs }: { cookie: Buffer; sentMs: number; receivedMs: number }): NtpAnswer {
  if (buffer.length < packetBytes) return { kind: 'malformed' };
  const first = buffer.readUInt8(0);
  if ((first & 7) !== serverMode || ((first >> 3) & 7) === 0) return { kind: 'malformed' };
  if (!buffer.subarray(24, 32).equals(cookie.subarray(0, 8))) return { kind: 'foreign' };
  const leap = first >> 6;
  const stratum = buffer.readUInt8(1);
  // The code of a kiss stands where the reference id is: "DENY", "RATE" (section 7.4).
  if (stratum === 0) return { kind: 'kissOfDeath', code: buffer.toString('latin1', 12, 16).replace(/[^A-Z0-9]/g, '') };
  const receivedThere = secondsAt(buffer, 32);
  const sentThere = secondsAt(buffer, 40);
  const there = difference(receivedThere, sentMs / 1000 + unixEpoch);
  const back = difference(sentThere, receivedMs / 1000 + unixEpoch);
  return { kind: 'time', offset: (there + back) / 2, delay: Math.max(0, there - back), stratum, leap };
}

const secondsAt = (buffer: Buffer, at: number): number => buffer.readUInt32BE(at) + buffer.readUInt32BE(at + 4) / wrap;

/** The difference of two times whose whole seconds are known modulo 2^32, between minus and plus 68 years. */
function difference(a: number, b: number): number {
  const raw = (a - b) % wrap;
  return raw > wrap / 2 ? raw - wrap : raw < -wrap / 2 ? raw + wrap : raw;
}
