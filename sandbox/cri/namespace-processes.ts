/**
 * The processes of a container by the mount namespace that each container has for itself: whatever it starts is in it, and so is what exec
 * brings. For servers without control groups of their own.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeError } from './errors.ts';
import { cpuNanoseconds, mountNamespace, mountNamespaces, residentBytes } from './proc.ts';
import type { ProcessGroup, ProcessGroups } from './process-group.ts';

/** Milliseconds that a list of all processes is good for figures: the kubelet asks for those of all containers at once. */
const listAgeMs = 250;

/** Kept beside the container's script, for a runtime that comes after this one. */
const fileName = 'mount-namespace';

export class NamespaceProcesses implements ProcessGroups {
  readonly #stateDir: string;
  #listed: { readonly at: number; readonly members: ReadonlyMap<string, readonly number[]> } | undefined;

  /** @param stateDir directories of containers */
  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  group(_id: string, directory: string): ProcessGroup {
    return new Namespace(directory, (namespace) => this.#recent().get(namespace) ?? []);
  }

  async start(): Promise<void> {
    const left = existsSync(this.#stateDir) ? readdirSync(this.#stateDir).map((name) => `${this.#stateDir}/${name}`) : [];
    await Promise.all(left.filter((directory) => existsSync(`${directory}/${fileName}`)).map((directory) => this.group('', directory).remove()));
  }

  #recent(): ReadonlyMap<string, readonly number[]> {
    const now = performance.now();
    if (!this.#listed || now - this.#listed.at > listAgeMs) this.#listed = { at: now, members: mountNamespaces() };
    return this.#listed.members;
  }
}

class Namespace implements ProcessGroup {
  readonly join = ':';
  readonly #file: string;
  readonly #recentMembers: (namespace: string) => readonly number[];
  #cpu = 0n;
  /** Killed before it was born. */
  #isDoomed = false;

  constructor(directory: string, recentMembers: (namespace: string) => readonly number[]) {
    this.#file = `${directory}/${fileName}`;
    this.#recentMembers = recentMembers;
  }

  create(): void {
    // The container makes it itself.
  }

  born(pid: number): void {
    const namespace = mountNamespace(pid);
    if (namespace === undefined) return;
    if (namespace === mountNamespace(process.pid)) throw new RuntimeError('INTERNAL', `process ${pid} of a container is in the server's mount namespace`);
    writeFileSync(this.#file, namespace);
    if (this.#isDoomed) this.killAll();
  }

  /** What a process used that ended without its parent waiting for it, and what exec used, is forgotten with it. */
  cpuNanoseconds(): bigint {
    const now = cpuNanoseconds(this.#members());
    if (now > this.#cpu) this.#cpu = now;
    return this.#cpu;
  }

  residentBytes(): number {
    return residentBytes(this.#members());
  }

  /** Again and again while there are new ones: who is killed may have started another one just before. */
  killAll(): void {
    const namespace = this.#namespace();
    if (namespace === undefined) {
      this.#isDoomed = true;
      return;
    }
    const killed = new Set<number>();
    for (;;) {
      const alive = (mountNamespaces().get(namespace) ?? []).filter((pid) => !killed.has(pid));
      if (alive.length === 0) return;
      for (const pid of alive) killed.add(kill(pid));
    }
  }

  async remove(): Promise<void> {
    for (let attempt = 0; attempt < 50 && this.#isAlive(); attempt++) {
      this.killAll();
      await sleep(10 * (1 + attempt));
    }
  }

  #isAlive(): boolean {
    const namespace = this.#namespace();
    return namespace !== undefined && mountNamespaces().has(namespace);
  }

  #members(): readonly number[] {
    const namespace = this.#namespace();
    return namespace === undefined ? [] : this.#recentMembers(namespace);
  }

  #namespace(): string | undefined {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined;
  }
}

function kill(pid: number): number {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  return pid;
}
