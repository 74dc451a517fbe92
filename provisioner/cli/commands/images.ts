/** `keelson images list`: every image that the clusters of a bundle run, with digests where they are known, for a mirror. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Helm } from '../../helm/index.ts';
import { parseBundle, parseBundleValues } from '../../operators/index.ts';
import { mirrored } from '../../operators/cluster-apps/mirror.ts';
import type { CliContext, OutputOptions } from '../context.ts';
import { CliError } from '../errors.ts';
import { write } from '../write.ts';
import { bundleImages, ImageTable, type ListedImage } from './images/bundle-images.ts';
import { chartFolder, chartsDirOf, ownBundleFile } from './images/chart-folders.ts';
import { imageReferences } from './images/references.ts';
import { helmOf } from './policy/charts.ts';

export interface ImagesListOptions extends OutputOptions {
  readonly bundle?: string;
  readonly bundleValues?: string;
  readonly management?: true;
  readonly registryPrefix?: string;
  readonly layouts?: string;
  readonly chartsDir?: string;
  readonly helm?: string;
}

/** What the management cluster runs beside the bundle. */
const managementCharts = ['keelson', 'cluster-api', 'monitoring', 'prometheus-operator'] as const;

/** @throws CliError CLI_FILE_UNREADABLE; OperatorError BUNDLE_INVALID, BUNDLE_VALUES_INVALID; HelmError where a chart cannot be rendered */
export async function imagesList(context: CliContext, options: ImagesListOptions): Promise<void> {
  const chartsDir = chartsDirOf(context, options.chartsDir);
  const file = options.bundle ?? (await ownBundleFile(chartsDir));
  const { spec: bundle } = parseBundle(parse(await text(file)), file);
  const values = options.bundleValues === undefined ? {} : parseBundleValues(await text(options.bundleValues), bundle.apps.map(({ name }) => name));
  const helm = new Helm({ binary: options.helm ?? helmOf(context) });
  const listed = await bundleImages({
    bundle, values,
    render: async ({ chart, ...rest }) => helm.template({ ...rest, chart: await chartFolder(chartsDir, chart, context), signal: context.signal }),
  });
  const all = options.management ? [...listed, ...(await managementImages({ helm, chartsDir, context }))] : listed;
  const digests = options.layouts === undefined ? {} : await layoutDigests(options.layouts);
  const rows = merged(all).map((one) => row(one, digests, options.registryPrefix));
  write(context, options.output, rows, () => table(rows));
}

interface Row extends ListedImage {
  /** Where the mirror has it. */
  readonly mirror?: string;
}

function row(image: ListedImage, digests: Readonly<Record<string, string>>, prefix: string | undefined): Row {
  const digest = image.digest ?? digests[image.image];
  return { image: image.image, ...(digest === undefined ? {} : { digest }), ...(prefix === undefined ? {} : { mirror: mirrored(image.image, prefix) }), apps: image.apps };
}

async function managementImages({ helm, chartsDir, context }: { readonly helm: Helm; readonly chartsDir: string; readonly context: CliContext }): Promise<ListedImage[]> {
  const images = new ImageTable();
  for (const chart of managementCharts) {
    const manifests = await helm.template({ release: chart, namespace: 'keelson-system', chart: await chartFolder(chartsDir, chart, context), signal: context.signal });
    images.add(chart, chart, imageReferences(manifests));
  }
  return images.list();
}

function merged(images: readonly ListedImage[]): ListedImage[] {
  const table = new ImageTable();
  for (const { apps, ...reference } of images) for (const app of apps) table.add(app, app, [reference]);
  return table.list();
}

/** Of `npm run images`: the digest under which a registry will know each of our images. Builds are reproducible. */
async function layoutDigests(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new CliError('CLI_FILE_UNREADABLE', `${folder} is no folder of image layouts; npm run images makes one`, { cause });
  });
  const indexes = names.map((name) => join(folder, name, 'index.json')).filter((path) => existsSync(path));
  const manifests = await Promise.all(indexes.map(async (path) => (JSON.parse(await readFile(path, 'utf8')) as { manifests: { digest: string; annotations?: Record<string, string> }[] }).manifests));
  return Object.fromEntries(manifests.flat().flatMap(({ digest, annotations = {} }) => {
    const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
    return name === undefined ? [] : [[name, digest]];
  }));
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ image, digest = '', mirror, apps }) => [mirror === undefined ? image : `${image}  →  ${mirror}`, digest, apps.join(',')]);
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map(([image = '', digest = '', apps = '']) => `${image.padEnd(widths[0] ?? 0)}  ${digest.padEnd(widths[1] ?? 0)}  ${apps}\n`).join('');
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError('CLI_FILE_UNREADABLE', `${path} cannot be read`, { cause });
  }
}
