/** Runs work on one object in the order of the calls while other objects go on: two PUTs on one router must not interleave their `ip` commands. */

export class Serial {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs the work after all earlier work of the same key has ended, however it ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const earlier = this.#tails.get(key) ?? Promise.resolve();
    const mine = earlier.then(work, work);
    const settled = mine.then(() => undefined, () => undefined);
    this.#tails.set(key, settled);
    void settled.then(() => { if (this.#tails.get(key) === settled) this.#tails.delete(key); });
    return mine;
  }

  /** Resolves when everything that was asked for so far has ended. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
