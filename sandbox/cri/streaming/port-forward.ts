/**
 * Port-forward: SPDY pairs of error and data streams (protocol portforward.k8s.io), or one WebSocket (v4.channel.k8s.io)
 * with channels 2i for data and 2i+1 for errors of the i-th port, each beginning with the port number.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { Pod } from '../pods.ts';
import type { Session } from './server.ts';
import type { SpdyStream } from './spdy.ts';

export interface PortForwarderOptions {
  readonly runDir: string;
  readonly node: string;
  /** Program that serves `dialer/serve.ts`. */
  readonly dialer: string;
}

/** A dialed connection: bytes of a pod's port. */
type Dialed = { readonly kind: 'connected'; readonly socket: Socket; readonly first: Buffer } | { readonly kind: 'failed'; readonly why: string };

export class PortForwarder {
  readonly #options: PortForwarderOptions;
  readonly #dialers = new Map<string, { readonly child: ChildProcess; readonly socketPath: string }>();

  constructor(options: PortForwarderOptions) {
    this.#options = options;
  }

  session(pod: Pod, ports: readonly number[]): Session {
    return {
      protocols: ['portforward.k8s.io'],
      spdy: (connection) => {
        const errors = new Map<string, SpdyStream>();
        connection.on('stream', (stream) => {
          const { streamtype = '', port = '', requestid = port } = stream.headers;
          if (streamtype === 'error') errors.set(requestid, stream);
          else void this.#joinStreams(pod, Number(port), stream, errors.get(requestid));
        });
      },
      webSocket: (socket) => ports.forEach((port, index) => void this.#joinChannels(pod, port, socket, index * 2)),
    };
  }

  /** Ends the pod's dialer. */
  release(pod: Pod): void {
    this.#dialers.get(pod.id)?.child.kill('SIGKILL');
  }

  async #joinStreams(pod: Pod, port: number, data: SpdyStream, error: SpdyStream | undefined): Promise<void> {
    const dialed = await this.#dial(pod, port);
    if (dialed.kind === 'failed') {
      error?.end(refusal(pod, port, dialed.why));
      data.end();
      data.resume();
      return;
    }
    const { socket, first } = dialed;
    if (first.length > 0) data.write(first);
    data.pipe(socket);
    socket.pipe(data);
    data.on('close', () => socket.destroy());
    socket.on('error', (cause) => { error?.end(refusal(pod, port, cause.message)); data.end(); });
    socket.on('close', () => error?.end());
  }

  async #joinChannels(pod: Pod, port: number, webSocket: WebSocket, channel: number): Promise<void> {
    const send = (to: number, bytes: Buffer): void => webSocket.send(Buffer.concat([Buffer.of(to), bytes]));
    const hello = Buffer.alloc(2);
    hello.writeUInt16LE(port);
    send(channel, hello);
    send(channel + 1, hello);
    const early: Buffer[] = [];
    let deliver = (bytes: Buffer): void => { early.push(bytes); };
    webSocket.on('message', (message: Buffer) => { if (message[0] === channel) deliver(message.subarray(1)); });
    const dialed = await this.#dial(pod, port);
    if (dialed.kind === 'failed') {
      send(channel + 1, refusal(pod, port, dialed.why));
      webSocket.close();
      return;
    }
    const { socket, first } = dialed;
    if (first.length > 0) send(channel, first);
    deliver = (bytes) => { socket.write(bytes); };
    early.forEach(deliver);
    socket.on('data', (bytes: Buffer) => send(channel, bytes));
    socket.on('error', (cause) => send(channel + 1, refusal(pod, port, cause.message)));
    socket.on('close', () => webSocket.close());
    webSocket.on('close', () => socket.destroy());
  }

  /** A pod on the server's network is dialed from here, any other from inside: what counts is the pod's localhost. */
  async #dial(pod: Pod, port: number): Promise<Dialed> {
    const { network } = pod.namespaces;
    if (network === undefined) return opened(connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
    const socketPath = await this.#dialer(pod, network);
    for (let attempt = 0; ; attempt++) {
      const socket = connect({ path: socketPath, allowHalfOpen: true });
      const dialed = await opened(socket);
      if (dialed.kind === 'connected') {
        socket.write(`${port}\n`);
        return answered(socket);
      }
      if (attempt >= 100) return dialed;
      await sleep(50);
    }
  }

  async #dialer(pod: Pod, network: string): Promise<string> {
    const running = this.#dialers.get(pod.id);
    if (running) return running.socketPath;
    const socketPath = `${this.#options.runDir}/dial-${pod.id.slice(0, 12)}.sock`;
    rmSync(socketPath, { force: true });
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--net=${network}`, this.#options.node, this.#options.dialer, socketPath], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#dialers.set(pod.id, { child, socketPath });
    // Without a dialer every attempt to connect to it fails, and the client is told so.
    child.on('error', () => undefined);
    child.on('close', () => {
      this.#dialers.delete(pod.id);
      rmSync(socketPath, { force: true });
    });
    return socketPath;
  }
}

function opened(socket: Socket): Promise<Dialed> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve({ kind: 'connected', socket, first: Buffer.alloc(0) }));
    socket.on('error', (error) => resolve({ kind: 'failed', why: error.message }));
  });
}

/** The dialer's line, and what the port said behind it. */
function answered(socket: Socket): Promise<Dialed> {
  return new Promise((resolve) => {
    let buffer: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      buffer = Buffer.concat([buffer, chunk]);
      const end = buffer.indexOf('\n');
      if (end === -1) return;
      socket.off('data', onData);
      socket.pause();
      const line = buffer.subarray(0, end).toString();
      resolve(line === 'ok' ? { kind: 'connected', socket, first: buffer.subarray(end + 1) } : { kind: 'failed', why: line.replace(/^error /, '') });
    };
    socket.on('data', onData);
    socket.on('close', () => resolve({ kind: 'failed', why: 'the dialer ended' }));
  });
}

function refusal(pod: Pod, port: number, why: string): Buffer {
  return Buffer.from(`failed to execute portforward in network namespace "${pod.namespaces.network ?? 'host'}": failed to connect to localhost:${port} inside namespace "${pod.id}": ${why}`);
}
