/**
 * A Keystone session: logs in when first needed, finds services in the catalog, logs in once more when a token is refused,
 * waits and repeats when the cloud says it is busy (429, 503) or the connection breaks on a call that changes nothing.
 */
import { z } from 'zod';
import { systemClock, type Clock, type Random } from './clock.ts';
import { endpointOverride, type Cloud } from './clouds.ts';
import { CloudError, errorOf } from './errors.ts';
import { HttpClient, type Answer } from './http.ts';
import { loginBody } from './login.ts';
import { withRetries } from './retry.ts';
import { redactor, secretsOf } from './secrets.ts';

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
  /** Deadline of a call with all its tries and pauses; 180,000 unless told. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** A list names its parameter once per value. */
  readonly query?: Record<string, string | readonly string[] | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/** Since 2025 catalogs call Cinder block-storage; older ones and most clients say volumev3. */
const otherNames: Partial<Record<ServiceType, string>> = { volumev3: 'block-storage' };

/** A token this close to its end is not used any more: the call might outlive it. */
const renewBeforeMs = 60_000;

const token = z.object({
  token: z.object({
    expires_at: z.string().optional(),
    user: z.object({ id: z.string(), name: z.string() }).optional(),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    catalog: z.array(z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() })) })).default([]),
  }),
});

interface Login {
  readonly id: string;
  readonly projectId: string | undefined;
  readonly userId: string | undefined;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
  readonly catalog: z.output<typeof token>['token']['catalog'];
}

