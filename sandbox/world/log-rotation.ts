/**
 * Keeps the logs of a world small: its own, the servers' consoles, and the units' inside the servers. Their writers keep files open for
 * appending and know nothing of it, so the content moves to `<file>.1` and the file is cut (copytruncate of logrotate(8)): what is written between
 * the two is lost, at most a few lines. Containers' logs are the kubelet's to rotate.
 */
import { copyFile, glob, rename, stat, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorldPaths } from './world-paths.ts';

export interface LogRotationOptions {
  readonly paths: Pick<WorldPaths, 'log' | 'servers'>;
  /** Bytes after which a log is cut; 10 MiB unless told. A file and its predecessor take twice that. */
  readonly maxBytes?: number;
  /** Milliseconds between two looks; 30,000 unless told. */
  readonly everyMs?: number;
  readonly onTrouble: (error: unknown) => void;
}

export class LogRotation {
  readonly #options: LogRotationOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LogRotationOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run(this.#options.everyMs ?? 30_000);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Looks at every log once. @returns those that were cut */
  async rotate(): Promise<readonly string[]> {
    const { paths, maxBytes = 10 * 1024 * 1024 } = this.#options;
    const cut: string[] = [];
    for (const pattern of [paths.log, `${paths.servers}/*/console.log`, `${paths.servers}/*/disk/var/log/*.log`]) {
      for await (const file of glob(pattern)) {
        // A server may be deleted while its logs are looked at.
        const found = await stat(file).catch(() => undefined);
        if (!found?.isFile() || found.size <= maxBytes) continue;
        await copyFile(file, `${file}.new`);
        await rename(`${file}.new`, `${file}.1`);
        await truncate(file);
        cut.push(file);
      }
    }
    return cut;
  }

  async #run(everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.rotate().catch(this.#options.onTrouble);
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
