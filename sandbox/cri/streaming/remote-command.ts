/**
 * Exec and attach on the wire (k8s.io/apimachinery/pkg/util/remotecommand, protocol v4): the client opens one stream each for
 * error, stdin, stdout, stderr and resize; the result is a metav1.Status on the error stream.
 */
import { constants } from 'node:os';
import type { StreamRequest } from '../messages.ts';
import type { SpdyConnection, SpdyStream } from './spdy.ts';

export const remoteCommandProtocols = ['v4.channel.k8s.io'];

export interface RemoteStreams {
  readonly error: SpdyStream;
  readonly stdin: SpdyStream | undefined;
  readonly stdout: SpdyStream | undefined;
  readonly stderr: SpdyStream | undefined;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Milliseconds for the client to open all its streams, as upstream (streamCreationTimeout). */
const creationTimeoutMs = 30_000;

/** Calls back once, when every stream the request asks for is there; sizes follow as the client's window changes. */
export function collectStreams(connection: SpdyConnection, request: StreamRequest, ready: (streams: RemoteStreams) => void, resize: (size: TerminalSize) => void): void {
  const wanted = ['error', ...(request.stdin ? ['stdin'] : []), ...(request.stdout ? ['stdout'] : []), ...(request.stderr && !request.tty ? ['stderr'] : [])];
  const streams = new Map<string, SpdyStream>();
  const timer = setTimeout(() => connection.close(), creationTimeoutMs);
  connection.on('close', () => clearTimeout(timer));
  connection.on('stream', (stream) => {
    const type = stream.headers['streamtype'] ?? '';
    if (type === 'resize') {
      readSizes(stream, resize);
      return;
    }
    const wasComplete = wanted.every((name) => streams.has(name));
    streams.set(type, stream);
    const error = streams.get('error');
    if (wasComplete || !error || !wanted.every((name) => streams.has(name))) return;
    clearTimeout(timer);
    ready({ error, stdin: streams.get('stdin'), stdout: streams.get('stdout'), stderr: streams.get('stderr') });
  });
}

/** Says how the command ended and closes the connection behind all output. */
export function finish(connection: SpdyConnection, streams: RemoteStreams, result: { readonly exitCode: number } | { readonly failure: string }): void {
  const outputs = [streams.stdout, streams.stderr].filter((stream) => stream !== undefined);
  const ended = outputs.map((stream) => new Promise<void>((resolve) => { if (stream.destroyed) resolve(); else stream.on('close', resolve).end(resolve); }));
  void Promise.all(ended).then(() => streams.error.end(JSON.stringify(statusOf(result)), () => connection.close()));
}

/** Exit code of a process as a shell has it. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? (signal ? 128 + constants.signals[signal] : 255);
}

function statusOf(result: { readonly exitCode: number } | { readonly failure: string }): object {
  if ('failure' in result) return { metadata: {}, status: 'Failure', reason: 'InternalError', message: result.failure, code: 500 };
  if (result.exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  };
}

/** The resize stream is JSON objects one behind another: {"Width":80,"Height":24}. */
function readSizes(stream: SpdyStream, resize: (size: TerminalSize) => void): void {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const found = [...text.matchAll(/\{[^{}]*\}/g)].map(([object]) => object);
    text = text.slice(text.lastIndexOf('}') + 1);
    for (const object of found) {
      const { Width, Height } = JSON.parse(object) as { Width: number; Height: number };
      if (Width > 0 && Height > 0) resize({ columns: Width, rows: Height });
    }
  });
}