export class Session {
  readonly #options: SessionOptions;
  readonly #http: HttpClient;
  readonly #redact: (text: string) => string;
  readonly #clock: Clock;
  #login: Promise<Login> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#http = new HttpClient({ ca: options.ca, verify: options.cloud.verify });
    this.#redact = redactor(secretsOf(options.cloud));
    this.#clock = options.clock ?? systemClock;
  }

  /** Id of the project these credentials are scoped to. @throws CloudError */
  async projectId(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#loggedIn(signal)).projectId;
  }

  /** Id of the user these credentials belong to. @throws CloudError */
  async userId(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#loggedIn(signal)).userId;
  }

  /** Names of the roles these credentials hold in their project. @throws CloudError */
  async roles(signal?: AbortSignal): Promise<readonly string[]> {
    return (await this.#loggedIn(signal)).roles;
  }

  /** Base address of a service for this region and interface, without a slash at the end. @throws CloudError CLOUD_NOT_FOUND when the catalog has none */
  async endpoint(type: ServiceType, signal?: AbortSignal): Promise<string> {
    const override = endpointOverride(this.#options.cloud, type);
    if (override !== undefined) return override.replace(/\/$/, '');
    const { catalog } = await this.#loggedIn(signal);
    const { region_name: region, interface: wanted = 'public' } = this.#options.cloud;
    const found = catalog
      .filter((service) => service.type === type || service.type === otherNames[type])
      .flatMap((service) => service.endpoints)
      .find((e) => e.interface === wanted.replace(/URL$/, '') && (region === undefined || e.region === region));
    if (!found) throw new CloudError('CLOUD_NOT_FOUND', `the catalog has no ${wanted} endpoint of service ${type}${region ? ` in region ${region}` : ''}; it has ${[...new Set(catalog.map((s) => s.type))].join(', ') || 'none'}`);
    return found.url.replace(/\/$/, '');
  }

  /** One call and whatever the cloud answers, refusals too, after the same retries as `call`. @throws CloudError only when there is no answer */
  async exchange(service: ServiceType, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const isSafe = method === 'GET' || method === 'HEAD';
    return this.#withRetries(operation(service, method, path), isSafe, options.signal, () => this.#authorized(service, method, path, options));
  }

  /** One call; the parsed JSON body, undefined when it is empty. @throws CloudError */
  async call(service: ServiceType, method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    const what = operation(service, method, path);
    const answer = await this.exchange(service, method, path, options);
    if (answer.status >= 300) throw this.#refusal(what, answer);
    return answer.body === '' ? undefined : parseJson(what, answer);
  }

  close(): void {
    this.#http.close();
  }

  async #authorized(service: ServiceType, method: string, path: string, { body, headers, query, signal }: CallOptions): Promise<Answer> {
    const send = async (login: Login): Promise<Answer> => {
      const url = new URL(`${await this.endpoint(service, signal)}${path}`);
      for (const [key, value] of Object.entries(query ?? {})) for (const one of [value ?? []].flat()) url.searchParams.append(key, one);
      return this.#send({ method, url: url.href, headers: { 'x-auth-token': login.id, ...headers }, body, signal });
    };
    const login = await this.#loggedIn(signal);
    const answer = await send(login);
    if (answer.status !== 401) return answer;
    return send(await this.#loggedIn(signal, login));
  }

  #withRetries(what: string, isSafe: boolean, signal: AbortSignal | undefined, send: () => Promise<Answer>): Promise<Answer> {
    const { attempts = 5, deadlineMs = 180_000, random = Math.random } = this.#options;
    return withRetries({ attempts, deadlineMs, random, clock: this.#clock, signal, isSafe }, send, (cause) => this.#unreachable(what, cause));
  }

  #refusal(what: string, answer: Answer): CloudError {
    return errorOf(what, { ...answer, body: this.#redact(answer.body) });
  }

  #unreachable(what: string, cause: unknown): CloudError {
    const isTimeout = nameOf(cause) === 'TimeoutError';
    return isTimeout
      ? new CloudError('CLOUD_TIMEOUT', `${what}: no answer within ${(this.#options.timeoutMs ?? 60_000) / 1000} s`, { cause, retryAfterMs: 5_000 })
      : new CloudError('CLOUD_UNREACHABLE', `${what}: ${cause instanceof Error ? cause.message : String(cause)}; is ${new URL(this.#options.cloud.auth.auth_url).host} reachable from here?`, { cause, retryAfterMs: 5_000 });
  }

  /** One login for all who wait; giving up waiting does not end it for the others. @param refused a login the cloud no longer accepts: a newer one is used or made */
  async #loggedIn(signal: AbortSignal | undefined, refused?: Login): Promise<Login> {
    const current = this.#login;
    if (current) {
      const login = await orAborted(current, signal);
      const isStale = login === refused || login.expiresAtMs - renewBeforeMs <= this.#clock.now();
      if (!isStale) return login;
      if (this.#login === current) this.#login = undefined;
    }
    const next = (this.#login ??= this.#logIn());
    next.catch(() => {
      if (this.#login === next) this.#login = undefined;
    });
    return orAborted(next, signal);
  }

  async #logIn(): Promise<Login> {
    const { cloud } = this.#options;
    const base = cloud.auth.auth_url.replace(/\/$/, '');
    const url = `${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`;
    const what = `log in at ${new URL(url).host}`;
    const body = loginBody(cloud);
    // Logging in changes nothing, so a broken connection may be tried again.
    const answer = await this.#withRetries(what, true, undefined, () => this.#send({ method: 'POST', url, headers: {}, body, signal: undefined }));
    const id = answer.headers['x-subject-token'];
    if (answer.status !== 201 || typeof id !== 'string') throw this.#refusal(what, answer);
    const parsed = token.safeParse(parseJson(what, answer));
    if (!parsed.success) throw new CloudError('CLOUD_FAILED', `${what}: the token has an unknown shape at ${parsed.error.issues[0]?.path.join('.')}`);
    const { expires_at: expires, project, user, roles, catalog } = parsed.data.token;
    return { id, projectId: project?.id, userId: user?.id, roles: roles.map(({ name }) => name), expiresAtMs: expires === undefined ? Infinity : Date.parse(expires), catalog };
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

/** How a call is named in errors: without its query, which may be long. */
function operation(service: ServiceType, method: string, path: string): string {
  return `${method} ${path.split('?')[0]} (${service})`;
}

/** The parser's own error quotes the body, which may hold a secret, and is left out. */
function parseJson(what: string, answer: Answer): unknown {
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    throw new CloudError('CLOUD_FAILED', `${what}: status ${answer.status} with a body that is no JSON; is this the right address?`, { status: answer.status });
  }
}

/** By name, because the reasons of signals are DOMExceptions. */
function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
