/**
 * Certificates in files. A pass walks the roots, reads what is new or changed, and publishes the result as a whole;
 * files that are the same as last time (inode, size, times) are not opened again.
 */
import { constants, type BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, extname, matchesGlob, resolve } from 'node:path';
import { systemErrorCode } from '../../core/errors.ts';
import type { Rendered } from '../../core/store.ts';
import type { SkipReason } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { isPkcs12, readContent } from '../formats/content.ts';
import type { Found } from '../formats/found.ts';
import { isJks } from '../formats/jks.ts';
import type { Pkcs12Reader } from '../formats/pkcs12.ts';
import { certificateSamples, crlSamples } from '../samples.ts';
import type { SourceHooks } from './hooks.ts';
import { passphraseIn } from './passphrase.ts';
import { rootOf, walk, type Found as Walked, type Root } from './walk.ts';

export interface FilesOptions extends SourceHooks {
  readonly config: Config['files'];
  readonly pkcs12: Pkcs12Reader;
}

/** What one path gave in a pass. */
interface Result {
  readonly problems: readonly SkipReason[];
  readonly lines?: Rendered;
  readonly certificates: number;
  readonly collisions: number;
  /** Absolute paths that a kubeconfig names. */
  readonly references: readonly string[];
  /** What the file was like when it was read; undefined where it was not. */
  readonly version?: string;
}

/** Files with these names hold certificates, or something is wrong. */
const certificateNames = new Set(['.crt', '.cer', '.p12', '.pfx', '.jks']);

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
    for (const path of [...results.values()].flatMap(({ references }) => references)) {
      if (!results.has(path)) results.set(path, await this.#read(path, { isReference: true, path }));
    }
    signal.throwIfAborted();
    this.#apply(results);
  }

  #isExcluded(path: string): boolean {
    return this.#options.config.exclude.some((pattern) => matchesGlob(path, pattern));
  }

  async #result(found: Walked): Promise<Result> {
    return found.kind === 'skipped' ? skipped(found.reason) : this.#read(found.real, { isReference: false, path: found.path });
  }

  /** @returns the last result itself when the file has not changed since */
  async #read(real: string, { path, isReference }: { path: string; isReference: boolean }): Promise<Result> {
    const before = this.#results.get(path);
    try {
      // Without waiting for a writer, should a pipe have taken the file's place; without following a link that has.
      const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | (isReference ? 0 : constants.O_NOFOLLOW));
      try {
        const info = await file.stat({ bigint: true });
        const version = versionOf(info);
        if (before?.version === version) return before;
        if (!info.isFile()) return { ...skipped(), version };
        if (info.size > this.#options.config.maxFileBytes) return { ...skipped('too_large'), version };
        const content = await file.readFile();
        const result = await this.#parse(path, content);
        content.fill(0);
        // A keystore that did not open may do so once its passphrase is corrected: look again.
        return result.problems.includes('bad_passphrase') ? result : { ...result, version };
      } finally {
        await file.close();
      }
    } catch (error) {
      return skipped(reasonOf(error));
    }
  }

  async #parse(path: string, content: Buffer): Promise<Result> {
    const { store, pkcs12 } = this.#options;
    const found: Found = isPkcs12(content)
      ? await pkcs12.read(content, this.#passphrases(path))
      : readContent(content, isJks(content) ? this.#passphrases(path) : []);
    const { samples, collisions } = certificateSamples('cert_exporter', { path }, found.certificates, store.has('cert_exporter_info'));
    const isEmpty = found.certificates.length + found.crls.length + found.problems.length === 0;
    return {
      problems: isEmpty && certificateNames.has(extname(path)) ? ['no_certificate'] : found.problems,
      lines: store.render([...samples, ...crlSamples({ path }, found.crls)]),
      certificates: found.certificates.length + found.crls.length,
      collisions,
      references: (found.references ?? []).map((reference) => resolve(dirname(path), reference)),
    };
  }

  #passphrases(path: string): readonly string[] {
    const files = this.#options.config.passphrases.filter(({ match }) => matchesGlob(path, match)).map(({ file }) => file);
    const found = [...files, `${path}.pass`].map(passphraseIn);
    return found.filter((one) => one !== undefined);
  }

  #apply(results: Map<string, Result>): void {
    const { store, health, clock, onCollision } = this.#options;
    for (const [path, result] of results) {
      const before = this.#results.get(path);
      this.#report(path, result.problems, before?.problems ?? []);
      if (result === before) continue;
      if (result.lines) store.set(objectOf(path), result.lines);
      else store.delete(objectOf(path));
      if (result.collisions > 0) onCollision(result.collisions);
    }
    for (const path of this.#results.keys()) if (!results.has(path)) store.delete(objectOf(path));
    this.#results = results;
    store.publish();
    const missing = this.#roots.filter(({ directory }) => results.get(directory)?.problems.length).map(({ directory }) => directory);
    if (missing.length === this.#roots.length) health.failed(`cannot read ${missing.join(', ')}`);
    else health.succeeded(clock.now(), [...results.values()].filter(({ certificates }) => certificates > 0).length);
  }

  #report(path: string, problems: readonly SkipReason[], before: readonly SkipReason[]): void {
    for (const reason of problems) {
      this.#options.health.skipped(reason);
      if (!before.includes(reason)) this.#options.onSkipped(path, reason);
    }
  }
}

const objectOf = (path: string): string => `files:${path}`;

const skipped = (...problems: readonly SkipReason[]): Result => ({ problems, certificates: 0, collisions: 0, references: [] });

const versionOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** @throws what is not an error of the file system */
function reasonOf(error: unknown): SkipReason {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  if (code === 'ENOENT') return 'not_found';
  if (code === 'ELOOP') return 'broken_symlink';
  return code === 'EACCES' || code === 'EPERM' ? 'permission_denied' : 'read_failed';
}
