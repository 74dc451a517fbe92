/** The module write_files: files with content, encoding, owner and mode (cloud-init docs, cc_write_files). */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { CloudInitError } from './errors.ts';

const fileSchema = z.object({
  path: z.string().startsWith('/'),
  content: z.union([z.string(), z.instanceof(Uint8Array)]).nullish().transform((content) => content ?? ''),
  encoding: z.string().nullish().transform((encoding) => encoding ?? 'text/plain'),
  owner: z.string().default('root:root'),
  permissions: z.union([z.string(), z.number()]).default('0644'),
  append: z.boolean().default(false),
  defer: z.boolean().default(false),
});
export type FileToWrite = z.output<typeof fileSchema>;

/** Throws CONFIG for an entry that is not one. */
export function parseFiles(entries: unknown): FileToWrite[] {
  const parsed = z.array(fileSchema).safeParse(entries ?? []);
  if (!parsed.success) throw new CloudInitError('CONFIG', `write_files: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @param root where `/` is; the empty string on a server */
export function writeFile(file: FileToWrite, root = ''): void {
  const path = `${root}${file.path}`;
  mkdirSync(dirname(path), { recursive: true });
  const content = decode(file);
  if (file.append) appendFileSync(path, content);
  else writeFileSync(path, content);
  chmodSync(path, mode(file.permissions));
  if (file.owner !== 'root:root') execFileSync('chown', ['--', file.owner, path]);
}

/** Encodings stand from the outside in: gz+b64 is base64 of gzip. */
export function decode({ content, encoding }: Pick<FileToWrite, 'content' | 'encoding'>): Buffer {
  switch (encoding.toLowerCase().trim()) {
    case 'gz': case 'gzip': return gunzipSync(Buffer.from(content));
    case 'gz+base64': case 'gzip+base64': case 'gz+b64': case 'gzip+b64': return gunzipSync(Buffer.from(String(content), 'base64'));
    case 'base64': case 'b64': return Buffer.from(String(content), 'base64');
    // cloud-init writes the content as it is when it does not know the encoding.
    default: return Buffer.from(content);
  }
}

/** '0640', "0o640", and an unquoted 0640, which YAML 1.2 reads as the number 640. */
export function mode(permissions: string | number): number {
  return Number.parseInt(String(permissions).replace(/^0o/, ''), 8);
}
