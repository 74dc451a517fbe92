/** Stands between a program and a cloud: hands every call on, and writes down what was asked and answered. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { serviceNames, type ServiceName } from '../../../sandbox/openstack/http/service.ts';
import type { RecordedCall } from './recorded-call.ts';

/** The user agent of whoever sets the stage. */
export const stageAgent = 'keelson-contract';

const catalogOf = z.object({ token: z.object({ catalog: z.array(z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), url: z.string() })) })) }) });

/** What stands for one service. */
interface Front {
  readonly service: ServiceName;
  /** Of the real service: scheme and authority, and the path of its address in the catalog. */
  readonly origin: string;
  readonly base: string;
  readonly server: Server;
  /** `http://127.0.0.1:<port>` */
  readonly here: string;
}

export class RecordingProxy {
  readonly calls: RecordedCall[] = [];
  readonly #fronts = new Map<string, Promise<Front>>();
  #authUrl = '';

  /** Opens before the cloud's Keystone, and before every other service as soon as somebody logs in. @param authUrl of the cloud */
  static async before(authUrl: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    proxy.#authUrl = `${(await proxy.#front('identity', authUrl)).here}${new URL(authUrl).pathname}`;
    return proxy;
  }

  /** What takes the place of the cloud's own. */
  get authUrl(): string {
    return this.#authUrl;
  }

  async stop(): Promise<void> {
    for (const { server } of await Promise.all(this.#fronts.values())) {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    }
  }

  #front(service: ServiceName, address: string): Promise<Front> {
    const { origin, pathname } = new URL(address);
    const known = this.#fronts.get(origin);
    if (known) return known;
    const opened = this.#open(service, origin, pathname.replace(/\/$/, ''));
    this.#fronts.set(origin, opened);
    return opened;
  }

  async #open(service: ServiceName, origin: string, base: string): Promise<Front> {
    const server = createServer((incoming, outgoing) => {
      this.#handOn(front, incoming, outgoing).catch(() => { outgoing.destroy(); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const front: Front = { service, origin, base, server, here: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    return front;
  }

  async #handOn(front: Front, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const { host: _host, connection: _connection, 'content-length': _length, 'accept-encoding': _encoding, ...headers } = incoming.headers;
    const answer = await fetch(`${front.origin}${incoming.url ?? '/'}`, {
      method: incoming.method ?? 'GET', headers: headers as Record<string, string>, redirect: 'manual', ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    this.#writeDown(front, incoming, { body, answer, text });
    await this.#learnCatalog(text);
    outgoing.writeHead(answer.status, [...answer.headers].filter(([name]) => !['content-length', 'transfer-encoding', 'connection', 'content-encoding'].includes(name)).flat());
    outgoing.end(await this.#withOurAddresses(text));
  }

  #writeDown(front: Front, { method = 'GET', url = '/', headers }: IncomingMessage, { body, answer, text }: { readonly body: string; readonly answer: Response; readonly text: string }): void {
    const { pathname, search } = new URL(url, front.origin);
    if (!pathname.startsWith(front.base)) throw new Error(`${front.service} ${method} ${pathname} is not below ${front.base}`);
    const path = pathname.slice(front.base.length) || '/';
    const isLogin = front.service === 'identity' && path === '/auth/tokens';
    const version = headers['x-openstack-nova-api-version'] ?? /^(?:compute|volume) (\S+)/.exec(String(headers['openstack-api-version'] ?? ''))?.[1];
    this.calls.push({
      by: String(headers['user-agent'] ?? '').includes(stageAgent) ? 'stage' : 'program', service: front.service, method, path, query: search.slice(1),
      ...(version === undefined ? {} : { microversion: String(version) }), status: answer.status, headers: [...answer.headers.keys()],
      request: isLogin ? 'REDACTED' : parsed(body), response: parsed(text),
    });
  }

  async #learnCatalog(text: string): Promise<void> {
    const found = catalogOf.safeParse(parsed(text));
    for (const { type, endpoints } of found.success ? found.data.token.catalog : []) {
      const service = serviceNames.find((name) => name === type);
      const address = endpoints.find((one) => one.interface === 'public')?.url;
      if (service !== undefined && address !== undefined) await this.#front(service, address);
    }
  }

  async #withOurAddresses(text: string): Promise<string> {
    return (await Promise.all(this.#fronts.values())).reduce((whole, { origin, here }) => whole.replaceAll(origin, here), text);
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Null where there is no body, the text where it is no JSON. */
function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
