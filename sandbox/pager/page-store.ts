/** The pages in memory and in one JSON file, so that a restarted pager knows what was open. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { PagerError } from './errors.ts';
import { inOrder, type Page } from './page.ts';

export class PageStore {
  readonly #file: string;
  readonly #pages = new Map<string, Page>();
  readonly #listeners = new Set<() => void>();
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file. Throws PAGER_STORE_FAILED when it is there and is not ours. */
  async start(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw new PagerError('PAGER_STORE_FAILED', `cannot read the pages of ${this.#file}: ${error.message}`, { cause: error });
    });
    try {
      for (const page of JSON.parse(text) as Page[]) this.#pages.set(page.fingerprint, page);
    } catch (error) {
      throw new PagerError('PAGER_STORE_FAILED', `${this.#file} does not hold pages; remove it to start with none`, { cause: error });
    }
  }

  /** In the order in which to show them. */
  all(): Page[] {
    return inOrder(this.#pages.values());
  }

  get(fingerprint: string): Page | undefined {
    return this.#pages.get(fingerprint);
  }

  /** Keeps these and tells who watches. Rejects with PAGER_STORE_FAILED when they are not on disk; they are in memory all the same. */
  async put(pages: readonly Page[]): Promise<void> {
    if (pages.length === 0) return;
    for (const page of pages) this.#pages.set(page.fingerprint, page);
    for (const listener of this.#listeners) listener();
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => undefined);
    await written;
  }

  /** @returns ends the watch */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  async #write(): Promise<void> {
    const draft = `${this.#file}.new`;
    try {
      await writeFile(draft, JSON.stringify([...this.#pages.values()]), { mode: 0o600 });
      await rename(draft, this.#file);
    } catch (error) {
      throw new PagerError('PAGER_STORE_FAILED', `cannot write the pages to ${this.#file}: ${(error as Error).message}`, { cause: error });
    }
  }
}
