/** The pager: receives Alertmanager's notifications, keeps them, and shows them to people and programs. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { PagerError, type PagerErrorCode } from './errors.ts';
import { notFoundHtml, pagesHtml, runbookHtml } from './html.ts';
import type { Page } from './page.ts';
import { PageStore } from './page-store.ts';
import { readRunbook } from './runbooks.ts';
import { pagesAfter, webhookSchema, type Webhook } from './webhook.ts';

export interface PagerOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** JSON file of the pages. */
  readonly file: string;
  /** Folder of markdown files, `<name>.md` served at `/runbooks/<name>`. */
  readonly runbooks: string;
  readonly now?: () => Date;
}

/** Body of `GET /api/pages`. */
export interface PagesAnswer { readonly pages: readonly Page[] }

const statuses: Readonly<Record<PagerErrorCode, number>> = { PAGER_BAD_PAYLOAD: 400, PAGER_NOT_FOUND: 404, PAGER_STORE_FAILED: 500 };

export class Pager {
  readonly #options: PagerOptions;
  readonly #store: PageStore;
  readonly #app: FastifyInstance;
  readonly #now: () => Date;

  constructor(options: PagerOptions) {
    this.#options = options;
    this.#store = new PageStore(options.file);
    this.#now = options.now ?? (() => new Date());
    this.#app = fastify({
      logger: false, bodyLimit: 8 * 1024 * 1024, forceCloseConnections: true,
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true } },
    });
  }

  /** Listens. Throws PAGER_STORE_FAILED, or the system's error when the port cannot be had. */
  async start(): Promise<void> {
    await this.#store.start();
    this.#routes();
    await this.#app.listen({ host: this.#options.address, port: this.#options.port });
  }

  async stop(): Promise<void> {
    await this.#app.close();
  }

  /** Where it listens; useful with port 0. */
  get port(): number {
    return (this.#app.server.address() as AddressInfo).port;
  }

  /** How many fire now. */
  openPages(): number {
    return this.#store.all().filter((page) => page.state === 'firing').length;
  }

  #routes(): void {
    const app = this.#app;
    app.setErrorHandler((error, _request, reply) => {
      const known = asPagerError(error);
      void reply.status(known ? statuses[known.code] : statusOf(error)).send({ code: known?.code ?? 'PAGER_FAILED', message: error instanceof Error ? error.message : String(error) });
    });
    app.post<{ Body: Webhook }>('/api/v2/alerts-webhook', { schema: { body: webhookSchema } }, async (request) => {
      await this.#store.put(pagesAfter(request.body, (fingerprint) => this.#store.get(fingerprint), this.#now()));
      return {};
    });
    app.get('/api/pages', (): PagesAnswer => ({ pages: this.#store.all() }));
    app.get('/healthz', () => 'ok');
    app.get('/', (_request, reply) => html(reply, (nonce) => pagesHtml(this.#store.all(), this.#now(), nonce)));
    app.get<{ Params: { name: string } }>('/runbooks/:name', (request, reply) => this.#runbook(request.params.name.replace(/\.md$/, ''), reply));
    app.get('/runbooks/', (_request, reply) => this.#runbook('README', reply));
    app.get('/events', (_request, reply) => { this.#events(reply); });
  }

  async #runbook(name: string, reply: FastifyReply): Promise<FastifyReply> {
    const runbook = await readRunbook(this.#options.runbooks, name);
    if (!runbook) return html(reply.status(404), (nonce) => notFoundHtml(`There is no runbook ${name}.`, nonce));
    return html(reply, (nonce) => runbookHtml(runbook, nonce));
  }

  /** Server-sent events (HTML standard, 9.2): one `change` whenever a page changes. */
  #events(reply: FastifyReply): void {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    raw.write('retry: 2000\n\n');
    const beat = setInterval(() => { raw.write(': alive\n\n'); }, 20_000);
    const forget = this.#store.onChange(() => { raw.write('event: change\ndata:\n\n'); });
    raw.on('error', () => undefined).on('close', () => { clearInterval(beat); forget(); });
  }
}

function html(reply: FastifyReply, render: (nonce: string) => string): FastifyReply {
  const nonce = randomBytes(12).toString('base64url');
  return reply.type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; frame-ancestors 'none'`)
    .send(render(nonce));
}

function asPagerError(error: unknown): PagerError | undefined {
  if (error instanceof PagerError) return error;
  const { validation, statusCode, message } = error as { validation?: unknown; statusCode?: number; message?: string };
  const isPayload = validation !== undefined || statusCode === 400;
  return isPayload ? new PagerError('PAGER_BAD_PAYLOAD', `not an Alertmanager webhook of version 4: ${message}`, { cause: error }) : undefined;
}

function statusOf(error: unknown): number {
  return (error as { statusCode?: number }).statusCode ?? 500;
}
