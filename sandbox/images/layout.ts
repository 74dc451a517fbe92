/** Writes one image as an OCI image layout (image-spec v1.1): oci-layout, index.json, blobs. */
import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from './layer.ts';

export interface ImageConfig {
  readonly reference: string;
  readonly version: string;
  readonly description: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
}

export interface WrittenImage {
  /** Of the manifest: what a registry would know the image by. */
  readonly digest: string;
  /** Bytes of all blobs. */
  readonly sizeBytes: number;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const created = new Date(0).toISOString();
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** Replaces the folder as a whole: a reader sees the old layout or the new one. */
export async function writeLayout(folder: string, config: ImageConfig, layers: readonly Layer[]): Promise<WrittenImage> {
  const temporary = `${folder}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(join(temporary, 'blobs/sha256'), { recursive: true });
  for (const layer of layers) await share(layer.file, blobPath(temporary, layer.digest));
  const configDescriptor = await writeBlob(temporary, 'application/vnd.oci.image.config.v1+json', configuration(config, layers));
  const manifest = await writeBlob(temporary, 'application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: configDescriptor,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    annotations: annotations(config),
  });
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest, platform: { architecture, os: 'linux' }, annotations: { 'org.opencontainers.image.ref.name': config.reference } }],
  };
  await writeFile(join(temporary, 'index.json'), JSON.stringify(index));
  await writeFile(join(temporary, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await rm(folder, { recursive: true, force: true });
  await rename(temporary, folder);
  return { digest: manifest.digest, sizeBytes: layers.reduce((sum, { size }) => sum + size, configDescriptor.size + manifest.size) };
}

const configuration = (config: ImageConfig, layers: readonly Layer[]): object => ({
  created,
  architecture,
  os: 'linux',
  config: { User: config.user, Env: config.env, Entrypoint: config.entrypoint, WorkingDir: '/', Labels: annotations(config) },
  rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  history: layers.map(({ title }) => ({ created, created_by: title })),
});

const annotations = (config: ImageConfig): Record<string, string> => ({
  'org.opencontainers.image.title': config.description,
  'org.opencontainers.image.version': config.version,
  'org.opencontainers.image.licenses': 'Apache-2.0',
});

async function writeBlob(folder: string, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await writeFile(blobPath(folder, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

/** The same blob for several images: a hard link where the file system allows one. */
async function share(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => undefined)) return;
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}

const blobPath = (folder: string, digest: string): string => join(folder, 'blobs', digest.replace(':', '/'));
