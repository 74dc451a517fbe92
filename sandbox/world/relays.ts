/** Doors from the user's 127.0.0.1 into the world: each accepts on a listener of the host and dials an address inside the world. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { splice } from '../network/splice.ts';
import type { Listened } from './host-listeners.ts';
import type { RelayRequest, RelayStatus } from './control-api.ts';
import { WorldError } from './errors.ts';

const connectTimeoutMs = 10_000;

interface Open { readonly request: RelayRequest; readonly port: number; readonly server: Server; readonly sockets: Set<Socket> }

export interface RelaysOptions {
  readonly listen: (port: number) => Promise<Listened>;
  /** Ports of earlier worlds by relay name. */
  readonly remembered: (name: string) => number | undefined;
  readonly remember: (request: RelayRequest, port: number) => Promise<void>;
  readonly forget: (name: string) => Promise<void>;
}

export class Relays {
  readonly #options: RelaysOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /**
   * Opens a door or keeps the one of that name; a new target holds for connections to come.
   * Throws WORLD_PORT_TAKEN when a port was asked for and another program has it; a port only remembered gives way to another.
   */
  async add(request: RelayRequest): Promise<RelayStatus> {
    const known = this.#open.get(request.name);
    if (known && (request.port === undefined || request.port === known.port)) {
      const open = { ...known, request };
      this.#open.set(request.name, open);
      await this.#options.remember(request, known.port);
      return status(open);
    }
    const { port, server: handle } = await this.#listen(request);
    this.#close(request.name);
    const sockets = new Set<Socket>();
    // The received server only carries the handle; ours takes it over, because half-open connections must be allowed.
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => { this.#accept(request.name, client); });
    server.listen(handle);
    const open: Open = { request, port, server, sockets };
    this.#open.set(request.name, open);
    await this.#options.remember(request, port);
    return status(open);
  }

  /** Closes the door and its connections. @returns false when there is none of that name */
  async remove(name: string): Promise<boolean> {
    const isClosed = this.#close(name);
    if (isClosed) await this.#options.forget(name);
    return isClosed;
  }

  list(): RelayStatus[] {
    return [...this.#open.values()].map(status);
  }

  stop(): void {
    for (const name of [...this.#open.keys()]) this.#close(name);
  }

  async #listen({ name, port }: RelayRequest): Promise<Listened & { kind: 'listening' }> {
    for (const candidate of port === undefined ? [this.#options.remembered(name) ?? 0, 0] : [port]) {
      const listened = await this.#options.listen(candidate);
      if (listened.kind === 'listening') return listened;
    }
    throw new WorldError('WORLD_PORT_TAKEN', `port 127.0.0.1:${port} (${name}) is taken`);
  }

  #accept(name: string, client: Socket): void {
    const open = this.#open.get(name);
    if (!open) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ host: open.request.target.address, port: open.request.target.port, allowHalfOpen: true, noDelay: true });
    const giveUp = (): void => { target.destroy(); client.resetAndDestroy(); };
    const deadline = setTimeout(giveUp, connectTimeoutMs);
    for (const socket of [client, target]) {
      open.sockets.add(socket);
      socket.once('close', () => { open.sockets.delete(socket); });
    }
    client.once('error', giveUp);
    target.once('error', giveUp);
    target.once('close', () => { clearTimeout(deadline); });
    target.once('connect', () => {
      clearTimeout(deadline);
      client.off('error', giveUp);
      target.off('error', giveUp);
      splice(client, target);
    });
  }

  #close(name: string): boolean {
    const open = this.#open.get(name);
    if (!open) return false;
    this.#open.delete(name);
    open.server.close();
    for (const socket of open.sockets) socket.resetAndDestroy();
    return true;
  }
}

function status({ request, port, sockets }: Open): RelayStatus {
  return { name: request.name, address: `127.0.0.1:${port}`, port, target: request.target, connections: Math.ceil(sockets.size / 2) };
}
