/** The two small HTTP servers of every process: metrics for Prometheus, health for the kubelet. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface Check {
  readonly name: string;
  /** A reason when it fails; undefined when all is well. */
  readonly failure: () => string | undefined | Promise<string | undefined>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const plain = 'text/plain; charset=utf-8';

/** /metrics of the registry. */
export function metricsPages(registry: Registry): Record<string, () => Promise<Page>> {
  return { '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }) };
}

/** Kubernetes' own format: "[+]name ok" or "[-]name failed: why", 200 or 503. */
export async function checkPage(checks: readonly Check[]): Promise<Page> {
  const failures = await Promise.all(checks.map(async (check) => await check.failure()));
  const lines = checks.map(({ name }, i) => (failures[i] === undefined ? `[+]${name} ok` : `[-]${name} failed: ${failures[i]}`));
  const isWell = failures.every((failure) => failure === undefined);
  return { status: isWell ? 200 : 503, type: plain, body: `${lines.join('\n')}\n${isWell ? 'ok' : 'not ok'}\n` };
}

/** Listens; throws when the port is taken. `host` undefined: all addresses, both families. */
export async function serve(pages: Readonly<Record<string, () => Promise<Page>>>, at: { readonly port: number; readonly host?: string | undefined }): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const page = pages[new URL(request.url ?? '/', 'http://localhost').pathname];
    const answer = page ? page() : Promise.resolve({ status: 404, type: plain, body: 'not found\n' });
    answer.then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => response.writeHead(500, { 'content-type': plain }).end(`${error instanceof Error ? error.message : String(error)}\n`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
