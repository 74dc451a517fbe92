/** The images of a server: what a reference resolves to, which were pulled, and what a container of one starts from. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { matchImage, parseReference, toolEnvironment } from '../images/images.ts';
import { RuntimeError } from './errors.ts';
import { kubernetesVersion, toolsFolderOf } from '../tools/pins.ts';
import { unpackLayers } from './layers.ts';
import { readLayout, type LayoutImage } from './oci-layout.ts';

/** The file system a container starts from: pinned programs among the server's own, or layers of an image. */
export type RootFileSystem =
  | { readonly kind: 'programs'; readonly programs: readonly { readonly source: string; readonly target: string }[] }
  | { readonly kind: 'layers'; readonly directories: readonly string[] };

export interface Image {
  readonly id: string;
  /** `repository:tag`, as `kubectl describe node` lists it. */
  readonly tag: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  /** A signal name such as SIGQUIT; empty for SIGTERM. */
  readonly stopSignal: string;
  readonly root: RootFileSystem;
}

export interface ImageStoreOptions {
  readonly toolsDir: string;
  readonly diskProgramsDir: string;
  readonly layersDir: string;
  /** OCI layouts, one directory each; need not exist. */
  readonly imagesDir: string;
}

export class ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #pulled = new Map<string, Image>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** Throws NOT_FOUND, in containerd's words, for an image the sandbox does not have: the kubelet turns it into ImagePullBackOff. */
  async pull(reference: string): Promise<Image> {
    const image = await this.#resolve(reference);
    this.#pulled.set(image.id, image);
    return image;
  }

  /** @param reference a reference, an id, or a reference with a digest */
  find(reference: string): Image | undefined {
    const { repository, tag, digest } = parseReference(reference);
    return this.#pulled.get(reference) ?? this.list().find((image) => image.tag === `${repository}:${tag}` || (digest !== undefined && image.digest === digest));
  }

  list(): Image[] {
    return [...this.#pulled.values()];
  }

  remove(reference: string): void {
    const image = this.find(reference);
    if (image) this.#pulled.delete(image.id);
  }

  async #resolve(reference: string): Promise<Image> {
    const match = matchImage(reference);
    switch (match.kind) {
      case 'tool': {
        const { image } = match;
        const folder = toolsFolderOf(this.#options.toolsDir, image.kubernetes ?? kubernetesVersion);
        const programs = [
          ...Object.entries(image.programs).map(([target, tool]) => ({ target, source: `${folder}/${tool}` })),
          ...(image.diskPrograms ?? []).map((name) => ({ target: `/usr/local/bin/${name}`, source: `${this.#options.diskProgramsDir}/${name}` })),
        ];
        const missing = programs.find((program) => !existsSync(program.source));
        if (missing) throw new RuntimeError('NOT_FOUND', `image ${reference}: the tool ${missing.source} is not there; it is built by \`keelson up\``);
        return localImage(`${image.repository}:${image.tag}`, image, { kind: 'programs', programs });
      }
      case 'standIn':
        return localImage(`${match.image.repository}:${parseReference(reference).tag ?? 'latest'}`, match.image, { kind: 'programs', programs: [] });
      case 'unknown': {
        const own = await this.#fromLayouts(reference);
        if (own) return own;
        throw new RuntimeError('NOT_FOUND', `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: not found (${match.why})`);
      }
    }
  }

  async #fromLayouts(reference: string): Promise<Image | undefined> {
    const { repository, tag, digest } = parseReference(reference);
    const { imagesDir } = this.#options;
    for (const name of existsSync(imagesDir) ? readdirSync(imagesDir).sort() : []) {
      const directory = `${imagesDir}/${name}`;
      if (!existsSync(`${directory}/index.json`)) continue;
      const found = (await readLayout(directory)).find((image) => (digest === undefined ? image.reference === `${repository}:${tag}` : image.manifestDigest === digest));
      if (found) return this.#layoutImage(found);
    }
    return undefined;
  }

  async #layoutImage(image: LayoutImage): Promise<Image> {
    const { config } = image;
    return {
      id: image.id, tag: image.reference, digest: image.manifestDigest, sizeBytes: image.sizeBytes,
      entrypoint: config.Entrypoint, command: config.Cmd, environment: config.Env, user: config.User, workingDir: config.WorkingDir, stopSignal: config.StopSignal,
      root: { kind: 'layers', directories: await unpackLayers(this.#options.layersDir, image.layers) },
    };
  }
}

/** A file of the image, before anything is mounted: looked for from the topmost layer down; empty when there is none. */
export function imageFile(root: RootFileSystem, path: string, skeleton: string): string {
  const candidates = root.kind === 'layers' ? root.directories : [skeleton];
  const found = candidates.map((directory) => `${directory}${path}`).find((file) => existsSync(file));
  return found === undefined ? '' : readFileSync(found, 'utf8');
}

function localImage(tag: string, image: { entrypoint: readonly string[]; command?: readonly string[]; user?: string; workingDir?: string }, root: RootFileSystem): Image {
  const digest = `sha256:${createHash('sha256').update(tag).digest('hex')}`;
  return { id: digest, tag, digest, sizeBytes: 1_000_000, entrypoint: image.entrypoint, command: image.command ?? [], environment: toolEnvironment, user: image.user ?? '', workingDir: image.workingDir ?? '/', stopSignal: '', root };
}
