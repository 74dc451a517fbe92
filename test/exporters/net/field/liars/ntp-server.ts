/** An NTP server (RFC 5905) that lies on demand: to all or to one client. An honest one tells this machine's time. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { answerTo } from '../../../../../sandbox/faults/clock/ntp-packet.ts';

/** What is wrong with the answers. What is not named is as it should be: stratum 1, no leap second. */
export interface NtpLie {
  /** Only to these clients. */
  readonly to?: readonly string[];
  readonly offsetSeconds?: number;
  /** Half on the way in, half on the way out: the offset stays right. */
  readonly delayMs?: number;
  readonly isDropped?: boolean;
  readonly stratum?: number;
  /** 0 none, 1 last minute has 61 s, 2 has 59 s, 3 unknown: not synchronized. */
  readonly leap?: 0 | 1 | 2 | 3;
  /** Kiss-of-death (section 7.4): stratum 0 and this code as reference id: RATE, DENY, RSTR. */
  readonly kiss?: string;
  /** The origin is not the client's transmit time: the answer to another's request, or forged. */
  readonly hasWrongOrigin?: boolean;
  /** Only so many bytes of the packet. */
  readonly bytes?: number;
}

export class NtpServer {
  /** Changed at any time; the first that fits a client holds. */
  lies: readonly NtpLie[] = [];
  readonly #sockets: Socket[] = [];

  /** @param port 0: any @returns the port */
  async listen(address: string, port: number): Promise<number> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => { socket.once('error', reject).bind(port, address, resolve); });
    socket.on('error', () => undefined);
    socket.on('message', (request, from) => {
      const lie = this.lies.find((one) => one.to?.includes(from.address) ?? true) ?? {};
      if (lie.isDropped) return;
      const answer = (): Buffer | undefined => lied(request, lie);
      const send = (packet: Buffer | undefined): void => { if (packet) socket.send(packet, from.port, from.address, () => undefined); };
      if (lie.delayMs === undefined) return send(answer());
      setTimeout(() => {
        const packet = answer();
        setTimeout(() => { send(packet); }, lie.delayMs! / 2).unref();
      }, lie.delayMs / 2).unref();
    });
    this.#sockets.push(socket);
    return socket.address().port;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map((socket) => new Promise<void>((resolve) => { socket.close(() => { resolve(); }); })));
  }
}

/** The packet as it goes out; undefined for what is no request. */
export function lied(request: Buffer, lie: NtpLie): Buffer | undefined {
  const nowMs = Date.now() + (lie.offsetSeconds ?? 0) * 1000;
  const packet = answerTo(request, { nowMs, isSynchronized: true });
  if (!packet) return undefined;
  if (lie.leap !== undefined) packet[0] = (packet[0]! & 0x3f) | (lie.leap << 6);
  if (lie.stratum !== undefined) packet[1] = lie.stratum;
  if (lie.kiss !== undefined) {
    packet[1] = 0;
    packet.write(lie.kiss.padEnd(4, '\0').slice(0, 4), 12, 'ascii');
  }
  if (lie.hasWrongOrigin) packet[31] = packet[31]! ^ 0xff;
  return lie.bytes === undefined ? packet : packet.subarray(0, lie.bytes);
}
