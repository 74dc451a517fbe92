/** Reads an OCI image layout (image-spec v1.1 image-layout.md): which images it has, their configuration and layers. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { RuntimeError } from './errors.ts';

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.object({ architecture: z.string(), os: z.string() }).optional(),
});
const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });
const strings = z.array(z.string()).nullish().transform((list) => list ?? []);
const configSchema = z.object({
  config: z.object({ User: z.string().default(''), Env: strings, Entrypoint: strings, Cmd: strings, WorkingDir: z.string().default(''), StopSignal: z.string().default('') }).prefault({}),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** One layer: the blob's file, how it is compressed, and the digest of its uncompressed content. */
export interface LayoutLayer {
  readonly file: string;
  readonly mediaType: string;
  readonly diffId: string;
}

export interface LayoutImage {
  /** `ghcr.io/keelson/keelson:0.1.0` */
  readonly reference: string;
  /** Digest of the configuration: the image's id. */
  readonly id: string;
  readonly manifestDigest: string;
  readonly sizeBytes: number;
  readonly config: z.output<typeof configSchema>['config'];
  readonly layers: readonly LayoutLayer[];
}

const imageName = 'org.opencontainers.image.ref.name';
/** The full name, as containerd and `docker buildx` write it beside the tag. */
const fullImageName = 'io.containerd.image.name';
const indexTypes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];

/** Images of the layout in a directory. A tag alone gets the repository `ghcr.io/keelson/<directory>`. Throws INVALID_ARGUMENT where the layout is not one. */
export async function readLayout(directory: string): Promise<LayoutImage[]> {
  const { manifests } = await readJson(`${directory}/index.json`, indexSchema);
  return Promise.all(manifests.map(async (descriptor) => {
    const name = descriptor.annotations?.[fullImageName] ?? descriptor.annotations?.[imageName] ?? 'latest';
    const reference = name.includes('/') ? name : `ghcr.io/keelson/${basename(directory)}:${name}`;
    return readImage(directory, reference, await platformManifest(directory, descriptor));
  }));
}

async function platformManifest(directory: string, descriptor: z.output<typeof descriptorSchema>): Promise<z.output<typeof descriptorSchema>> {
  if (!indexTypes.includes(descriptor.mediaType)) return descriptor;
  const { manifests } = await readJson(blob(directory, descriptor.digest), indexSchema);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const match = manifests.find((candidate) => candidate.platform?.os === 'linux' && candidate.platform.architecture === architecture);
  if (!match) throw new RuntimeError('INVALID_ARGUMENT', `${directory}: no image for linux/${architecture}`);
  return match;
}

async function readImage(directory: string, reference: string, descriptor: z.output<typeof descriptorSchema>): Promise<LayoutImage> {
  const manifest = await readJson(blob(directory, descriptor.digest), manifestSchema);
  const { config, rootfs } = await readJson(blob(directory, manifest.config.digest), configSchema);
  if (rootfs.diff_ids.length !== manifest.layers.length) throw new RuntimeError('INVALID_ARGUMENT', `${directory}: ${manifest.layers.length} layers but ${rootfs.diff_ids.length} diff ids`);
  const layers = manifest.layers.map((layer, i) => ({ file: blob(directory, layer.digest), mediaType: layer.mediaType, diffId: rootfs.diff_ids[i] ?? layer.digest }));
  const sizeBytes = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size);
  return { reference, id: manifest.config.digest, manifestDigest: descriptor.digest, sizeBytes, config, layers };
}

function blob(directory: string, digest: string): string {
  return `${directory}/blobs/${digest.replace(':', '/')}`;
}

async function readJson<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new RuntimeError('INVALID_ARGUMENT', `${file}: not a file of an OCI image layout: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
