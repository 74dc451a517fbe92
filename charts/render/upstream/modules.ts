/** Finds the files of a Go module in the module cache, and lets Go download it (with its checksum database) when it is missing. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { versions, type ModulePath } from './versions.ts';

const downloadTimeoutMs = 300_000;

/** @returns the module's root folder, read-only. @throws Error naming the module when Go is missing or cannot reach it */
export async function moduleFolder(module: ModulePath, env: NodeJS.ProcessEnv): Promise<string> {
  // The tool builds share this cache. Upper-case letters in module paths would be escaped; ours have none.
  const cache = join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'keelson/go-mod');
  const version = versions[module];
  const folder = join(cache, `${module}@${version}`);
  if (await exists(folder)) return folder;
  try {
    await promisify(execFile)('go', ['mod', 'download', `${module}@${version}`], {
      cwd: tmpdir(),
      // Where the archives of go.dev are unpacked, when the shell's PATH does not say so.
      env: { ...env, PATH: `${env['PATH'] ?? ''}:/usr/local/go/bin`, GOMODCACHE: cache, GO111MODULE: 'on', GOFLAGS: '' },
      timeout: downloadTimeoutMs,
    });
  } catch (cause) {
    const detail = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\s*\n\s*/g, ', ');
    throw new Error(`download ${module}@${version}: ${detail}; rendering charts from Go modules needs Go >= 1.26 and access to a Go module proxy`, { cause });
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
