/**
 * Brings the fabric to what the state says. After a change a service marks what it touched; the wanted description is computed when its turn
 * comes, so that ten changes in a row cost one or two calls. Calls for one id never overlap; different ids run side by side.
 */
import type { Clock, Random } from './clock.ts';

export type ConvergedKind = 'network' | 'router' | 'loadBalancer';

/** How one kind is brought to its wanted state. */
export interface Converger {
  /** What must be settled first: a router needs its networks. */
  after(id: string): readonly { kind: ConvergedKind; id: string }[];
  /** Calls the seam with the wanted description, or with `remove…` when the state no longer has this id. */
  apply(id: string): Promise<void>;
  /** It worked. */
  onDone(id: string): void;
  /** It did not, several times over. The real service would show ERROR. */
  onFailed(id: string, error: unknown): void;
}

export interface ConvergenceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: { error(context: object, message: string): void };
}

const attempts = 4;
const firstBackOffMs = 200;

interface Slot {
  isWanted: boolean;
  running: Promise<void> | undefined;
}

export class Convergence {
  readonly #options: ConvergenceOptions;
  readonly #convergers = new Map<ConvergedKind, Converger>();
  readonly #slots = new Map<string, Slot>();
  /** Ends with the first attempt of an id, however it went. Dependents wait for this and not for later changes, which may wait for them. */
  readonly #firstAttempts = new Map<string, PromiseWithResolvers<void>>();
  readonly #stopping = new AbortController();

  constructor(options: ConvergenceOptions) {
    this.#options = options;
  }

  register(kind: ConvergedKind, converger: Converger): void {
    this.#convergers.set(kind, converger);
  }

  /** Something about this id changed. Returns at once. */
  mark(kind: ConvergedKind, id: string): void {
    const key = `${kind} ${id}`;
    const slot = this.#slots.get(key) ?? { isWanted: false, running: undefined };
    this.#slots.set(key, slot);
    slot.isWanted = true;
    if (!this.#firstAttempts.has(key)) this.#firstAttempts.set(key, Promise.withResolvers<void>());
    this.#keepAt(kind, id, slot);
  }

  /** Resolves when this id has been brought to the fabric once, or when that failed. */
  async attempted(kind: ConvergedKind, id: string): Promise<void> {
    await this.#firstAttempts.get(`${kind} ${id}`)?.promise;
  }

  /** The id is gone from the state: whoever waits for it need not wait any more, least of all those its removal waits for. */
  forget(kind: ConvergedKind, id: string): void {
    this.#firstAttempts.get(`${kind} ${id}`)?.resolve();
    this.#firstAttempts.delete(`${kind} ${id}`);
  }

  /** Resolves when this id has nothing left to do. Never rejects: failures are told to `onFailed`. */
  async settled(kind: ConvergedKind, id: string): Promise<void> {
    await this.#slots.get(`${kind} ${id}`)?.running;
  }

  /** Resolves when every id of these kinds has nothing left to do: a network goes last. */
  async allSettled(kinds: readonly ConvergedKind[]): Promise<void> {
    const running = [...this.#slots].filter(([key]) => kinds.some((kind) => key.startsWith(`${kind} `))).map(([, slot]) => slot.running);
    await Promise.all(running);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#slots.values()].map((slot) => slot.running));
  }

  #keepAt(kind: ConvergedKind, id: string, slot: Slot): void {
    slot.running ??= this.#run(kind, id, slot).finally(() => {
      slot.running = undefined;
      // Marked between the last look at it and this moment: nobody else would go on with it.
      if (slot.isWanted) this.#keepAt(kind, id, slot);
      else this.#slots.delete(`${kind} ${id}`);
    });
  }

  async #run(kind: ConvergedKind, id: string, slot: Slot): Promise<void> {
    const converger = this.#convergers.get(kind);
    if (!converger) throw new Error(`nothing converges a ${kind}`);
    await Promise.resolve();
    while (slot.isWanted && !this.#stopping.signal.aborted) {
      slot.isWanted = false;
      await Promise.all(converger.after(id).map((needed) => this.attempted(needed.kind, needed.id)));
      const error = await this.#attempt(kind, id, converger);
      this.#firstAttempts.get(`${kind} ${id}`)?.resolve();
      if (error === undefined) converger.onDone(id);
      else converger.onFailed(id, error);
    }
    slot.isWanted = false;
    this.#firstAttempts.get(`${kind} ${id}`)?.resolve();
  }

  async #attempt(kind: ConvergedKind, id: string, converger: Converger): Promise<unknown> {
    const { clock, random, log } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await converger.apply(id);
        return undefined;
      } catch (error) {
        log.error({ kind, id, attempt, error: error instanceof Error ? error.message : String(error) }, 'the fabric refused');
        if (attempt === attempts || this.#stopping.signal.aborted) return error ?? new Error('refused');
      }
      const backOffMs = firstBackOffMs * 2 ** (attempt - 1) * (0.5 + random());
      await clock.sleep(backOffMs, this.#stopping.signal).catch(() => undefined);
    }
  }
}
