/** Versions of the Pod Security Standards: one per minor version of Kubernetes. */
import { PodPolicyError } from './errors.ts';

/** The first minor version that the table describes; older ones had annotations instead of fields and are out of support. */
export const oldestMinor = 25;
/** The last minor version in which the standard changed (sysctls of TCP). */
export const newestMinor = 37;

/**
 * "v1.36", "1.36", "1.36.3" or "latest" → 36. A version newer than the table is judged by its newest rules, as Pod Security
 * admission does.
 * @throws PodPolicyError PODS_VERSION
 */
export function minorOf(version: string): number {
  if (version === 'latest') return newestMinor;
  const minor = Number(/^v?1\.(0|[1-9][0-9]{0,2})(\.[0-9]+)?$/.exec(version)?.[1] ?? Number.NaN);
  if (Number.isNaN(minor)) throw new PodPolicyError('PODS_VERSION', `"${version}" is not a version of the Pod Security Standards: write v1.${oldestMinor} to v1.${newestMinor}, or latest`);
  if (minor < oldestMinor) throw new PodPolicyError('PODS_VERSION', `version v1.${minor} is older than the table: the oldest is v1.${oldestMinor}`);
  return Math.min(minor, newestMinor);
}

/** 36 → "v1.36" */
export function versionName(minor: number): string {
  return `v1.${minor}`;
}
