/** Connections that nobody has asked anything on hold up the end of a server. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What ends them, for the moment when a server closes. A Go client dials ahead and may never use what it dialled; Node does not
 * count such a connection as idle, and stops looking at its timeouts when the server closes
 * (https://github.com/nodejs/node/blob/v24.x/lib/_http_server.js, httpServerPreClose): the process would live until it is killed.
 */
export function unusedConnections(server: Server): { end(): void } {
  const unused = new Map<string, Socket>();
  let isEnding = false;
  // By the address of the other side: what speaks TLS is another object than the socket that was accepted.
  const from = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;
  server.on('connection', (socket: Socket) => {
    if (isEnding) return void socket.destroy();
    const key = from(socket);
    unused.set(key, socket);
    socket.once('close', () => {
      if (unused.get(key) === socket) unused.delete(key);
    });
  });
  server.on('request', ({ socket }: IncomingMessage) => void unused.delete(from(socket)));
  return {
    end: () => {
      isEnding = true;
      for (const socket of unused.values()) socket.destroy();
    },
  };
}
