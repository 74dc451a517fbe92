/**
 * One watch: a long answer of JSON lines. It ends by itself when the server's `timeoutSeconds` are over; the reflector
 * then resumes. Protocol: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { Clock, Random } from './clock.ts';
import { errorFromNetwork, errorFromResponse, errorFromStatus, KubeError, type Operation } from './errors.ts';
import { retryAfterMs } from './http.ts';
import type { Stream, Transport } from './transport.ts';
import type { KubeObject, Status, WatchEvent } from './types.ts';

export interface WatchRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly resourceVersion: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long nothing at all may come before the connection counts as half open. */
  readonly silenceMs?: number | undefined;
}

/** The API server's watch cache sends a bookmark every minute (cacher.go, defaultBookmarkFrequency): silence beyond that is a dead connection, or a kind without watch cache, for which a new watch costs little. */
export const defaultSilenceMs = 90_000;

/** client-go's minWatchTimeout; each watch draws from once to twice of it, so that watches of one start do not end together. */
const minTimeoutSeconds = 300;

/** An object is at most 1.5 MiB in etcd (its request limit) and about twice that as JSON. */
const maxLineBytes = 32 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;

/** Throws KubeError: KUBE_GONE when the resourceVersion is too old, KUBE_TIMEOUT on silence, KUBE_UNREACHABLE when the connection breaks. */
export async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  request: WatchRequest,
  seams: { readonly clock: Clock; readonly random: Random },
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const { operation, signal } = request;
  const stream = await transport.stream({
    operation,
    method: 'GET',
    path: request.path,
    query: {
      watch: 1,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.round(minTimeoutSeconds * (1 + seams.random())),
      resourceVersion: request.resourceVersion,
      labelSelector: request.labelSelector,
      fieldSelector: request.fieldSelector,
    },
    signal,
  });
  const silence = new Silence(request.silenceMs ?? defaultSilenceMs, seams.clock, () => stream.close());
  const onAbort = (): void => stream.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    if (stream.status !== 200) throw errorFromResponse(operation, stream.status, await beginningOf(stream), retryAfterMs(stream.headers));
    const lines = new JsonLines(operation);
    for await (const chunk of stream.body) {
      silence.heard();
      for (const line of lines.push(chunk)) yield eventFrom<T>(operation, line);
      silence.heard();
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (silence.isOver) {
      throw new KubeError('KUBE_TIMEOUT', `${operation.what}: nothing came for ${silence.ms} ms, not even a bookmark: the connection is half open; it is opened again`);
    }
    throw error instanceof KubeError ? error : errorFromNetwork(operation, transport.options.server, error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    silence.dispose();
    stream.close();
  }
}

/** Cuts a stream of bytes into lines of JSON, however the chunks fall. */
export class JsonLines {
  readonly #operation: Operation;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(operation: Operation) {
    this.#operation = operation;
  }

  /** The values of all lines that this chunk completes. Throws KubeError KUBE_PROTOCOL on what is no JSON or does not end. */
  *push(chunk: Buffer): Generator<unknown, void, undefined> {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = this.#complete(chunk.subarray(from, end));
      from = end + 1;
      if (line.length > 0) yield this.#parse(line);
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #complete(tail: Buffer): Buffer {
    if (this.#restBytes === 0) return tail;
    const line = Buffer.concat([...this.#rest, tail]);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#rest.push(part);
    this.#restBytes += part.length;
    if (this.#restBytes > maxLineBytes) {
      throw new KubeError('KUBE_PROTOCOL', `${this.#operation.what}: a line of more than ${maxLineBytes} bytes; is there an API server at the other end?`);
    }
  }

  /** The parser's own message quotes the text, which may be a Secret: it is not kept. */
  #parse(line: Buffer): unknown {
    try {
      return JSON.parse(line.toString('utf8'));
    } catch {
      throw new KubeError('KUBE_PROTOCOL', `${this.#operation.what}: a line of ${line.length} bytes that is not JSON; is there an API server at the other end?`);
    }
  }
}

const newline = 0x0a;
const eventTypes = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function eventFrom<T extends KubeObject>(operation: Operation, line: unknown): WatchEvent<T> {
  const event = line as { type?: string; object?: T & Status } | null;
  if (event?.type === 'ERROR') throw errorFromStatus(operation, event.object ?? {});
  if (!event?.object?.metadata || !eventTypes.has(event.type ?? '')) {
    throw new KubeError('KUBE_PROTOCOL', `${operation.what}: an event that is none of ADDED, MODIFIED, DELETED, BOOKMARK, ERROR`);
  }
  return event as WatchEvent<T>;
}

async function beginningOf(stream: Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream.body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxErrorBytes) break;
  }
  return Buffer.concat(chunks);
}

/** Fires when `heard` was not called for `ms`. Re-arms lazily: one timer per period, not one per chunk. */
class Silence {
  readonly ms: number;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #heardAtMs: number;
  #cancel: () => void;
  isOver = false;

  constructor(ms: number, clock: Clock, onOver: () => void) {
    this.ms = ms;
    this.#clock = clock;
    this.#onOver = onOver;
    this.#heardAtMs = clock.monotonicMs();
    this.#cancel = clock.after(ms, () => this.#check());
  }

  heard(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
  }

  dispose(): void {
    this.#cancel();
  }

  #check(): void {
    const leftMs = this.ms - (this.#clock.monotonicMs() - this.#heardAtMs);
    if (leftMs > 0) {
      this.#cancel = this.#clock.after(leftMs, () => this.#check());
      return;
    }
    this.isOver = true;
    this.#onOver();
  }
}
