/** Makes the calls of a case, writes down what came back, and remembers what has to be deleted. */
import type { ServiceType, Session } from '../../provisioner/openstack/index.ts';
import { addressesIn, normalize, normalizeHeaders, normalizeText, type Normalizer, type Observation, type Sequence, type Step } from './observation.ts';
import { at, parseBody, type Body, type Reply, type Who } from './reply.ts';
import type { Target } from './target.ts';

export interface CallOptions {
  readonly headers?: Record<string, string>;
  /** Who calls; the member unless told. */
  readonly as?: Who;
}

export interface PollOptions extends CallOptions {
  /** The state in a reply. A 404 is the state `404`. */
  readonly state: (reply: Reply) => string;
  /** The states it starts from, as earlier replies showed them. */
  readonly from?: readonly string[];
  readonly until: string;
  /** States that may or may not be seen on the way; they are left out of what is compared. */
  readonly passing?: readonly string[];
  readonly timeoutMs?: number;
}

export class Recorder {
  readonly target: Target;
  readonly #case: string;
  readonly #steps: (Step | Sequence)[] = [];
  readonly #undo: string[] = [];
  readonly #asked = new Set<string>();
  readonly #drawn = new Set<string>();

  constructor(target: Target, name: string) {
    this.target = target;
    this.#case = name;
  }

  /** A name of this run. Only what carries the run's prefix is ever deleted. */
  name(what: string): string {
    return `${this.target.prefix}${what}`;
  }

  /** Makes a call and writes it down. @param request `network POST /v2.0/networks` @throws when there is no answer at all */
  async call(step: string, request: string, body?: unknown, options: CallOptions = {}): Promise<Reply> {
    if (this.#steps.some((one) => one.step === step)) throw new Error(`case ${this.#case} has two steps "${step}"`);
    for (const address of addressesIn(JSON.stringify(body ?? ''))) if (!this.#drawn.has(address)) this.#asked.add(address);
    const reply = await this.quiet(request, body, options);
    this.#undoCreate(request, reply, options.as);
    this.#write(step, request, reply);
    return reply;
  }

  /**
   * A call that is refused only while something else is at work, which on a quick cloud is over within one call. Sets that
   * going and calls at once, again and again until it is refused, and writes down the refusal alone.
   */
  async refusal(step: string, o: { readonly status: number; readonly provoke: () => Promise<unknown>; readonly request: () => Promise<string> }): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const request = await o.request();
      await o.provoke();
      const reply = await this.quiet(request);
      if (reply.status === o.status) return this.#write(step, request, reply);
    }
    throw new Error(`${step}: never refused with ${o.status}`);
  }

