/** Objects as they stand in files: rendered charts, policies, exports of a cluster. */
import { loadAll, YAMLException } from 'js-yaml';
import type { ObjectRef, Source } from '../../findings/finding.ts';
import { NetworkError } from '../errors.ts';

/** Where an object was read. */
export interface Origin extends Source {
  /** Which document of the file, from 1; where it was counted. */
  readonly document?: number;
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
  const all = documents(file, text);
  const lines = firstLines(text);
  return all.flatMap((document, i) => {
    // Where the count differs (a marker inside of text, say), no line is better than a wrong one.
    const line = lines.length === all.length ? lines[i] : undefined;
    const origin: Origin = { file, document: i + 1, ...(line === undefined ? {} : { line }) };
    return document === null || document === undefined ? [] : objects(document, origin, '').map((object) => ({ object, origin }));
  });
}

/** "policies.yaml, document 3", "policies.yaml:14". */
export const originText = ({ file, document, line }: Origin): string => (document === undefined ? `${file}${line === undefined ? '' : `:${line}`}` : `${file}, document ${document}`);

/**
 * An object that somebody else has read.
 * @throws {NetworkError} NETWORK_BAD_MANIFEST when it has no apiVersion, kind or name
 */
export function readManifest(object: unknown, origin: Origin): ReadManifest {
  const [manifest] = objects(object, origin, '');
  if (!manifest) throw new NetworkError('NETWORK_BAD_MANIFEST', `${originText(origin)}: is an empty list, not an object`);
  return { object: manifest, origin };
}

function documents(file: string, text: string): readonly unknown[] {
  try {
    return loadAll(text);
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    throw new NetworkError('NETWORK_BAD_MANIFEST', `${file}, line ${(cause.mark?.line ?? 0) + 1}: not YAML: ${cause.reason}`, { cause });
  }
}

/** The first line of each document, from 1: after its marker, or the first of the file that holds more than a comment. */
function firstLines(text: string): readonly number[] {
  const lines = text.split('\n');
  const markers = lines.flatMap((line, i) => (/^---(\s|$)/.test(line) ? [i + 2] : []));
  const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  return first >= 0 && !/^---(\s|$)/.test(lines[first] ?? '') ? [first + 1, ...markers] : markers;
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

const namespaced = ['CiliumNetworkPolicy', 'NetworkPolicy'];

/** What a finding says which object it is about. */
export function objectOf({ object: { apiVersion, kind, metadata } }: ReadManifest): ObjectRef {
  const namespace = metadata.namespace ?? (namespaced.includes(kind) ? 'default' : undefined);
  return { apiVersion, kind, name: metadata.name, ...(namespace === undefined ? {} : { namespace }) };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
