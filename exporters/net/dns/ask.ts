/** One question to one DNS server, over UDP or TCP. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { afterReading, type Clock, type Random } from '../../core/clock.ts';
import type { DnsResult } from '../catalogue.ts';
import { withoutLookup } from '../mesh/socket.ts';
import { parse, query, type Message, type Question, type QueryType } from './message.ts';

export interface AskOptions {
  readonly server: { readonly address: string; readonly port: number };
  readonly proto: 'udp' | 'tcp';
  readonly name: string;
  readonly type: QueryType;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface Reply {
  /** NOERROR is said of an answer without addresses too: only both families together can be EMPTY. */
  readonly result: DnsResult;
  /** Until the answer, the connection included; undefined where none came. */
  readonly seconds: number | undefined;
  readonly addresses: readonly string[];
}

/** Never rejects. */
export async function ask(options: AskOptions): Promise<Reply> {
  const { name, type, random, clock } = options;
  const question: Question = { id: Math.floor(random() * 0x10000), name, type };
  const startedMs = clock.monotonicMs();
  const outcome = await (options.proto === 'udp' ? overUdp(options, question) : overTcp(options, question));
  if (typeof outcome === 'string') return { result: outcome, seconds: undefined, addresses: [] };
  const { code, isTruncated, addresses } = outcome;
  return { result: isTruncated ? 'TRUNCATED' : codeName(code), seconds: (clock.monotonicMs() - startedMs) / 1000, addresses };
}

type Answer = Extract<Message, { kind: 'answer' }>;
/** What a query ends with when there is no answer to it. */
type Failure = 'TIMEOUT' | 'UNREACHABLE' | 'WRONG_ID' | 'MALFORMED';

/** Response codes by number (RFC 6895, section 2.3). */
const codeNames: readonly DnsResult[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const codeName = (code: number): DnsResult => codeNames[code] ?? 'OTHER';

/**
 * The query is sent a second time after half of the time, as resolvers do: one lost datagram is no fault of a server.
 * Messages that answer something else are passed over, and are what it ends with when nothing better comes.
 */
function overUdp({ server, timeoutMs, clock, signal }: AskOptions, question: Question): Promise<Answer | Failure> {
  return untilDone({ timeoutMs, clock, signal }, (done) => {
    const socket = createSocket({ type: isIPv6(server.address) ? 'udp6' : 'udp4', lookup: withoutLookup });
    let poor: Failure = 'TIMEOUT';
    let cancelRepeat = (): void => undefined;
    socket.on('error', () => done('UNREACHABLE')); // a connected socket hears of refusals (ICMP)
    socket.on('message', (message) => {
      const heard = parse(message, question);
      if (heard.kind === 'answer') return done(heard);
      poor = heard.kind === 'malformed' ? 'MALFORMED' : 'WRONG_ID';
    });
    socket.connect(server.port, server.address, (...[error]: unknown[]) => {
      if (error) return done('UNREACHABLE');
      const send = (): void => socket.send(query(question), () => undefined);
      send();
      cancelRepeat = clock.after(timeoutMs / 2, send);
    });
    return {
      atDeadline: () => poor,
      close: () => {
        cancelRepeat();
        socket.close();
      },
    };
  });
}

/** Two bytes of length before each message (RFC 1035, section 4.2.2). */
function overTcp({ server, timeoutMs, clock, signal }: AskOptions, question: Question): Promise<Answer | Failure> {
  return untilDone({ timeoutMs, clock, signal }, (done) => {
    const socket = connect({ host: server.address, port: server.port, autoSelectFamily: false, noDelay: true });
    let received = Buffer.alloc(0);
    socket.on('error', () => done('UNREACHABLE'));
    socket.on('end', () => done(received.length > 0 ? 'MALFORMED' : 'UNREACHABLE'));
    socket.on('connect', () => {
      const message = query(question);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const heard = parse(received.subarray(2, 2 + received.readUInt16BE(0)), question);
      done(heard.kind === 'answer' ? heard : heard.kind === 'malformed' ? 'MALFORMED' : 'WRONG_ID');
    });
    return { atDeadline: () => 'TIMEOUT', close: () => socket.destroy() };
  });
}

interface Attempt {
  readonly atDeadline: () => Failure;
  readonly close: () => void;
}

/** Runs an attempt until it is done, its time is up or the signal aborts; whatever happens its socket is closed once. */
function untilDone({ timeoutMs, clock, signal }: Pick<AskOptions, 'timeoutMs' | 'clock' | 'signal'>, begin: (done: (outcome: Answer | Failure) => void) => Attempt): Promise<Answer | Failure> {
  if (signal.aborted) return Promise.resolve('TIMEOUT');
  return new Promise((resolve) => {
    let isDone = false;
    const done = (outcome: Answer | Failure): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      signal.removeEventListener('abort', abort);
      attempt.close();
      resolve(outcome);
    };
    const abort = (): void => done('TIMEOUT');
    signal.addEventListener('abort', abort, { once: true });
    const cancel = afterReading(clock, timeoutMs, () => done(attempt.atDeadline()));
    const attempt = begin(done);
  });
}