  #write(step: string, request: string, reply: Reply): void {
    const n = this.#normalizer();
    const [, method, path = ''] = request.split(' ');
    this.#steps.push({
      step, request: `${method} ${normalizeText(path, n)}`, status: reply.status, headers: normalizeHeaders(reply.headers, n),
      body: normalize('text' in reply.body && Object.keys(reply.body).length === 1 ? reply.body['text'] : reply.body, n),
    });
  }

  /** Makes a call that is not part of the contract: setting up, cleaning up. */
  async quiet(request: string, body?: unknown, options: CallOptions = {}): Promise<Reply> {
    const [service, method = 'GET', path = '/'] = request.split(' ');
    const reply = await send(this.target.session(options.as ?? 'member'), service as ServiceType, method, { path, body, ...(options.headers ? { headers: options.headers } : {}) });
    for (const address of addressesIn(JSON.stringify(reply.body))) if (!this.#asked.has(address) && !isGiven(address)) this.#drawn.add(address);
    return reply;
  }

  /** As `quiet`, for a call that must succeed. */
  async must(request: string, body?: unknown, options: CallOptions = {}): Promise<Body> {
    const reply = await this.quiet(request, body, options);
    if (reply.status >= 400) throw new Error(`${request}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  /** Asks again and again until a state is reached, and writes down the states on the way. */
  async poll(step: string, request: string, options: PollOptions): Promise<Reply> {
    const seen: string[] = [...(options.from ?? [])];
    const deadline = Date.now() + (options.timeoutMs ?? 120_000);
    for (;;) {
      const reply = await this.quiet(request, undefined, options);
      const state = reply.status === 404 ? '404' : options.state(reply);
      if (seen.at(-1) !== state) seen.push(state);
      const isLost = state === '404' || Date.now() > deadline;
      if (state === options.until || isLost) {
        this.#steps.push({ step, sequence: seen.filter((one) => !(options.passing ?? []).includes(one)) });
        if (state !== options.until) throw new Error(`${step}: waited for ${options.until}, came to ${state}`);
        return reply;
      }
      await this.target.pause();
    }
  }

  /** Writes down what several calls show together: that two servers are on different hosts, say. */
  note(step: string, what: string): void {
    this.#steps.push({ step, sequence: [what] });
  }

  /** Deletes this at the end of the case, last first. @param request `network DELETE /v2.0/networks/…`, with ` AS stranger` or ` BODY {…}` behind it where needed */
  undo(request: string): void {
    this.#undo.push(request);
  }

  /** What a call created is deleted even where the case expected a refusal. What hangs on a load balancer goes with it. */
  #undoCreate(request: string, reply: Reply, as: Who | undefined): void {
    const [service, method, path = ''] = request.split(' ');
    const isOwn = !path.includes('/lbaas/') || path.endsWith('/loadbalancers');
    if (method !== 'POST' || reply.status >= 300 || !isOwn) return;
    for (const made of Object.values(reply.body)) {
      const id = at(made, 'id');
      if (id !== '') this.undo(`${service} DELETE ${path}/${id}${path.endsWith('/loadbalancers') ? '?cascade=true' : ''}${as === undefined ? '' : ` AS ${as}`}`);
    }
  }

  observation(): Observation {
    return { case: this.#case, steps: this.#steps };
  }

  /** Everything that was made is deleted; what is busy is tried again. @returns what could not be deleted */
  async cleanUp(): Promise<string[]> {
    const stuck: string[] = [];
    for (const request of this.#undo.reverse()) {
      if (!(await this.#deleted(request))) stuck.push(request);
    }
    return stuck;
  }

  async #deleted(request: string): Promise<boolean> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const [call = '', json] = request.split(' BODY ');
      const [path = '', who] = call.split(' AS ');
      const reply = await this.quiet(path, json === undefined ? undefined : JSON.parse(json) as unknown, who === undefined ? {} : { as: who as Who });
      if (reply.status === 404 || (reply.status < 300 && json !== undefined)) return true;
      if (reply.status < 300 && !(await this.#remains(path))) return true;
      if (Date.now() > deadline) return false;
      await this.target.pause();
    }
  }

  /** Servers, load balancers and volumes are gone only some time after the call. */
  async #remains(request: string): Promise<boolean> {
    const path = request.split('?')[0] ?? '';
    if (!/servers\/|loadbalancers\/|volumes\/|snapshots\//.test(path)) return false;
    return (await this.quiet(path.replace(' DELETE ', ' GET '))).status !== 404;
  }

  #normalizer(): Normalizer {
    return { prefix: this.target.prefix, words: this.target.words, drawn: this.#drawn };
  }
}

/** Gateways and first addresses are no choice of the cloud. */
function isGiven(address: string): boolean {
  return /\.(0|1|2)$|^127\./.test(address);
}

async function send(session: Session, service: ServiceType, method: string, request: { path: string; body?: unknown; headers?: Record<string, string> }): Promise<Reply> {
  const answer = await session.exchange(service, method, request.path, { body: request.body, ...(request.headers ? { headers: request.headers } : {}) });
  return { status: answer.status, headers: answer.headers, body: parseBody(answer.body) };
}
