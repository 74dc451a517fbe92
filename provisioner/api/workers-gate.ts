/**
 * Whether workers may follow their control plane to a Kubernetes version: the operator's verdict, kept in an annotation for the
 * hook BeforeWorkersUpgrade as the verdict on a Cluster is (`preflight-verdict.ts`).
 */
import { z } from 'zod';
import { annotations } from './labels.ts';

const gate = z.object({
  /** The version that workers would go to; for another one it says nothing. */
  version: z.string(),
  isOpen: z.boolean(),
  /** What holds them back, for a person. */
  message: z.string(),
});

export type WorkersGate = z.output<typeof gate>;

/** undefined where there is none, or none that this Keelson understands. */
export function readWorkersGate(held: Readonly<Record<string, string>> | undefined): WorkersGate | undefined {
  try {
    return gate.parse(JSON.parse(held?.[annotations.workersGate] ?? 'null'));
  } catch {
    return undefined;
  }
}

export const workersGateAnnotation = (wanted: WorkersGate): Record<string, string> => ({ [annotations.workersGate]: JSON.stringify(wanted) });
