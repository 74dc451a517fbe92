/**
 * A Keystone session: logs in when first needed, finds services in the catalog, logs in once more when a token is refused,
 * waits and repeats when the cloud says it is busy (429, 503) or the connection breaks on a call that changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { endpointOverride, type Cloud } from './clouds.ts';
import { CloudError, errorOf } from './errors.ts';
import { HttpClient, type Answer } from './http.ts';
import { loginBody } from './login.ts';

export type ServiceType = 'compute' | 'network' | 'image' | 'load-balancer' | 'identity' | 'volumev3';

export interface SessionOptions {
  readonly cloud: Cloud;
  readonly userAgent: string;
  /** Content of the CA bundle when the cloud's certificate has one of its own. */
  readonly ca?: string;
  /** Deadline of one HTTP request; 60,000 unless told. */
  readonly timeoutMs?: number;
  /** Tries in all for a busy cloud; 5 unless told. */
  readonly attempts?: number;
  readonly random?: () => number;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string | undefined>;
  readonly signal?: AbortSignal | undefined;
}

const token = z.object({
  token: z.object({
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    catalog: z.array(z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() })) })).default([]),
  }),
});

interface Login {
  readonly id: string;
  readonly projectId: string | undefined;
  readonly catalog: z.output<typeof token>['token']['catalog'];
}

export class Session {
  readonly #options: SessionOptions;
  readonly #http: HttpClient;
  #login: Promise<Login> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#http = new HttpClient({ ca: options.ca, verify: options.cloud.verify });
  }

  /** Id of the project these credentials are scoped to. @throws CloudError */
  async projectId(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#loggedIn(signal)).projectId;
  }

  /** Base address of a service for this region and interface, without a slash at the end. @throws CloudError CLOUD_NOT_FOUND when the catalog has none */
  async endpoint(type: ServiceType, signal?: AbortSignal): Promise<string> {
    const override = endpointOverride(this.#options.cloud, type);
    if (override !== undefined) return override.replace(/\/$/, '');
    const { catalog } = await this.#loggedIn(signal);
    const { region_name: region, interface: wanted = 'public' } = this.#options.cloud;
    const found = catalog
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints)
      .find((e) => e.interface === wanted.replace(/URL$/, '') && (region === undefined || e.region === region));
    if (!found) throw new CloudError('CLOUD_NOT_FOUND', `the catalog has no ${wanted} endpoint of service ${type}${region ? ` in region ${region}` : ''}; it has ${[...new Set(catalog.map((s) => s.type))].join(', ') || 'none'}`);
    return found.url.replace(/\/$/, '');
  }

  /** One call; the parsed JSON body, undefined when it is empty. @throws CloudError */
  async call(service: ServiceType, method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    const what = `${method} ${path.split('?')[0]} (${service})`;
    const answer = await this.#withRetries(what, method, options.signal, () => this.#authorized(service, method, path, options));
    if (answer.status >= 300) throw errorOf(what, answer);
    if (answer.body === '') return undefined;
    try {
      return JSON.parse(answer.body) as unknown;
    } catch (cause) {
      throw new CloudError('CLOUD_FAILED', `${what}: status ${answer.status} with a body that is no JSON; is this the right address?`, { cause, status: answer.status });
    }
  }

  close(): void {
    this.#http.close();
  }

  async #authorized(service: ServiceType, method: string, path: string, { body, headers, query, signal }: CallOptions): Promise<Answer> {
    const send = async (): Promise<Answer> => {
      const { id } = await this.#loggedIn(signal);
      const url = new URL(`${await this.endpoint(service, signal)}${path}`);
      for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.append(key, value);
      return this.#send({ method, url: url.href, headers: { 'x-auth-token': id, ...headers }, body, signal });
    };
    const answer = await send();
    if (answer.status !== 401) return answer;
    this.#login = undefined;
    return send();
  }

  async #withRetries(what: string, method: string, signal: AbortSignal | undefined, send: () => Promise<Answer>): Promise<Answer> {
    const attempts = this.#options.attempts ?? 5;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts;
      try {
        const answer = await send();
        if ((answer.status !== 429 && answer.status !== 503) || isLast) return answer;
        await this.#pause(attempt, Number(answer.headers['retry-after']) * 1000, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const isSafe = method === 'GET' || method === 'HEAD';
        if (error instanceof CloudError) throw error;
        if (!isSafe || isLast) throw this.#unreachable(what, error);
        await this.#pause(attempt, Number.NaN, signal);
      }
    }
  }

  /** 0.5 s, doubled each time up to 30 s, between half and all of it; the cloud's own word wins, up to a minute. */
  async #pause(attempt: number, askedMs: number, signal: AbortSignal | undefined): Promise<void> {
    const random = this.#options.random ?? Math.random;
    const backoff = Math.min(30_000, 500 * 2 ** (attempt - 1)) * (0.5 + random() / 2);
    await sleep(Number.isFinite(askedMs) ? Math.min(60_000, askedMs) : backoff, undefined, signal ? { signal } : {});
  }

  #unreachable(what: string, cause: unknown): CloudError {
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
    return isTimeout
      ? new CloudError('CLOUD_TIMEOUT', `${what}: no answer within ${(this.#options.timeoutMs ?? 60_000) / 1000} s`, { cause, retryAfterMs: 5_000 })
      : new CloudError('CLOUD_UNREACHABLE', `${what}: ${cause instanceof Error ? cause.message : String(cause)}; is ${new URL(this.#options.cloud.auth.auth_url).host} reachable from here?`, { cause, retryAfterMs: 5_000 });
  }

  #loggedIn(signal: AbortSignal | undefined): Promise<Login> {
    this.#login ??= this.#logIn(signal).catch((error: unknown) => {
      this.#login = undefined;
      throw error;
    });
    return this.#login;
  }

  async #logIn(signal: AbortSignal | undefined): Promise<Login> {
    const { cloud } = this.#options;
    const base = cloud.auth.auth_url.replace(/\/$/, '');
    const url = `${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`;
    const what = `log in at ${new URL(url).host}`;
    const body = loginBody(cloud);
    // Logging in changes nothing, so a broken connection may be tried again.
    const answer = await this.#withRetries(what, 'GET', signal, () => this.#send({ method: 'POST', url, headers: {}, body, signal }));
    const id = answer.headers['x-subject-token'];
    if (answer.status !== 201 || typeof id !== 'string') throw errorOf(what, answer);
    const parsed = token.safeParse(JSON.parse(answer.body));
    if (!parsed.success) throw new CloudError('CLOUD_FAILED', `${what}: the token has an unknown shape at ${parsed.error.issues[0]?.path.join('.')}`);
    return { id, projectId: parsed.data.token.project?.id, catalog: parsed.data.token.catalog };
  }

  #send(request: { method: string; url: string; headers: Record<string, string>; body: unknown; signal: AbortSignal | undefined }): Promise<Answer> {
    return this.#http.send({
      ...request,
      headers: { 'user-agent': this.#options.userAgent, ...request.headers },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      timeoutMs: this.#options.timeoutMs ?? 60_000,
    });
  }
}
