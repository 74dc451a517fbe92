/** Builds our images as OCI image layouts. The sandbox runs its pods from them, never from the checkout. */
import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pinOf } from '../tools/pins.ts';
import { baseFiles, nonroot, type BaseFiles } from './base-files.ts';
import { ImageError } from './build-errors.ts';
import { bundle } from './bundle.ts';
import { chartFiles, upstreamChartFiles } from './chart-files.ts';
import { imageDefinitions, type ImageDefinition } from './definitions.ts';
import { setAside } from './former.ts';
import { buildLayer, type Compression, type Entry, type Layer } from './layer.ts';
import { writeLayout } from './layout.ts';
import { billOfMaterials } from './sbom.ts';

export interface BuildOptions {
  /** Root of the checkout. */
  readonly repository: string;
  /** Gets one folder per image, and `.layers` with what the next build can use again. */
  readonly out: string;
  /** Folder with `helm`. */
  readonly toolsDir: string;
  readonly signal: AbortSignal;
  /** Default: all. */
  readonly names?: readonly ImageDefinition['name'][];
  /** Default gzip, as registries want it; none is faster to build and to unpack. */
  readonly compression?: Compression;
  /** Whether an image of another version stays, as `<name>-<version>` beside the new one. */
  readonly keepsFormer?: boolean;
  /** For the charts of others; without it they are left out, as the sandbox leaves them out of its clusters. */
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: (what: string) => void;
}

export interface BuiltImage {
  readonly name: ImageDefinition['name'];
  readonly reference: string;
  /** Of the manifest. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly folder: string;
  readonly layers: readonly Layer[];
}

/** @throws ImageError IMAGE_INPUT_MISSING, IMAGE_BUNDLE_FAILED; the signal's reason */
export async function buildImages(options: BuildOptions): Promise<BuiltImage[]> {
  const { version } = JSON.parse(await readFile(join(options.repository, 'package.json'), 'utf8')) as { version: string };
  const base = await baseFiles(options.repository);
  const built: BuiltImage[] = [];
  for (const definition of imageDefinitions) {
    if (options.names && !options.names.includes(definition.name)) continue;
    options.signal.throwIfAborted();
    options.progress?.(`image ${definition.name}`);
    built.push(await buildImage(definition, { ...options, version, base }));
  }
  await prune(options.out, built);
  return built;
}

async function buildImage(definition: ImageDefinition, o: BuildOptions & { version: string; base: BaseFiles }): Promise<BuiltImage> {
  const cacheDir = join(o.out, '.layers');
  await mkdir(cacheDir, { recursive: true });
  const layer = (title: string, entries: readonly Entry[]): Promise<Layer> => buildLayer({ title, entries, compression: o.compression ?? 'gzip', cacheDir, signal: o.signal });
  const code = await bundle({ repository: o.repository, entryPoints: definition.entryPoints, folder: 'app' });
  const programs = definition.deliversCharts ? [{ name: 'helm', version: pinOf('helm').version }] : [];
  const sbom = await billOfMaterials({ repository: o.repository, image: definition.repository, version: o.version, packages: code.packages, libraries: o.base.libraries, programs });
  const layers = [
    await layer('Node.js and the libraries it needs', o.base.entries),
    ...(definition.deliversCharts ? [await layer('Helm', [{ path: 'usr/local/bin/helm', mode: 0o755, content: { file: await helm(o.toolsDir) } }])] : []),
    await layer(definition.deliversCharts ? 'Keelson and its charts' : definition.description, [
      ...code.entries,
      ...(definition.deliversCharts ? await chartFiles(o.repository) : []),
      ...(definition.deliversCharts && o.env ? await upstreamChartFiles(o.env) : []),
      { path: 'app/sbom.cdx.json', mode: 0o644, content: Buffer.from(sbom) },
    ]),
  ];
  const reference = `${definition.repository}:${o.version}`;
  const folder = join(o.out, definition.name);
  if (o.keepsFormer) await setAside(folder, o.version);
  const [program] = Object.keys(definition.entryPoints);
  const written = await writeLayout(folder, {
    reference, version: o.version, description: definition.description, user: `${nonroot}:${nonroot}`,
    entrypoint: ['/usr/local/bin/node', '--enable-source-maps', `/app/${program}.mjs`],
    env: ['PATH=/usr/local/bin', 'NODE_ENV=production', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
  }, layers);
  return { name: definition.name, reference, folder, layers, ...written };
}

async function helm(toolsDir: string): Promise<string> {
  const path = join(toolsDir, 'helm');
  try {
    await access(path);
    return path;
  } catch (cause) {
    throw new ImageError('IMAGE_INPUT_MISSING', `image keelson: ${path} is missing; build the tools first (node sandbox/tools/main.ts helm)`, { cause });
  }
}

/** Removes layers that no image of this build uses. A build of some images keeps the layers of the others. */
async function prune(out: string, built: readonly BuiltImage[]): Promise<void> {
  if (built.length < imageDefinitions.length) return;
  const used = new Set(built.flatMap(({ layers }) => layers.map(({ file }) => file)));
  for (const name of await readdir(join(out, '.layers'))) {
    const file = join(out, '.layers', name.replace(/\.json$/, ''));
    if (!used.has(file)) await rm(join(out, '.layers', name), { force: true });
  }
}
