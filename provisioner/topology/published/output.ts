/** What a class is, as one number: the digest of its templates and of what its patches answer to every sample. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../kube/types.ts';
import { generatePatches } from '../patches/generate.ts';
import { requestOf, samples } from './samples.ts';

/** SHA-256 in hex. @param templates the objects of the class without the digest itself */
export function outputDigest(templates: readonly KubeObject[]): string {
  const answers = Object.values(samples).map((sample) => generatePatches(requestOf(sample)).items);
  return createHash('sha256').update(JSON.stringify([templates, answers])).digest('hex');
}
