/** How long building will take: recorded CPU seconds per family, scaled by how fast this machine turned out to be. */

export interface Work {
  readonly name: string;
  readonly cpuSeconds: number;
}

export interface Estimate {
  /** Seconds for everything not finished yet. */
  remaining(): number;
  /** @param wallSeconds what the work took here; undefined when somebody else had done it */
  finished(name: string, wallSeconds: number | undefined): void;
  /** @param elapsedSeconds since the work now running began; a work that takes longer than thought does not go below zero */
  remainingDuring(name: string, elapsedSeconds: number): number;
}

/** Go compiles packages in parallel but links alone; measured, the wall time of a build is CPU seconds / cores × 1.25. */
const parallelLoss = 1.25;

export function estimate(work: readonly Work[], cores: number): Estimate {
  const open = new Map(work.map((item) => [item.name, item.cpuSeconds]));
  const known = new Map(open);
  let doneCpu = 0;
  let doneWall = 0;
  const wallPerCpu = () => (doneCpu > 0 ? doneWall / doneCpu : parallelLoss / Math.max(1, cores));
  const remaining = () => [...open.values()].reduce((sum, cpu) => sum + cpu, 0) * wallPerCpu();
  return {
    remaining,
    finished: (name, wallSeconds) => {
      open.delete(name);
      if (wallSeconds === undefined) return;
      doneCpu += known.get(name) ?? 0;
      doneWall += wallSeconds;
    },
    remainingDuring: (name, elapsedSeconds) => {
      const own = (open.get(name) ?? 0) * wallPerCpu();
      return remaining() - own + Math.max(0, own - elapsedSeconds);
    },
  };
}
