/**
 * Which API servers are away. While one is, its Apps cost nothing: one of them asks now and then whether it is back, at growing
 * intervals; all others wait. When it is, they all come, in the order that their dependencies make.
 */
import type { Clock, Random } from '../../kube/index.ts';

export interface ReachOptions {
  readonly clock: Pick<Clock, 'monotonicMs' | 'now'>;
  readonly random: Random;
  /** First and longest pause between two questions. */
  readonly baseMs?: number;
  readonly maxMs?: number;
  /** Called once when an API server that was away answers again. */
  readonly onBack: (key: string) => void;
}

interface Away {
  readonly since: Date;
  readonly askAtMs: number;
  readonly pauseMs: number;
}

export class Reach {
  readonly #o: Required<ReachOptions>;
  readonly #away = new Map<string, Away>();

  constructor(options: ReachOptions) {
    this.#o = { baseMs: 5000, maxMs: 300_000, ...options };
  }

  /** Since when it is away; undefined where it is not, as far as we know. */
  awaySince(key: string): Date | undefined {
    return this.#away.get(key)?.since;
  }

  /** How long to wait before the next look, in milliseconds, with jitter. */
  waitMs(key: string): number {
    const away = this.#away.get(key);
    if (!away) return 0;
    return Math.max(0, away.askAtMs - this.#o.clock.monotonicMs()) + this.#o.random() * away.pauseMs;
  }

  /**
   * Whether work may begin. While the server is away the first caller after the pause asks it; the others are told no meanwhile.
   * @param ask rejects where there is no answer
   */
  async admits(key: string, ask: () => Promise<unknown>): Promise<boolean> {
    const away = this.#away.get(key);
    if (!away) return true;
    if (this.#o.clock.monotonicMs() < away.askAtMs) return false;
    this.failed(key);
    try {
      await ask();
    } catch {
      return false;
    }
    this.answered(key);
    return true;
  }

  /** No answer: from now on, or still. */
  failed(key: string): void {
    const { clock, baseMs, maxMs } = this.#o;
    const known = this.#away.get(key);
    const now = clock.monotonicMs();
    // Several Apps notice at once; the first of them counts.
    if (known && now < known.askAtMs) return;
    const pauseMs = known ? Math.min(maxMs, known.pauseMs * 2) : baseMs;
    this.#away.set(key, { since: known?.since ?? clock.now(), askAtMs: now + pauseMs * (0.75 + this.#o.random() / 2), pauseMs });
  }

  answered(key: string): void {
    if (this.#away.delete(key)) this.#o.onBack(key);
  }
}
