/** Tools that are on the machine already: in the user's own folder, or on PATH in exactly the pinned version. */
import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { delimiter, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { ToolsError } from './errors.ts';
import type { Tool } from './pins.ts';

const versionDeadlineMs = 10_000;

/**
 * The tool in the folder that KEELSON_TOOLS_DIR names; its version is the user's decision. Undefined when it is not in there.
 * @throws ToolsError TOOLS_DIRECTORY when there is no such folder: a typing error must not start half an hour of building
 */
export async function fromFolder(tool: Tool, folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new ToolsError('TOOLS_DIRECTORY', `KEELSON_TOOLS_DIR: ${folder} is not a folder: correct it or unset it`);
  return (await isExecutable(join(folder, tool.name))) ? join(folder, tool.name) : undefined;
}

/** The first of its name on PATH that prints the pinned version. @param ownFolder our own cache; what PATH finds in there does not count */
export async function fromPath(tool: Tool, path: string, ownFolder: string, signal: AbortSignal): Promise<string | undefined> {
  if (!tool.versionArguments) return undefined;
  const own = await realpath(ownFolder).catch(() => ownFolder);
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, tool.name);
    if (!(await isExecutable(file))) continue;
    if ((await realpath(file)).startsWith(own + sep)) continue;
    if ((await printedVersion(file, tool.versionArguments, signal)) === tool.version) return file;
  }
  return undefined;
}

/** The first version number that the program prints, without a leading v; undefined when it prints none, fails to start or does not end. */
export async function printedVersion(file: string, versionArguments: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(versionDeadlineMs)]);
  const result = await promisify(execFile)(file, [...versionArguments], { signal: deadline, killSignal: 'SIGKILL' }).catch((error: { stdout?: string; stderr?: string }) => error);
  signal.throwIfAborted();
  return versionIn(`${result.stdout ?? ''}\n${result.stderr ?? ''}`);
}

/** "Kubernetes v1.36.3" → "1.36.3"; build metadata and dates do not count. */
export function versionIn(text: string): string | undefined {
  return /(?<![\d.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)/.exec(text)?.[1];
}

async function isExecutable(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true && (await access(file, constants.X_OK).then(() => true, () => false));
}
