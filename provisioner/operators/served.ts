/**
 * Kinds that may come later. Keelson may be installed before Cluster API and before prometheus-operator, so a controller
 * over their kinds starts when the API server serves them, and until then the process counts as ready without it.
 */
import {
  apiVersionOf, type Change, type ChangeSource, type Clock, type KubeClient, type KubeObject, type Log, type ObjectRef, type Reflector, type ReflectorStatus,
  type Resource, sleep,
} from '../kube/index.ts';

/** How often discovery is asked for a kind that is not served yet: what a person who waits for an installation does not notice. */
const pollMs = 2000;

interface ApiResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** The resource that serves a kind now, by the API server's discovery; undefined where it is not served. @throws {KubeError} */
export async function servedResource(client: KubeClient, apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource | undefined> {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const answer = await client.request({ method: 'GET', path: group === '' ? `/api/${version}` : `/apis/${group}/${version}`, signal });
  if (answer.status !== 200) return undefined;
  const { resources = [] } = JSON.parse(answer.body.toString('utf8')) as ApiResourceList;
  const found = resources.find((r) => r.kind === kind && !r.name.includes('/'));
  return found && { group, version, plural: found.name, kind, namespaced: found.namespaced };
}

/** Resolves as soon as the API server serves the resource; rejects only with the signal's reason. */
export async function whenServed(client: KubeClient, resource: Resource, o: { readonly signal: AbortSignal; readonly clock: Clock; readonly log: Log }): Promise<void> {
  for (let told = false; ; ) {
    try {
      if (await servedResource(client, apiVersionOf(resource), resource.kind, o.signal)) return;
      if (!told) o.log.info({ kind: resource.kind, apiVersion: apiVersionOf(resource) }, 'waiting until the kind is served');
      told = true;
    } catch (error) {
      o.signal.throwIfAborted();
      o.log.warn({ err: error, kind: resource.kind }, 'discovery failed, asking again');
    }
    await sleep(pollMs, { clock: o.clock, signal: o.signal });
  }
}

/** A reflector that starts when its kind is served. Until then it is empty and counts as synced for the process, but holds back its controllers. */
export class ServedReflector<T extends KubeObject> implements ChangeSource<T> {
  readonly #reflector: Reflector<T>;
  readonly #o: { readonly client: KubeClient; readonly clock: Clock; readonly log: Log };
  #starting: Promise<void> | undefined;
  #isServed = false;

  constructor(reflector: Reflector<T>, o: { readonly client: KubeClient; readonly clock: Clock; readonly log: Log }) {
    this.#reflector = reflector;
    this.#o = o;
  }

  start(signal: AbortSignal): void {
    this.#starting ??= whenServed(this.#o.client, this.#reflector.resource, { ...this.#o, signal }).then(
      () => {
        this.#isServed = true;
        this.#reflector.start(signal);
      },
      () => undefined,
    );
  }

  async whenStopped(): Promise<void> {
    await this.#starting;
    await this.#reflector.whenStopped();
  }

  whenSynced(signal?: AbortSignal): Promise<void> {
    return this.#reflector.whenSynced(signal);
  }

  get isServed(): boolean {
    return this.#isServed;
  }

  get isSynced(): boolean {
    return !this.#isServed || this.#reflector.isSynced;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#reflector.get(ref);
  }

  items(): T[] {
    return this.#reflector.items();
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    return this.#reflector.onChange(listener);
  }

  status(): ReflectorStatus {
    return this.#reflector.status();
  }
}
