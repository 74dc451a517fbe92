/** What a class is, as one number: the digest of its templates and of what its patches answer to every sample. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../kube/types.ts';
import type { ClassVersion } from '../class/versions.ts';
import { generatePatches } from '../patches/generate.ts';
import { requestOf } from './samples.ts';

/** SHA-256 in hex. @param templates the objects of the class without the digest itself */
export function outputDigest(version: ClassVersion, templates: readonly KubeObject[]): string {
  const answers = Object.values(version.samples).map((sample) => generatePatches(requestOf(sample), version).items);
  return createHash('sha256').update(JSON.stringify([templates, answers])).digest('hex');
}
