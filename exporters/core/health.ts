/**
 * Liveness and readiness as named checks, shown the way the Kubernetes API server shows its own
 * (`[+]files ok`, `[-]secrets first sync not done`).
 */

/** Undefined when all is well, otherwise what is not. */
export type Check = () => string | undefined;

export interface Report {
  readonly isOk: boolean;
  /** One line per check and a last line with the verdict. */
  readonly text: string;
}

export class Health {
  readonly #live = new Map<string, Check>();
  readonly #ready = new Map<string, Check>();

  /** A check that only a restart can mend. */
  addLive(name: string, check: Check): void {
    this.#live.set(name, check);
  }

  /** A check that says whether the first results are there. */
  addReady(name: string, check: Check): void {
    this.#ready.set(name, check);
  }

  live(): Report {
    return report('healthz', this.#live);
  }

  ready(): Report {
    return report('readyz', this.#ready);
  }
}

function report(name: string, checks: ReadonlyMap<string, Check>): Report {
  const results = [...checks].map(([check, run]) => ({ check, problem: run() }));
  const isOk = results.every(({ problem }) => problem === undefined);
  const lines = results.map(({ check, problem }) => (problem === undefined ? `[+]${check} ok` : `[-]${check} ${problem}`));
  return { isOk, text: `${[...lines, `${name} check ${isOk ? 'passed' : 'failed'}`].join('\n')}\n` };
}
