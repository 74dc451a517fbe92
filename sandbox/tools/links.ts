/** The flat folder of links: the one place where everybody looks for tools. */
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Points `<directory>/<name>` at each file; a link is replaced in one step, so that nobody ever finds it missing. */
export async function linkAll(targets: readonly { readonly name: string; readonly file: string }[], directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, file } of targets) {
    const link = join(directory, name);
    const target = relative(directory, file);
    if ((await readlink(link).catch(() => undefined)) === target) continue;
    const temporary = join(directory, `.${name}.${process.pid}`);
    await rm(temporary, { force: true });
    await symlink(target, temporary);
    await rename(temporary, link);
  }
}
