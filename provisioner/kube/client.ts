/** The verbs of the API server over any resource, typed only by what the caller says it reads. */
import type { ApplyOptions, CallOptions, DeleteOptions, KubeClientOptions, List, ListOptions, PatchOptions, RawRequest, RawResponse, WatchOptions } from './client-options.ts';
import { systemClock, systemRandom } from './clock.ts';
import { errorFromResponse, KubeError, type Operation } from './errors.ts';
import { apiVersionOf, pathOf } from './resources.ts';
import { retryAfterMs, TlsContext } from './http.ts';
import { type Answer, type Exchange, Transport, type TransportOptions } from './transport.ts';
import type { KubeObject, ObjectRef, Resource, WatchEvent } from './types.ts';
import { watchEvents } from './watch.ts';

const defaultTimeoutMs = 30_000;
/** client-go's Agent-wide default is unlimited over one HTTP/2 connection; over HTTP/1.1 sixteen calls in flight are as much as one controller needs. */
const defaultMaxSockets = 16;
/** client-go's pager. */
const defaultPageSize = 500;

export class KubeClient {
  readonly server: string;
  readonly #options: KubeClientOptions & { readonly tls: TlsContext };
  readonly #transport: Transport;

  constructor(options: KubeClientOptions) {
    this.server = options.server;
    this.#options = { ...options, tls: options.tls ?? new TlsContext() };
    this.#transport = new Transport(transportOptions(this.#options));
  }

  /** The same server and identity, or one it may impersonate, with connections of its own: for a lease, which must not queue behind lists. Close it too. */
  fork(options: { readonly maxSockets?: number; readonly timeoutMs?: number; readonly impersonate?: string; readonly metrics?: KubeClientOptions['metrics'] } = {}): KubeClient {
    return new KubeClient({ ...this.#options, ...options });
  }

  /** undefined when there is no such object. */
  async get<T extends KubeObject>(r: Resource, ref: ObjectRef, o: { signal?: AbortSignal | undefined; subresource?: string | undefined } = {}): Promise<T | undefined> {
    const operation = operationOn('get', r, ref, o.subresource);
    const answer = await this.#transport.request({ operation, method: 'GET', path: pathOf(r, { ...ref, subresource: o.subresource }), signal: o.signal });
    // A missing kind is a 404 too, but in plain text or without details: the object is as absent as can be.
    return answer.status === 404 ? undefined : parse<T>(operation, answer);
  }

  /** All objects, read in pages. */
  async list<T extends KubeObject>(r: Resource, o: ListOptions = {}): Promise<List<T>> {
    const items: T[] = [];
    let resourceVersion = '';
    for await (const page of this.pages<T>(r, o)) {
      if (page.isRestart) items.length = 0;
      for (const item of page.items) items.push(item);
      resourceVersion = page.resourceVersion;
    }
    return { items, resourceVersion };
  }

  /**
   * The pages of a list. When the continue token outlives etcd's compaction (5 minutes by default), the list starts
   * again, whole, as client-go's pager does: `isRestart` says to drop what came before. Where the caller named a limit
   * the second attempt keeps it, and only the third is whole.
   */
  async *pages<T extends KubeObject>(r: Resource, o: ListOptions = {}): AsyncGenerator<List<T> & { readonly isRestart: boolean }, void, undefined> {
    const operation = operationOn('list', r, { namespace: o.namespace });
    let limit = o.limit ?? defaultPageSize;
    let next: string | undefined;
    let isRestart = false;
    let restarts = 0;
    for (;;) {
      const query = { ...selectors(o), limit: limit || undefined, continue: next, resourceVersion: next ? undefined : o.resourceVersion };
      const answer = await this.#transport.request({ operation, method: 'GET', path: pathOf(r, { namespace: o.namespace }), query, headers: o.metadataOnly ? metadataAlone : undefined, signal: o.signal });
      if (answer.status === 410 && next) {
        next = undefined;
        if (o.limit === undefined || restarts++ > 0) limit = 0;
        isRestart = true;
        continue;
      }
      const { metadata, items } = parse<RawList<T>>(operation, answer);
      yield { items: (items ?? []).map((item) => withKind(r, item)), resourceVersion: metadata.resourceVersion, isRestart };
      if (!metadata.continue) return;
      next = metadata.continue;
      isRestart = false;
    }
  }

  /** Events after a resourceVersion, until the server ends the watch (5-10 minutes). Throws what `watchEvents` says. */
  watch<T extends KubeObject>(r: Resource, o: WatchOptions): AsyncIterable<WatchEvent<T>> {
    const { clock = systemClock, random = systemRandom } = this.#options;
    const operation = operationOn('watch', r, { namespace: o.namespace });
    return watchEvents<T>(this.#transport, { ...o, operation, path: pathOf(r, { namespace: o.namespace }) }, { clock, random });
  }

  /** Throws KUBE_ALREADY_EXISTS where there is one. */
  create<T extends KubeObject>(r: Resource, object: T, o: CallOptions = {}): Promise<T> {
    const { namespace, name, generateName } = object.metadata;
    const operation = operationOn('create', r, { namespace, name: name || `${generateName ?? ''}*` });
    return this.#write<T>({ operation, method: 'POST', path: pathOf(r, { namespace }), query: dryRun(o), body: JSON.stringify(object), signal: o.signal });
  }

  /** PUT. Give it what a `get` returned, changed: fields left out are deleted. Throws KUBE_CONFLICT when its resourceVersion is not the last. */
  replace<T extends KubeObject>(r: Resource, object: T, o: CallOptions & { readonly subresource?: string | undefined } = {}): Promise<T> {
    const operation = operationOn('replace', r, object.metadata, o.subresource);
    const path = pathOf(r, { ...refOf(object), subresource: o.subresource });
    return this.#write<T>({ operation, method: 'PUT', path, query: dryRun(o), body: JSON.stringify(object), signal: o.signal });
  }

  /** Server-side apply: the object holds exactly the fields this manager owns. Throws KUBE_CONFLICT, unless forced, when another owns one of them with another value. */
  apply<T extends KubeObject>(r: Resource, object: KubeObject, o: ApplyOptions): Promise<T> {
    const operation = operationOn('apply', r, object.metadata, o.subresource);
    return this.#write<T>({
      operation,
      method: 'PATCH',
      path: pathOf(r, { ...refOf(object), subresource: o.subresource }),
      query: { ...dryRun(o), fieldManager: o.fieldManager, force: o.force },
      headers: { 'content-type': 'application/apply-patch+yaml' }, // JSON is YAML
      body: JSON.stringify(object),
      signal: o.signal,
      isIdempotent: true,
    });
  }

  /** Throws KUBE_NOT_FOUND where there is no object. */
  patch<T extends KubeObject>(r: Resource, ref: ObjectRef, o: PatchOptions): Promise<T> {
    return this.#write<T>({
      operation: operationOn('patch', r, ref, o.subresource),
      method: 'PATCH',
      path: pathOf(r, { ...ref, subresource: o.subresource }),
      query: { ...dryRun(o), fieldManager: o.fieldManager },
      headers: { 'content-type': o.type === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json' },
      body: JSON.stringify(o.body),
      signal: o.signal,
    });
  }

