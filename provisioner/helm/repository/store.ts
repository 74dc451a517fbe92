/** Charts that were fetched, on disk: an exact version is fetched once, and again only when the folder was emptied. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddressPolicy } from './address-policy.ts';
import { RepositoryError } from './errors.ts';
import { type Archive, type ChartRequest, type Credentials, fetchFromHttp, readIndex } from './http-repository.ts';
import { fetchFromRegistry, pingRegistry } from './oci-registry.ts';

/** A repository and its mirrors. */
export interface Repository {
  /** https://, http:// or oci://, tried in this order. */
  readonly urls: readonly string[];
  readonly credentials?: Credentials | undefined;
  readonly ca?: string | undefined;
}

export interface ChartStoreOptions {
  readonly folder: string;
  readonly policy: AddressPolicy;
  /** For one request, default 30 s. */
  readonly timeoutMs?: number;
}

export interface StoredChart {
  /** A .tgz that Helm takes. */
  readonly path: string;
  /** sha256 of the archive, hex. */
  readonly digest: string;
}

export class ChartStore {
  readonly #o: Required<ChartStoreOptions>;
  /** Where an archive already lies, by repository, chart and version: credentials stand in it, so that knowing a name opens nothing. */
  readonly #known = new Map<string, StoredChart>();
  readonly #running = new Map<string, Promise<StoredChart>>();

  constructor(options: ChartStoreOptions) {
    this.#o = { timeoutMs: 30_000, ...options };
  }

  /** @throws {RepositoryError} of the last address where none gives the chart; REPOSITORY_CHART_NOT_FOUND ends the search only when all say so */
  async fetch(repository: Repository, request: ChartRequest, signal?: AbortSignal): Promise<StoredChart> {
    const key = createHash('sha256').update(JSON.stringify([repository.urls, repository.credentials, request.chart, request.version])).digest('hex');
    const known = this.#known.get(key);
    if (known && (await isStill(known))) return known;
    const running = this.#running.get(key) ?? this.#fetch(repository, request, signal).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    const found = await running;
    this.#known.set(key, found);
    return found;
  }

  /** The first address that answers. @throws {RepositoryError} where none does */
  async ping(repository: Repository, signal?: AbortSignal): Promise<string> {
    return await this.#firstOf(repository, async (url) => {
      const access = { policy: this.#o.policy, ca: repository.ca, timeoutMs: this.#o.timeoutMs, signal };
      if (url.protocol === 'oci:') await pingRegistry(url, access, repository.credentials);
      else await readIndex(url, access, repository.credentials);
      return url.href;
    });
  }

  async #fetch(repository: Repository, request: ChartRequest, signal: AbortSignal | undefined): Promise<StoredChart> {
    return await this.#firstOf(repository, async (url) => {
      const access = { policy: this.#o.policy, ca: repository.ca, timeoutMs: this.#o.timeoutMs, signal };
      const get = url.protocol === 'oci:' ? fetchFromRegistry : fetchFromHttp;
      return await this.#keep(await get(url, request, access, repository.credentials), `${repository.urls[0] ?? ''} ${request.chart} ${request.version}`);
    });
  }

  async #firstOf<T>(repository: Repository, use: (url: URL) => Promise<T>): Promise<T> {
    const failures: RepositoryError[] = [];
    for (const text of repository.urls) {
      try {
        const url = URL.parse(text);
        if (!url) throw new RepositoryError('REPOSITORY_INVALID', `"${text}" is no address`);
        return await use(url);
      } catch (error) {
        if (!(error instanceof RepositoryError)) throw error;
        failures.push(error);
      }
    }
    const worst = failures.find(({ code }) => code !== 'REPOSITORY_CHART_NOT_FOUND') ?? failures[0];
    throw new RepositoryError(worst?.code ?? 'REPOSITORY_INVALID', failures.map(({ message }) => message).join('; ') || 'a repository without an address', { cause: worst });
  }

  /** Named by its content, written whole or not at all. */
  async #keep({ archive, digest }: Archive, what: string): Promise<StoredChart> {
    const actual = createHash('sha256').update(archive).digest('hex');
    if (digest !== undefined && digest !== actual) throw new RepositoryError('REPOSITORY_INVALID', `${what}: what came is not what its digest says; fetch it from another place`);
    if (archive[0] !== 0x1f || archive[1] !== 0x8b) throw new RepositoryError('REPOSITORY_INVALID', `${what}: what came is no archive`);
    const path = join(this.#o.folder, `${actual}.tgz`);
    await mkdir(this.#o.folder, { recursive: true, mode: 0o700 });
    const part = `${path}.${randomUUID()}`;
    await writeFile(part, archive, { mode: 0o600 });
    await rename(part, path);
    return { path, digest: actual };
  }
}

/** A folder that somebody emptied, or an archive that was changed, is fetched again. */
async function isStill({ path, digest }: StoredChart): Promise<boolean> {
  const content = await readFile(path).catch(() => undefined);
  return content !== undefined && createHash('sha256').update(content).digest('hex') === digest;
}
