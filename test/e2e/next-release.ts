/** The release that comes after this one, as a user would check it out: this tree with a higher version and further versions of the class, rendered. */
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './keelson.ts';

export interface Release {
  readonly version: string;
  /** A checkout of it; its packages are those of this one. */
  readonly tree: string;
}

/** Not of the sources, or the same. */
const leftOut = ['.git', 'node_modules', 'dist'];
const classes = 'provisioner/topology/class';
/** Where a release lists the versions of the class that it makes: those of the test beside the one there is. */
const withLaterClasses = `export { type ClassVersion, openstackV1 } from './openstack-v1.ts';
export { withLaterClasses as classVersions } from '../../../test/provisioner/topology/later-classes.ts';
`;

/** @param tree a folder that is not there yet */
export async function nextRelease(tree: string): Promise<Release> {
  await cp(repository, tree, { recursive: true, filter: (source) => !leftOut.includes(relative(repository, source)) });
  await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
  // A lock file that is newer than the packages has them installed again (bin/setup), here in the place of this checkout's.
  await utimes(join(tree, 'package-lock.json'), 0, 0);
  await rename(join(tree, classes, 'versions.ts'), join(tree, classes, 'openstack-v1.ts'));
  await writeFile(join(tree, classes, 'versions.ts'), withLaterClasses);
  const version = await raiseVersion(tree);
  await promisify(execFile)(process.execPath, ['charts/render/main.ts'], { cwd: tree });
  return { version, tree };
}

/** One minor further, of the packages and of every chart that goes with them. */
async function raiseVersion(tree: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(tree, 'package.json'), 'utf8')) as { version: string };
  const [major, minor] = version.split('.').map(Number);
  const next = `${major}.${(minor ?? 0) + 1}.0`;
  const charts = (await readdir(join(tree, 'charts'))).map((name) => join(tree, 'charts', name, 'Chart.yaml')).filter((file) => existsSync(file));
  for (const file of [join(tree, 'package.json'), ...charts]) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(new RegExp(`(version"?: "?)${version.replaceAll('.', '\\.')}\\b`, 'gi'), `$1${next}`));
  }
  return next;
}
