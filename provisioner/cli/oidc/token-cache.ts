/** Tokens between two commands: one file per issuer and client, mode 0600, in the user's cache. kubectl runs a plugin anew for every command. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Issuer } from './issuer.ts';
import type { Tokens } from './login.ts';

const stored = z.object({ idToken: z.string(), expiresAt: z.number(), refreshToken: z.string().optional() });

export class TokenCache {
  readonly #file: string;
  readonly #folder: string;

  /** @param cacheHome XDG_CACHE_HOME */
  constructor(cacheHome: string, { issuerUrl, clientId }: Issuer) {
    this.#folder = join(cacheHome, 'keelson', 'tokens');
    this.#file = join(this.#folder, `${createHash('sha256').update(`${issuerUrl} ${clientId}`).digest('hex').slice(0, 32)}.json`);
  }

  async read(): Promise<Tokens | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const { refreshToken, ...rest } = stored.parse(JSON.parse(text));
      return { ...rest, ...(refreshToken === undefined ? {} : { refreshToken }) };
    } catch {
      // Written by another version, or cut off: as good as none.
      return undefined;
    }
  }

  /** Whole or not at all: two commands may run at once. */
  async write(tokens: Tokens): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.${randomBytes(4).toString('hex')}`;
    await writeFile(draft, JSON.stringify(tokens), { mode: 0o600, flag: 'wx' });
    await rename(draft, this.#file);
  }

  async clear(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
