/** `npm run images [-- --out <folder>] [--tools-dir <folder>] [--image <name>]… [--uncompressed]`: our images as OCI image layouts, with digests and sizes on stdout. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../tools/index.ts';
import { buildImages } from './build.ts';
import { imageDefinitions } from './definitions.ts';

const repository = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(repository, 'dist/images') },
    'tools-dir': { type: 'string', default: join(cacheDirectory(process.env), 'tools/bin') },
    image: { type: 'string', multiple: true },
    uncompressed: { type: 'boolean', default: false },
  },
});
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)));

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
try {
  const names = imageDefinitions.map(({ name }) => name).filter((name) => !values.image || values.image.includes(name));
  const images = await buildImages({ repository, names, out: values.out, toolsDir: values['tools-dir'], compression: values.uncompressed ? 'none' : 'gzip', env: process.env, signal: abort.signal });
  for (const { reference, digest, sizeBytes, layers, folder } of images) {
    console.log(`${reference}  ${digest}  ${megabytes(sizeBytes)}  ${folder}`);
    for (const { title, size, tarSize, diffId } of layers) console.log(`  ${megabytes(size).padStart(9)} (${megabytes(tarSize)} unpacked)  ${title}  ${diffId}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