  /** 'deleted' also when finalizers still hold the object. Throws KUBE_CONFLICT when a precondition fails. */
  async delete(r: Resource, ref: ObjectRef, o: DeleteOptions = {}): Promise<'deleted' | 'notFound'> {
    const operation = operationOn('delete', r, ref);
    const { propagationPolicy, resourceVersion, uid } = o;
    const preconditions = resourceVersion === undefined && uid === undefined ? undefined : { resourceVersion, uid };
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions, ...(o.dryRun ? { dryRun: ['All'] } : {}) });
    const answer = await this.#transport.request({ operation, method: 'DELETE', path: pathOf(r, ref), headers: json, body, signal: o.signal });
    if (answer.status === 404) return 'notFound';
    parse(operation, answer);
    return 'deleted';
  }

  /** Any other call. The path is sent as it is, below the server's own; every HTTP status is an answer, not an error. */
  request(o: RawRequest): Promise<RawResponse> {
    return this.#transport.request({ ...o, operation: { what: `${o.method} ${o.path}`, isSensitive: true } });
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#transport.close();
  }

  async #write<T extends KubeObject>(exchange: Exchange): Promise<T> {
    return parse<T>(exchange.operation, await this.#transport.request({ ...exchange, headers: { ...json, ...exchange.headers } }));
  }
}

const json = { 'content-type': 'application/json' };
/** Any resource answers so (PartialObjectMetadataList of apimachinery's meta/v1). */
const metadataAlone = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };

interface RawList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

function transportOptions(o: KubeClientOptions & { readonly tls: TlsContext }): TransportOptions {
  const { token, cert, key } = o;
  return {
    server: o.server,
    ca: o.ca,
    serverName: o.serverName,
    insecureSkipTlsVerify: o.insecureSkipTlsVerify,
    credentials: o.credentials ?? (async (how) => ({ token: await token?.(how), cert, key })),
    userAgent: o.userAgent,
    impersonate: o.impersonate,
    timeoutMs: o.timeoutMs ?? defaultTimeoutMs,
    maxSockets: o.maxSockets ?? defaultMaxSockets,
    idleMs: o.idleMs,
    tls: o.tls,
    clock: o.clock ?? systemClock,
    random: o.random ?? systemRandom,
    onAnswer: (code, method, host) => o.metrics?.requested(code, method, host),
  };
}

/** "get Secret org-a/ca", for messages. */
function operationOn(verb: string, r: Resource, at: { namespace?: string | undefined; name?: string | undefined }, subresource?: string): Operation {
  const where = at.name ? ` ${at.namespace && r.namespaced ? `${at.namespace}/` : ''}${at.name}` : at.namespace && r.namespaced ? ` in ${at.namespace}` : '';
  const kind = r.group === '' ? r.kind : `${r.kind}.${r.group}`;
  return { what: `${verb} ${kind}${where}${subresource ? ` (${subresource})` : ''}`, isSensitive: r.group === '' && r.kind === 'Secret' };
}

function refOf(object: KubeObject): ObjectRef {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}

function selectors(o: ListOptions): { labelSelector: string | undefined; fieldSelector: string | undefined } {
  return { labelSelector: o.labelSelector, fieldSelector: o.fieldSelector };
}

function dryRun(o: CallOptions): { dryRun?: string } {
  return o.dryRun ? { dryRun: 'All' } : {};
}

/** Lists of built-in kinds carry no apiVersion and kind in their items. */
function withKind<T extends KubeObject>(r: Resource, item: T): T {
  return item.kind ? item : { ...item, apiVersion: apiVersionOf(r), kind: r.kind };
}

/** The parser's own message quotes the text, which may be a Secret: it is not kept. */
function parse<T>(operation: Operation, answer: Answer): T {
  if (answer.status < 200 || answer.status > 299) throw errorFromResponse(operation, answer.status, answer.body, retryAfterMs(answer.headers));
  try {
    return JSON.parse(answer.body.toString('utf8')) as T;
  } catch {
    throw new KubeError('KUBE_PROTOCOL', `${operation.what}: an answer of ${answer.body.length} bytes that is not JSON; is there an API server at the other end?`, { status: answer.status });
  }
}
