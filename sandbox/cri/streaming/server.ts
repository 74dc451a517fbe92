/**
 * The streaming server of CRI: Exec, Attach and PortForward answer with a URL of it, to which the kubelet connects once.
 * It listens on the server's loopback only (the kubelet is the only client), and a URL works for a minute.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { SpdyConnection } from './spdy.ts';

/** What a URL leads to. WebSocket is offered for port-forward only: the kubelet tunnels the rest through SPDY. */
export interface Session {
  /** Protocol versions it speaks, best first. */
  readonly protocols: readonly string[];
  spdy(connection: SpdyConnection): void;
  webSocket?(socket: WebSocket): void;
}

const tokenLifeMs = 60_000;

export class StreamingServer {
  readonly #http: Server = createServer((_request, response) => { response.writeHead(404).end(); });
  readonly #webSockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false) });
  readonly #sessions = new Map<string, Session>();
  #address = '';

  async start(): Promise<void> {
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => this.#http.on('error', reject).listen(0, '127.0.0.1', resolve));
    this.#address = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#http.close();
    this.#http.closeAllConnections();
    this.#webSockets.close();
  }

  /** A URL that serves this session once. */
  url(kind: 'exec' | 'attach' | 'portforward', session: Session): string {
    const token = randomBytes(12).toString('hex');
    this.#sessions.set(token, session);
    setTimeout(() => this.#sessions.delete(token), tokenLifeMs).unref();
    return `${this.#address}/${kind}/${token}`;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const token = request.url?.split('?')[0]?.split('/')[2] ?? '';
    const session = this.#sessions.get(token);
    const wanted = request.headers.upgrade?.toLowerCase() ?? '';
    if (!session) {
      refuse(socket, '404 Not Found');
    } else if (wanted === 'websocket' && session.webSocket) {
      this.#sessions.delete(token);
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => session.webSocket?.(webSocket));
    } else if (wanted === 'spdy/3.1') {
      this.#sessions.delete(token);
      acceptSpdy(request, socket, session);
      session.spdy(new SpdyConnection(socket, head));
    } else {
      refuse(socket, '400 Bad Request');
    }
  }
}

function acceptSpdy(request: IncomingMessage, socket: Duplex, { protocols }: Session): void {
  const offered = [request.headers['x-stream-protocol-version'] ?? []].flat().join(',').split(',').map((protocol) => protocol.trim());
  const protocol = protocols.find((candidate) => offered.includes(candidate));
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Upgrade: SPDY/3.1', 'Connection: Upgrade', ...(protocol ? [`X-Stream-Protocol-Version: ${protocol}`] : []), '', ''].join('\r\n'));
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
