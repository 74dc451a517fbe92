/** Packets of SNTP (RFC 5905, section 7.3; 48 bytes, big endian), as much as a server needs. */

/** Seconds between 1900 (NTP) and 1970 (Unix). */
const epochSeconds = 2_208_988_800;

export interface NtpAnswer {
  /** Milliseconds since 1970 that the server claims. */
  readonly nowMs: number;
  readonly isSynchronized: boolean;
}

/** The answer to a client's packet; undefined for what is no request (mode 3) of version 3 or 4. */
export function answerTo(request: Buffer, { nowMs, isSynchronized }: NtpAnswer): Buffer | undefined {
  const first = request[0] ?? 0;
  const version = (first >> 3) & 7;
  if (request.length < 48 || (first & 7) !== 3 || version < 3 || version > 4) return undefined;
  const packet = Buffer.alloc(48);
  // Leap indicator 3 is "unknown"; mode 4 is a server.
  packet[0] = ((isSynchronized ? 0 : 3) << 6) | (version << 3) | 4;
  packet[1] = isSynchronized ? 1 : 16;
  packet[2] = request[2] ?? 6;
  // 2^-20 s, about a microsecond.
  packet.writeInt8(-20, 3);
  packet.write('SBOX', 12, 'ascii');
  for (const offset of [16, 32, 40]) writeTimestamp(packet, nowMs, offset);
  // The client's transmit timestamp comes back as origin, so that it knows its own request.
  request.copy(packet, 24, 40, 48);
  return packet;
}

/** Era 0 ends in 2036; later times wrap, as the protocol has it. */
function writeTimestamp(packet: Buffer, ms: number, offset: number): void {
  const seconds = Math.floor(ms / 1000);
  packet.writeUInt32BE((((seconds + epochSeconds) % 2 ** 32) + 2 ** 32) % 2 ** 32, offset);
  packet.writeUInt32BE(Math.floor(((ms - seconds * 1000) / 1000) * 2 ** 32), offset + 4);
}
