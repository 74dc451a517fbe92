/** The bill of materials of an image: CycloneDX 1.6, without serial number and time, so that it is reproducible. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

export interface Component {
  readonly type: 'library' | 'application' | 'file';
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
}

export interface SbomInput {
  readonly repository: string;
  readonly image: string;
  readonly version: string;
  /** Paths below node_modules, as in the lock file's keys. */
  readonly packages: readonly string[];
  /** Shared libraries of the base, by path. */
  readonly libraries: readonly string[];
  /** Programs that come from elsewhere. */
  readonly programs: readonly { readonly name: string; readonly version: string }[];
}

/** @returns JSON text */
export async function billOfMaterials(input: SbomInput): Promise<string> {
  const lock = JSON.parse(await readFile(join(input.repository, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> };
  const locked = (path: string): LockedPackage => lock.packages[path] ?? { version: 'unknown' };
  const components: Component[] = [
    { type: 'application', name: 'node', version: locked('node_modules/node').version, purl: `pkg:generic/node@${locked('node_modules/node').version}` },
    ...input.programs.map(({ name, version }): Component => ({ type: 'application', name, version })),
    ...input.packages.map((path) => npmComponent(path.replace(/.*node_modules\//, ''), locked(path))),
    ...input.libraries.map((path): Component => ({ type: 'file', name: basename(path) })),
  ];
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: { type: 'container', name: input.image, version: input.version } }, components }, undefined, 1)}\n`;
}

function npmComponent(name: string, { version, license, integrity }: LockedPackage): Component {
  const sha512 = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license && !license.includes(' ') ? { licenses: [{ license: { id: license } }] } : {}),
    ...(sha512 ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] } : {}),
  };
}
