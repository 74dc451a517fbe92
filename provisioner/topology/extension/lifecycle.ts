/** The life cycle hooks: where Cluster API asks before it acts, and tells us after it did. */
import { annotations } from '../../api/labels.ts';
import type { BlockingOutcome, LifecycleRequest, Outcome } from './hooks.ts';
import { success } from './hooks.ts';

/** How soon Cluster API asks again while something of ours holds a cluster back. */
const retryAfterSeconds = 10;

const proceed: BlockingOutcome = { ...success, retryAfterSeconds: 0 };

export const beforeClusterCreate = (): BlockingOutcome => proceed;

export const beforeClusterUpgrade = (): BlockingOutcome => proceed;

/** Waits while the operator still removes what workloads left in the cloud: it says so in an annotation, because the request carries no status. */
export function beforeClusterDelete(request: LifecycleRequest): BlockingOutcome {
  const hold = request.cluster.metadata.annotations?.[annotations.deletionHold];
  return hold ? { status: 'Success', message: hold, retryAfterSeconds } : proceed;
}

/** Hooks that only tell: the request is in the log, nothing is decided. */
export const acknowledge = (): Outcome => success;
