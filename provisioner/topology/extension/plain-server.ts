/** Metrics and health: small answers over plain HTTP. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TopologyError } from '../errors.ts';
import { unusedConnections } from './unused-connections.ts';

export type Page = () => Promise<{ readonly status: number; readonly type?: string; readonly body: string }>;

/** Listens at once; an unknown path answers 404. @throws TopologyError PORT_TAKEN */
export async function servePages(o: { host: string; port: number; pages: Readonly<Record<string, Page>> }): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const page = request.method === 'GET' ? o.pages[new URL(request.url ?? '/', 'http://localhost').pathname] : undefined;
    void (page ? page() : Promise.resolve({ status: 404, body: 'not found\n' }))
      .catch((error: unknown) => ({ status: 500, body: `${error instanceof Error ? error.message : String(error)}\n` }))
      .then(({ status, body, ...rest }) => {
        response.writeHead(status, { 'content-type': 'type' in rest && rest.type ? rest.type : 'text/plain; charset=utf-8' });
        response.end(body);
      });
  });
  server.requestTimeout = 10_000;
  const unused = unusedConnections(server);
  return { port: await listen(server, o), close: () => close(server, unused) };
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new TopologyError('PORT_TAKEN', `listen on ${host}:${port}: ${cause.message}; choose another port`, { cause })));
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server, unused: { end(): void }): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve()); // idle ones too
    unused.end();
  });
}
