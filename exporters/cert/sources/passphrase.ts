/** Passphrases of keystores, read from files at the moment they are needed: they are small, local and seldom. */
import { readFileSync } from 'node:fs';

/** The first line, without what ends it; undefined where the file cannot be read: the keystore then says that no passphrase opens it. */
export function passphraseIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0];
  } catch {
    return undefined;
  }
}
