/** Every image that manifests name: what a mirror must hold for their pods to run. */
import { loadAll } from 'js-yaml';

/** `registry/path:tag@sha256:…`, taken apart. */
export interface ImageReference {
  /** Registry, path and tag; without the digest. */
  readonly image: string;
  /** sha256:…, where the manifest has it. */
  readonly digest?: string;
}

/** An image is written out in full here: with its registry. Anything else under the key is something else. */
const reference = /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;
/** An operator is told the images of what it makes: --prometheus-config-reloader=quay.io/…:v1. */
const argument = /^--[a-z0-9-]+=(.+)$/;

/** @param manifests YAML of many documents @returns each once, in the order of their first appearance */
export function imageReferences(manifests: string): ImageReference[] {
  const found = new Map<string, ImageReference>();
  for (const document of loadAll(manifests)) walk(document, (text) => {
    const [image = '', digest] = text.split('@');
    found.set(text, { image, ...(digest === undefined ? {} : { digest }) });
  });
  return [...found.values()];
}

/** Containers of every kind have `image`, and so have Prometheus and Alertmanager. A schema (CRD) describes such fields and names no image. */
function walk(value: unknown, take: (text: string) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, take);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if ((value as { kind?: unknown }).kind === 'CustomResourceDefinition') return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'image' && typeof inner === 'string' && reference.test(inner)) take(inner);
    else if (key === 'args' && Array.isArray(inner)) for (const one of inner) takeArgument(one, take);
    else walk(inner, take);
  }
}

function takeArgument(text: unknown, take: (text: string) => void): void {
  const value = typeof text === 'string' ? argument.exec(text)?.[1] : undefined;
  // An address has a port where an image has a tag; only what ends in a tag with a letter or a dot, or in a digest, is an image.
  if (value !== undefined && reference.test(value) && /(:v?\d+\.[\w.-]+|@sha256:[0-9a-f]{64})$/.test(value)) take(value);
}
