/** The world process's side of the host-side process: asks for listeners on the host's 127.0.0.1. */
import type { Server } from 'node:net';
import type { ListenAnswer, ListenRequest } from './host/protocol.ts';
import { WorldError } from './errors.ts';

const answerTimeoutMs = 10_000;

/** The part of `process` (or a child process) that carries messages and handles. */
export interface Channel {
  send?: ((message: unknown) => unknown) | undefined;
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
}

export type Listened = { readonly kind: 'listening'; readonly port: number; readonly server: Server } | { readonly kind: 'taken' };

export class HostListeners {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, (answer: ListenAnswer, handle: unknown) => void>();
  #asked = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  start(): void {
    this.#channel.on('message', (message, handle) => {
      const answer = message as ListenAnswer;
      this.#waiting.get(answer.id)?.(answer, handle);
      this.#waiting.delete(answer.id);
    });
  }

  /** A listening socket of the host. @param port 0 lets the system choose */
  listen(port: number): Promise<Listened> {
    const request: ListenRequest = { id: ++this.#asked, port };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(request.id);
        reject(new WorldError('WORLD_FAILED', `the host-side process did not answer for port ${port} within ${answerTimeoutMs} ms`));
      }, answerTimeoutMs);
      this.#waiting.set(request.id, (answer, handle) => {
        clearTimeout(timer);
        if (answer.error === undefined) resolve({ kind: 'listening', port: answer.port, server: handle as Server });
        else if (answer.error === 'EADDRINUSE') resolve({ kind: 'taken' });
        else reject(new WorldError('WORLD_FAILED', `cannot listen on 127.0.0.1:${port}: ${answer.error}`));
      });
      this.#channel.send?.(request);
    });
  }
}
