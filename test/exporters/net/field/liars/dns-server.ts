/** A DNS server that answers over UDP and TCP and lies on demand: to all, or to one client, or over one protocol only. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket as Connection } from 'node:net';
import { readQuestion, writeAnswer, type Rcode } from './dns-message.ts';

/** What is wrong with the answers. What is not named is as it should be. */
export interface DnsLie {
  /** Only over this protocol. */
  readonly protocol?: 'udp' | 'tcp';
  /** Only to these clients. */
  readonly to?: readonly string[];
  readonly rcode?: Rcode;
  /** The bit TC, and no records: the client should come again over TCP. */
  readonly isTruncated?: boolean;
  /** Another id than the query's. */
  readonly hasWrongId?: boolean;
  /** No error, no records. */
  readonly isEmpty?: boolean;
  readonly delayMs?: number;
  /** No answer at all; a TCP connection stays open. */
  readonly isDropped?: boolean;
  /** Bytes that are no message. */
  readonly garbage?: string;
  /** TCP: the connection is reset in place of an answer. */
  readonly isReset?: boolean;
}

export type Zone = Readonly<Record<string, { readonly a?: readonly string[]; readonly aaaa?: readonly string[] }>>;

export class DnsServer {
  /** Changed at any time; the first that fits a query holds. */
  lies: readonly DnsLie[] = [];
  /** Queries that arrived, by protocol. */
  readonly asked = { udp: 0, tcp: 0 };
  readonly #zone: Zone;
  readonly #sockets: (Socket | Server)[] = [];
  readonly #connections = new Set<Connection>();

  /** @param zone names in lower case with the closing dot; others do not exist (NXDOMAIN) */
  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** UDP and TCP at the same port. @param port 0: any @returns the port */
  async listen(address: string, port: number): Promise<number> {
    const tcp = createServer((connection) => { this.#serve(connection); });
    await new Promise<void>((resolve, reject) => { tcp.once('error', reject).listen(port, address, resolve); });
    const bound = (tcp.address() as { port: number }).port;
    const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => { udp.once('error', reject).bind(bound, address, resolve); });
    udp.on('error', () => undefined);
    udp.on('message', (query, from) => {
      this.asked.udp += 1;
      this.#answer(query, 'udp', from.address, (answer) => { udp.send(answer, from.port, from.address, () => undefined); });
    });
    this.#sockets.push(tcp, udp);
    return bound;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(this.#sockets.splice(0).map((socket) => new Promise<void>((resolve) => { socket.close(() => { resolve(); }); })));
  }

  /** Two bytes of length before every message (RFC 1035, section 4.2.2). */
  #serve(connection: Connection): void {
    this.#connections.add(connection);
    connection.on('error', () => undefined).on('close', () => this.#connections.delete(connection));
    let received = Buffer.alloc(0);
    connection.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const query = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + query.length);
        this.asked.tcp += 1;
        this.#answer(query, 'tcp', connection.remoteAddress ?? '', (answer) => {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length, 0);
          connection.write(Buffer.concat([length, answer]));
        }, () => { connection.resetAndDestroy(); });
      }
    });
  }

  #answer(query: Buffer, protocol: 'udp' | 'tcp', client: string, send: (answer: Buffer) => void, reset?: () => void): void {
    const question = readQuestion(query);
    if (!question) return;
    const lie = this.lies.find((one) => (one.protocol ?? protocol) === protocol && (one.to?.includes(client) ?? true)) ?? {};
    if (lie.isDropped) return;
    if (lie.isReset && reset) return reset();
    const records = this.#zone[question.name];
    const addresses = (question.type === 'A' ? records?.a : question.type === 'AAAA' ? records?.aaaa : undefined) ?? [];
    const rcode = lie.rcode ?? (records ? 'NOERROR' : 'NXDOMAIN');
    const isBare = lie.isEmpty === true || lie.isTruncated === true || rcode !== 'NOERROR';
    const answer = lie.garbage === undefined
      ? writeAnswer(question, { rcode, id: lie.hasWrongId ? question.id ^ 0x5555 : question.id, isTruncated: lie.isTruncated ?? false, addresses: isBare ? [] : addresses })
      : Buffer.from(lie.garbage, 'hex');
    if (lie.delayMs === undefined) send(answer);
    else setTimeout(() => { send(answer); }, lie.delayMs).unref();
  }
}
