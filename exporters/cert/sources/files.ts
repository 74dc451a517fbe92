/**
 * Certificates in files. A pass walks the roots, reads what is new or changed, and publishes the result as a whole;
 * files that are the same as last time (inode, size, times) are not opened again.
 */
import { constants, type BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import { matchesGlob } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { systemErrorCode } from '../../core/errors.ts';
import type { SourceHealth } from '../../core/source-health.ts';
import type { SeriesStore } from '../../core/store.ts';
import type { SkipReason } from '../catalogue.ts';
import { certificatesOf, type Certificates } from '../certificate.ts';
import type { Config } from '../config.ts';
import { fileSamples } from '../samples.ts';
import { rootOf, walk, type Found, type Root } from './walk.ts';

export interface FilesOptions {
  readonly config: Config['files'];
  readonly store: SeriesStore;
  readonly health: SourceHealth;
  readonly clock: Clock;
  /** Called when a file begins to be skipped for a reason, once until that changes. */
  readonly onSkipped: (path: string, reason: SkipReason) => void;
  /** Called with how many certificates of one file were left out for their serial number. */
  readonly onCollision: (count: number) => void;
}

/** What one path gave in a pass. */
interface Result extends Certificates {
  /** What the file was like when it was read; undefined where it was not. */
  readonly version?: string;
}

export class FilesSource {
  readonly #options: FilesOptions;
  readonly #roots: readonly Root[];
  #results = new Map<string, Result>();

  constructor(options: FilesOptions) {
    const { directories, globs } = options.config;
    this.#options = options;
    this.#roots = [...directories.map((directory) => ({ directory, wants: () => true })), ...globs.map(rootOf)];
  }

  /** One walk over all roots. Rejects only when the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    const results = new Map<string, Result>();
    for (const root of this.#roots) {
      for await (const found of walk(root, signal)) {
        if (results.has(found.path) || this.#isExcluded(found.path)) continue;
        results.set(found.path, await this.#result(found));
      }
    }
    this.#apply(results);
  }

  #isExcluded(path: string): boolean {
    return this.#options.config.exclude.some((pattern) => matchesGlob(path, pattern));
  }

  async #result(found: Found): Promise<Result> {
    if (found.kind === 'skipped') return skipped(found.reason);
    return readCertificates(found.real, this.#options.config.maxFileBytes, this.#results.get(found.path));
  }

  #apply(results: Map<string, Result>): void {
    const { store, health, clock, onCollision } = this.#options;
    for (const [path, result] of results) {
      const before = this.#results.get(path);
      this.#report(path, result.problems, before?.problems ?? []);
      if (result === before) continue;
      const { collisions } = store.set(path, fileSamples(path, result.certificates));
      if (collisions > 0) onCollision(collisions / 2);
    }
    for (const path of this.#results.keys()) if (!results.has(path)) store.delete(path);
    this.#results = results;
    store.publish();
    const areRootsGone = this.#roots.every(({ directory }) => results.get(directory)?.problems.length);
    if (areRootsGone) health.failed();
    else health.succeeded(clock.now(), [...results.values()].filter(({ certificates }) => certificates.length > 0).length);
  }

  #report(path: string, problems: readonly SkipReason[], before: readonly SkipReason[]): void {
    for (const reason of problems) {
      this.#options.health.skipped(reason);
      if (!before.includes(reason)) this.#options.onSkipped(path, reason);
    }
  }
}

const skipped = (reason: SkipReason): Result => ({ certificates: [], problems: [reason] });

/** @returns `before` itself when the file has not changed since */
async function readCertificates(path: string, maxBytes: number, before: Result | undefined): Promise<Result> {
  try {
    // Without waiting for a writer, should a pipe have taken the file's place; without following a link that has.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const info = await file.stat({ bigint: true });
      const version = versionOf(info);
      if (before?.version === version) return before;
      if (!info.isFile()) return { certificates: [], problems: [] };
      if (info.size > maxBytes) return skipped('too_large');
      const content = await file.readFile();
      const found = certificatesOf(content);
      content.fill(0);
      return { ...found, version };
    } finally {
      await file.close();
    }
  } catch (error) {
    return skipped(reasonOf(error));
  }
}

const versionOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** @throws what is not an error of the file system */
function reasonOf(error: unknown): SkipReason {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  if (code === 'ENOENT') return 'not_found';
  if (code === 'ELOOP') return 'broken_symlink';
  return code === 'EACCES' || code === 'EPERM' ? 'permission_denied' : 'read_failed';
}
