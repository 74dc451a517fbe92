/** Content keys: a family's folder in the cache is named after everything that decides what its programs are. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Family } from './families.ts';

/** What the programs are built for, in Go's words. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** Go's names of a Node platform; the sandbox itself is Linux only, the lists of tools build elsewhere too. */
export function goPlatform(platform: string, arch: string): Platform {
  return { os: platform === 'win32' ? 'windows' : platform, arch: arch === 'x64' ? 'amd64' : arch };
}

/**
 * `<family>-<module version>-<12 hex>`. Go's own version is left out: a newer Go must not rebuild half an hour of programs.
 * @param source the folder with the family's go.mod, go.sum and Go files
 */
export async function familyKey(family: Family, source: string, platform: Platform): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([family.programs, family.names ?? [], family.tags ?? [], Object.entries(family.variables).sort(), platform.os, platform.arch]));
  for (const name of (await readdir(source)).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file)).sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(source, name)));
  }
  return `${family.name}-${family.moduleVersion}-${hash.digest('hex').slice(0, 12)}`;
}
