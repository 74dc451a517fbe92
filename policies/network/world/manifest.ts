/** Objects as they stand in files: rendered charts, policies, exports of a cluster. */
import { loadAll, YAMLException } from 'js-yaml';
import { NetworkError } from '../errors.ts';

/** Where an object was read. */
export interface Origin {
  readonly file: string;
  /** Which document of the file, from 1. */
  readonly document: number;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

export interface ReadManifest {
  readonly object: Manifest;
  readonly origin: Origin;
}

/**
 * Reads all documents of a file; Lists are taken apart, empty documents left out.
 * @throws {NetworkError} NETWORK_BAD_MANIFEST naming file, document and what is wrong
 */
export function parseManifests(file: string, text: string): readonly ReadManifest[] {
  return documents(file, text).flatMap((document, i) => {
    const origin: Origin = { file, document: i + 1 };
    return document === null || document === undefined ? [] : objects(document, origin, '').map((object) => ({ object, origin }));
  });
}

/** "policies.yaml, document 3". */
export const originText = ({ file, document }: Origin): string => `${file}, document ${document}`;

function documents(file: string, text: string): readonly unknown[] {
  try {
    return loadAll(text);
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    throw new NetworkError('NETWORK_BAD_MANIFEST', `${file}, line ${(cause.mark?.line ?? 0) + 1}: not YAML: ${cause.reason}`, { cause });
  }
}

function objects(value: unknown, origin: Origin, path: string): readonly Manifest[] {
  const bad = (field: string, what: string): never => {
    throw new NetworkError('NETWORK_BAD_MANIFEST', `${originText(origin)}: ${[path, field].filter(Boolean).join('.') || 'the document'} ${what}`);
  };
  if (!isRecord(value)) return bad('', 'is not an object of Kubernetes: write apiVersion, kind, metadata');
  const { apiVersion, kind, metadata, items } = value;
  if (typeof apiVersion !== 'string') return bad('apiVersion', 'is missing');
  if (typeof kind !== 'string') return bad('kind', 'is missing');
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap((item, i) => objects(item, origin, `${path}items[${i}]`));
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') return bad('metadata.name', `is missing in this ${kind}`);
  if (metadata['namespace'] !== undefined && typeof metadata['namespace'] !== 'string') return bad('metadata.namespace', `of ${kind} ${metadata['name']} is not text`);
  return [value as unknown as Manifest];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
