/** A recording made again of another cloud: what was called one thing there is called another here. */
import type { Session } from '../../../provisioner/openstack/index.ts';
import { parseBody } from '../reply.ts';
import { differences, kindOf, readHeaders, shapeOf } from '../shape.ts';
import { titleOf, type RecordedCall } from './recorded-call.ts';

/** What a cloud draws: ids of both spellings, addresses. */
const drawn = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|\d+\.\d+\.\d+\.\d+)$/;

export class Replay {
  readonly #session: Session;
  readonly #login: object;
  /** What the recording calls a thing, and what it is called here. */
  readonly #here = new Map<string, string>();

  /** @param login body of POST /auth/tokens */
  constructor(session: Session, login: object) {
    this.#session = session;
    this.#login = login;
  }

  /** @returns in which ways the answer is another than it was */
  async again(call: RecordedCall): Promise<string[]> {
    const version = call.microversion === undefined ? {} : { 'openstack-api-version': `${call.service === 'volumev3' ? 'volume' : call.service} ${call.microversion}`, ...(call.service === 'compute' ? { 'x-openstack-nova-api-version': call.microversion } : {}) };
    const body = call.request === 'REDACTED' ? this.#login : this.#translated(call.request);
    const answer = await this.#session.exchange(call.service, call.method, `${this.#path(call.path)}${this.#query(call.query)}`, { headers: version, ...(body === null ? {} : { body }) });
    const response = answer.body === '' ? null : parseBody(answer.body);
    this.#learn(call.response, response);
    const was = { status: call.status, headers: readHeaders(call.headers), ...(call.status >= 400 ? { kind: kindOf(call.response) } : {}) };
    const is = { status: answer.status, headers: readHeaders(Object.keys(answer.headers)), ...(call.status >= 400 ? { kind: kindOf(response) } : {}) };
    // Of what sets the stage only that it works.
    if (call.by === 'stage' && was.status === is.status) return [];
    const found = JSON.stringify(was) === JSON.stringify(is) ? differences(shapeOf(response), shapeOf(call.response), '') : [`here ${JSON.stringify(is)} ${answer.body.slice(0, 300)}, then ${JSON.stringify(was)}`];
    return found.map((one) => `${call.service} ${titleOf(call)}: ${one}`);
  }

  #path(path: string): string {
    return path.split('/').map((part) => this.#name(part)).join('/');
  }

  #query(query: string): string {
    if (query === '') return '';
    // `fixed_ips=ip_address=10.0.0.1` is one value with another in it.
    const values = [...new URLSearchParams(query)].map(([key, value]): [string, string] => [key, value.split('=').map((part) => this.#name(part)).join('=')]);
    return `?${new URLSearchParams(values).toString()}`;
  }

  #translated(value: unknown): unknown {
    if (typeof value === 'string') return this.#name(value);
    if (Array.isArray(value)) return value.map((item) => this.#translated(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#translated(item)]));
  }

  #name(was: string): string {
    return this.#here.get(was) ?? was;
  }

  /** Walks through both answers side by side. */
  #learn(was: unknown, is: unknown): void {
    if (typeof was === 'string' && typeof is === 'string') {
      if (drawn.test(was) && drawn.test(is) && !this.#here.has(was)) this.#here.set(was, is);
    } else if (Array.isArray(was) && Array.isArray(is)) {
      for (const [i, item] of was.entries()) this.#learn(item, this.#counterpart(item, is) ?? is[i] ?? is.at(-1));
    } else if (isObject(was) && isObject(is)) {
      for (const [key, item] of Object.entries(was)) this.#learn(item, is[key]);
    }
  }

  /** The item of a list that is the same thing: known already, or of the same name. */
  #counterpart(item: unknown, others: readonly unknown[]): unknown {
    if (!isObject(item)) return undefined;
    const id = this.#here.get(String(item['id']));
    return others.find((other) => isObject(other) && (id === undefined ? item['name'] !== undefined && item['name'] !== '' && other['name'] === item['name'] : other['id'] === id));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
