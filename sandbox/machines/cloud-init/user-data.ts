/** Turns user data into parts: cloud-config documents and scripts, out of plain text, templates, gzip and MIME multi-part (cloud-init docs, "User-Data Formats"). */
import { gunzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { CloudInitError } from './errors.ts';
import { renderTemplate } from './jinja.ts';

export type Part =
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, unknown>> }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'bootHook'; readonly text: string }
  /** Nothing this cloud-init can run; said in the log, as in life. */
  | { readonly kind: 'ignored'; readonly why: string };

/** Throws USER_DATA and TEMPLATE. */
export function parseUserData(data: Buffer, variables: Readonly<Record<string, unknown>>): Part[] {
  const text = isGzip(data) ? gunzipSync(data).toString() : data.toString();
  if (text.trim() === '') return [];
  const boundary = /^content-type:\s*multipart\/[^;]+;[\s\S]*?boundary="?([^"\r\n;]+)"?/im.exec(text.split(/\r?\n\r?\n/, 1)[0] ?? '')?.[1];
  return boundary ? mimeParts(text, boundary).flatMap((part) => parseUserData(part, variables)) : [parsePart(text, variables)];
}

function parsePart(text: string, variables: Readonly<Record<string, unknown>>): Part {
  const [first = '', ...rest] = text.split('\n');
  if (/^##\s*template:\s*jinja\s*$/.test(first)) return parsePart(renderTemplate(rest.join('\n'), variables), variables);
  if (first.startsWith('#cloud-config-archive')) return { kind: 'ignored', why: '#cloud-config-archive is not supported here' };
  if (first.startsWith('#cloud-config')) return { kind: 'config', config: parseConfig(text) };
  if (first.startsWith('#cloud-boothook')) return { kind: 'bootHook', text: rest.join('\n') };
  if (first.startsWith('#!')) return { kind: 'script', text };
  return { kind: 'ignored', why: `Unhandled non-multipart (text/x-not-multipart) userdata: '${first.slice(0, 40)}...'` };
}

function parseConfig(text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    throw new CloudInitError('USER_DATA', `Failed loading yaml blob: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (document === null || document === undefined) return {};
  if (typeof document !== 'object' || Array.isArray(document)) throw new CloudInitError('USER_DATA', 'Failed loading yaml blob: the cloud-config is not a mapping');
  return document as Readonly<Record<string, unknown>>;
}

/** Bodies of a multi-part message; their own content type is not needed, since each begins with a line that says what it is. */
function mimeParts(text: string, boundary: string): Buffer[] {
  return text.split(`--${boundary}`).slice(1).filter((part) => !part.startsWith('--')).map((part) => {
    const blank = /\r?\n\r?\n/.exec(part);
    const headers = blank ? part.slice(0, blank.index) : '';
    const body = (blank ? part.slice(blank.index + blank[0].length) : part).replace(/\r?\n$/, '');
    return Buffer.from(body, /^content-transfer-encoding:\s*base64/im.test(headers) ? 'base64' : 'utf8');
  });
}

function isGzip(data: Buffer): boolean {
  return data[0] === 0x1f && data[1] === 0x8b;
}
