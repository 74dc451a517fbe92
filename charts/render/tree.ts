/** Compares what should be rendered with what is there. Reads the tree, writes nothing. */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** First words of every rendered file that has comments; by them stale files are found. */
export const mark = 'Rendered by npm run render; edits are overwritten.';

/** The content as it goes to disk: with the mark where the format has comments. */
export function marked(path: string, content: string): string {
  const text = content.endsWith('\n') ? content : `${content}\n`;
  if (/\.ya?ml$/.test(path)) return `# ${mark}\n${text}`;
  if (path.endsWith('.md')) return `<!-- ${mark} -->\n${text}`;
  return text;
}

export interface Difference {
  readonly path: string;
  readonly kind: 'changed' | 'missing' | 'stale';
}

/** @param wanted path from root → final content. Only `folders` are searched for stale files. */
export async function differences(root: string, wanted: ReadonlyMap<string, string>, folders: readonly string[]): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const [path, content] of wanted) {
    const present = await read(join(root, path));
    if (present === undefined) found.push({ path, kind: 'missing' });
    else if (present !== content) found.push({ path, kind: 'changed' });
  }
  for (const folder of folders) {
    for (const path of await files(join(root, folder))) {
      const name = relative(root, path);
      if (!wanted.has(name) && (await read(path))?.split('\n', 1)[0]?.includes(mark)) found.push({ path: name, kind: 'stale' });
    }
  }
  return found.sort((a, b) => a.path.localeCompare(b.path, 'en'));
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function files(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && /\.(ya?ml|md)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
