/** The base of every image: Node.js as the lock file pins it, the shared libraries it needs, users, CA certificates. No shell, no package manager. */
import { execFile } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImageError } from './build-errors.ts';
import type { Entry } from './layer.ts';

/** User and group of all our containers, as in distroless images. */
export const nonroot = 65532;

export interface BaseFiles {
  readonly entries: readonly Entry[];
  /** Paths of the shared libraries, for the bill of materials. */
  readonly libraries: readonly string[];
}

/** @throws ImageError IMAGE_INPUT_MISSING when Node.js is not installed or a library is not found */
export async function baseFiles(repository: string): Promise<BaseFiles> {
  const node = join(repository, 'node_modules/node/bin/node');
  await mustExist(node, 'run npm ci');
  const libraries = await sharedLibraries(node);
  const certificates = '/etc/ssl/certs/ca-certificates.crt';
  await mustExist(certificates, 'install the package ca-certificates');
  return {
    libraries,
    entries: [
      { path: 'usr/local/bin/node', mode: 0o755, content: { file: node } },
      ...(await Promise.all(libraries.map(async (path): Promise<Entry> => ({ path: path.slice(1), mode: 0o755, content: { file: await realpath(path) } })))),
      text('etc/passwd', `root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:${nonroot}:${nonroot}:nonroot:/tmp:/sbin/nologin\n`),
      text('etc/group', `root:x:0:\nnobody:x:65534:\nnonroot:x:${nonroot}:\n`),
      text('etc/nsswitch.conf', 'hosts: files dns\n'),
      { path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: { file: await realpath(certificates) } },
      { path: 'tmp', mode: 0o1777, directory: true },
    ],
  };
}

/** What the dynamic loader would load, itself included, as it names it: "/lib/x86_64-linux-gnu/libc.so.6". */
async function sharedLibraries(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ldd', [program], { timeout: 30_000, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
  const missing = /^\s*(\S+) => not found/m.exec(stdout)?.[1];
  if (missing) throw new ImageError('IMAGE_INPUT_MISSING', `base layer: ${program} needs ${missing}, which this machine does not have; install it (Debian: libstdc++6)`);
  // A private copy of Node.js may carry libraries by a path of its own; those of the system have none but their own.
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '').sort();
}

async function mustExist(path: string, remedy: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw new ImageError('IMAGE_INPUT_MISSING', `base layer: ${path} is missing; ${remedy}`, { cause });
  }
}

const text = (path: string, content: string): Entry => ({ path, mode: 0o644, content: Buffer.from(content) });
