/**
 * How late the event loop is: by how much a timer comes after its time. Node.js's own histogram (monitorEventLoopDelay)
 * does not record the first interval after a reset, which is where a scrape blocks, and counts the interval itself.
 */

/** Each measurement wakes the process: at 20 ms that alone took 3 thousandths of a core, at 250 ms a tenth of what net-exporter takes. */
const everyMs = 1000;
/** Five minutes of them: more than lies between two scrapes. */
const kept = 300;

export class LoopDelay {
  #lateMs: number[] = [];
  #dueMs = performance.now() + everyMs;
  readonly #timer = setInterval(() => this.#tick(), everyMs).unref();

  /** Seconds; of the time since it was last asked, what blocks right now included. */
  takeP99(): number {
    const sorted = [...this.#lateMs, Math.max(0, performance.now() - this.#dueMs)].sort((a, b) => a - b);
    this.#lateMs = [];
    return (sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0) / 1000;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    if (this.#lateMs.length < kept) this.#lateMs.push(Math.max(0, nowMs - this.#dueMs));
    this.#dueMs = nowMs + everyMs;
  }
}
