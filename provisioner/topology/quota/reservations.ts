/**
 * What was admitted a moment ago and may not be in a list yet: between our answer and the write, another request can ask.
 * Also lets one question about an organization be answered at a time. Each replica knows its own answers only; what two
 * of them admit at the same instant, the operator finds (condition WithinQuota), and the count of Clusters is the API
 * server's own quota.
 */
import type { Footprint } from '../../preflight/footprint.ts';

/** A write follows admission within its request's deadline, 60 s at most; most take milliseconds. What was refused by others after us is held as long. */
const heldMs = 15_000;

export class Reservations {
  readonly #nowMs: () => number;
  readonly #held = new Map<string, { readonly footprint: Footprint; readonly untilMs: number }>();
  readonly #turns = new Map<string, Promise<unknown>>();

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Runs `work` when whatever was asked before about the same organization is answered. */
  async inTurn<T>(organization: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(organization) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(organization, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(organization) === settled) this.#turns.delete(organization);
    }
  }

  hold(key: string, footprint: Footprint): void {
    this.#held.set(key, { footprint, untilMs: this.#nowMs() + heldMs });
  }

  /** Key → what is held, of keys that begin with `prefix`. */
  held(prefix: string): ReadonlyMap<string, Footprint> {
    const now = this.#nowMs();
    for (const [key, { untilMs }] of this.#held) if (untilMs <= now) this.#held.delete(key);
    return new Map([...this.#held].filter(([key]) => key.startsWith(prefix)).map(([key, { footprint }]) => [key, footprint]));
  }
}
