/** Runbooks: the markdown files that alerts point to, shown by the pager itself, so that they are at hand when nothing else is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { marked } from 'marked';

/** File names without `.md`; no dots or slashes, so no path leads out of the folder. */
const runbookName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** The name of one of our runbooks behind a `runbook_url` (`/runbooks/<name>`, with or without a host and `.md`); undefined for others. */
export function ownRunbook(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url, 'http://pager')) return undefined;
  const name = /\/runbooks\/([^/]+?)(?:\.md)?$/.exec(new URL(url, 'http://pager').pathname)?.[1];
  return name !== undefined && runbookName.test(name) ? name : undefined;
}

/** Where a person gets to from a page; undefined for what is not a web address. Our own runbooks become links to the pager. */
export function runbookLink(url: string | undefined): string | undefined {
  const own = ownRunbook(url);
  if (own !== undefined) return `/runbooks/${own}`;
  if (url === undefined || !URL.canParse(url)) return undefined;
  return ['http:', 'https:'].includes(new URL(url).protocol) ? url : undefined;
}

/** The title (first heading) and the text as HTML; undefined when there is no such runbook. */
export async function readRunbook(folder: string, name: string): Promise<{ title: string; html: string } | undefined> {
  if (!runbookName.test(name)) return undefined;
  const text = await readFile(join(folder, `${name}.md`), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return { title: /^# (.+)$/m.exec(text)?.[1]?.trim() ?? name, html: await marked.parse(text, { async: true, gfm: true }) };
}
