/** Our code for one image: an ES module per entry point, shared and lazily loaded parts in chunks beside it. */
import { basename, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ImageError } from './build-errors.ts';
import type { Entry } from './layer.ts';

export interface Bundle {
  readonly entries: readonly Entry[];
  /** The npm packages whose code is in it, as the lock file names them. */
  readonly packages: readonly string[];
}

/** Bundled packages in CommonJS call require for what Node.js has built in; an ES module has none. */
const requireBanner = "import { createRequire as keelsonCreateRequire } from 'node:module'; const require = keelsonCreateRequire(import.meta.url);";

/**
 * @param o.entryPoints name of the module in the image → source, from the root of the repository
 * @param o.folder of the modules inside the image
 * @throws ImageError IMAGE_BUNDLE_FAILED with esbuild's messages
 */
export async function bundle(o: { repository: string; entryPoints: Readonly<Record<string, string>>; folder: string }): Promise<Bundle> {
  try {
    const result = await build({
      absWorkingDir: o.repository,
      entryPoints: Object.entries(o.entryPoints).map(([out, source]) => ({ in: source, out })),
      outdir: 'app',
      write: false,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      sourcemap: 'linked',
      sourcesContent: false,
      legalComments: 'linked',
      keepNames: true,
      minifyWhitespace: true,
      minifySyntax: true,
      metafile: true,
      logLevel: 'silent',
      banner: { js: requireBanner },
      plugins: [withoutSandbox],
    });
    return {
      entries: result.outputFiles.map((file) => ({ path: `${o.folder}/${relative(`${o.repository}/app`, file.path)}`, mode: 0o644, content: Buffer.from(file.contents) })),
      packages: packagesOf(Object.keys(result.metafile.inputs)),
    };
  } catch (cause) {
    throw new ImageError('IMAGE_BUNDLE_FAILED', `bundle ${Object.values(o.entryPoints).join(', ')}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The sandbox needs root and a whole machine: its commands stay in the checkout, and say so by the name Node.js does not find. */
const withoutSandbox: Plugin = {
  name: 'without-sandbox',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\bsandbox\// }, ({ path }) => ({ path: `the-sandbox-is-not-in-this-image/${basename(path)}`, external: true }));
  },
};

/** "node_modules/@scope/name/lib/a.js" → "node_modules/@scope/name"; of a nested path all but the file. */
function packagesOf(inputs: readonly string[]): string[] {
  const keys = inputs.map((path) => /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter((key) => key !== undefined);
  return [...new Set(keys)].sort();
}
