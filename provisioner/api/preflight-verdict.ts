/**
 * The operator's verdict on a Cluster, kept in an annotation: the topology extension reads it there when Cluster API asks
 * whether it may create or upgrade, because hook requests carry no status. So the extension needs no credentials, no way
 * to the cloud and no cache, and answers at once however slow the cloud is.
 */
import { z } from 'zod';
import { annotations } from './labels.ts';

const verdict = z.object({
  /** Of the Cluster that was checked; for another one the verdict says nothing. */
  generation: z.int(),
  result: z.enum(['passed', 'refused', 'unreachable']),
  /** Why not, for a person. */
  message: z.string(),
  /** Of what was checked in the Cluster: a generation that changes nothing of it needs no new check. */
  digest: z.string(),
  /** RFC 3339. */
  checkedAt: z.string(),
});

export type PreflightVerdict = z.output<typeof verdict>;

/** undefined where there is none, or none that this Keelson understands. */
export function readVerdict(held: Readonly<Record<string, string>> | undefined): PreflightVerdict | undefined {
  try {
    return verdict.parse(JSON.parse(held?.[annotations.preflight] ?? 'null'));
  } catch {
    return undefined;
  }
}

export const verdictAnnotation = (wanted: PreflightVerdict): Record<string, string> => ({ [annotations.preflight]: JSON.stringify(wanted) });
