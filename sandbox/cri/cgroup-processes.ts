/** One cgroup2 directory per container (Documentation/admin-guide/cgroup-v2.rst). It needs no controller. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessGroup, ProcessGroups } from './process-group.ts';
import { residentBytes } from './proc.ts';

export class CgroupProcesses implements ProcessGroups {
  readonly #root: string;

  /** @param root below which each container has its own */
  constructor(root: string) {
    this.#root = root;
  }

  group(id: string): ProcessGroup {
    return new Cgroup(`${this.#root}/${id}`);
  }

  async start(): Promise<void> {
    await Promise.all(this.#children().map((path) => new Cgroup(path).remove()));
    mkdirSync(this.#root, { recursive: true });
  }

  #children(): string[] {
    try {
      return readdirSync(this.#root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => `${this.#root}/${entry.name}`);
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }
}

class Cgroup implements ProcessGroup {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get join(): string {
    return `echo 0 > ${this.#path}/cgroup.procs`;
  }

  create(): void {
    mkdirSync(this.#path, { recursive: true });
  }

  born(): void {
    // It joined before.
  }

  cpuNanoseconds(): bigint {
    const usec = /^usage_usec (\d+)$/m.exec(readOr(`${this.#path}/cpu.stat`, ''))?.[1];
    return BigInt(usec ?? 0) * 1000n;
  }

  residentBytes(): number {
    return residentBytes(readOr(`${this.#path}/cgroup.procs`, '').split('\n').filter((line) => line !== '').map(Number));
  }

  /** Atomically (cgroup.kill, Linux 5.14). */
  killAll(): void {
    try {
      writeFileSync(`${this.#path}/cgroup.kill`, '1');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** A cgroup stays busy until the kernel has let go of its last process. */
  async remove(): Promise<void> {
    this.killAll();
    for (let attempt = 0; attempt < 50; attempt++) {
      try {
        rmdirSync(this.#path);
        return;
      } catch (error) {
        if (isGone(error)) return;
        await sleep(10 * (1 + attempt));
      }
    }
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return fallback;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENODEV' || code === 'ESRCH';
}
