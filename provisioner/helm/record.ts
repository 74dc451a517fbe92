/**
 * The record that Helm keeps of a revision: a Secret in the release's namespace, its data gzipped JSON in base64 (once more
 * than Kubernetes does it). https://helm.sh/docs/topics/advanced/#storage-backends, pkg/storage/driver/{secrets,util}.go.
 *
 * Helm has no command that clears the mark of an operation that was killed (https://github.com/helm/helm/issues/4558). The
 * usual cures undo the operation, or uninstall it, and so stop what already runs. Marking the revision as failed is enough:
 * the next upgrade then starts from it, or from the last one that was deployed.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { load, loadAll } from 'js-yaml';
import { z } from 'zod';
import { HelmError } from './errors.ts';
import { releaseStatus, type ReleaseStatus } from './output.ts';

/** Selects the records of one release. */
export const recordSelector = (release: string): string => `owner=helm,name=${release}`;
export const recordName = (release: string, revision: number): string => `sh.helm.release.v1.${release}.v${revision}`;

export interface ReleaseRecord {
  readonly revision: number;
  readonly status: ReleaseStatus;
  readonly description: string;
  /** When the operation began. */
  readonly deployedAt: Date | undefined;
  /** Objects in the order of the manifest; they may be Secrets. Hooks are not among them. */
  readonly objects: readonly ManifestObject[];
}

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const record = z.looseObject({
  version: z.number().int(),
  manifest: z.string().default(''),
  info: z.looseObject({ status: releaseStatus, description: z.string().default(''), last_deployed: z.string().optional() }),
});
const head = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) });

/** @param data `data.release` of the Secret. @throws {HelmError} HELM_OUTPUT_INVALID; the content is never quoted */
export function readRecord(data: string): ReleaseRecord {
  const read = record.safeParse(decode(data));
  if (!read.success) throw unreadable();
  const { version, manifest, info } = read.data;
  const at = info.last_deployed === undefined ? NaN : Date.parse(info.last_deployed);
  return { revision: version, status: info.status, description: info.description, deployedAt: Number.isNaN(at) ? undefined : new Date(at), objects: manifestObjects(manifest) };
}

/** The same record with another status and a sentence on why. @throws {HelmError} HELM_OUTPUT_INVALID */
export function withStatus(data: string, status: ReleaseStatus, description: string): string {
  const whole = decode(data) as { info: Record<string, unknown> };
  const changed = { ...whole, info: { ...whole.info, status, description } };
  return Buffer.from(gzipSync(JSON.stringify(changed)).toString('base64')).toString('base64');
}

/** Documents that are no objects are left out. */
export function manifestObjects(manifest: string): readonly ManifestObject[] {
  return documents(manifest).flatMap((document) => {
    const read = head.safeParse(document);
    if (!read.success) return [];
    return [document as ManifestObject];
  });
}

function documents(manifest: string): readonly unknown[] {
  try {
    return loadAll(manifest);
  } catch {
    // One document that YAML does not take must not hide the others.
    return manifest.split(/^---.*$/m).flatMap((text) => {
      try {
        return [load(text)];
      } catch {
        return [];
      }
    });
  }
}

function decode(data: string): unknown {
  try {
    const inner = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
    return JSON.parse((inner[0] === 0x1f && inner[1] === 0x8b ? gunzipSync(inner) : inner).toString('utf8'));
  } catch {
    throw unreadable();
  }
}

function unreadable(): HelmError {
  return new HelmError('HELM_OUTPUT_INVALID', 'the record of a release cannot be read; was it written by Helm 3 or 4?');
}
