/** The life cycle hooks: where Cluster API asks before it acts, and tells us after it did. */
import { annotations } from '../../api/labels.ts';
import { isOurClass } from '../../api/names.ts';
import { readVerdict } from '../../api/preflight-verdict.ts';
import { readWorkersGate } from '../../api/workers-gate.ts';
import type { BlockingOutcome, LifecycleRequest, Outcome } from './hooks.ts';
import { success } from './hooks.ts';

/** Settings of the ExtensionConfig, which Cluster API sends along with each request: what has to wait for the operator. */
export const operatorDecides = { preflight: 'required', cleanUp: 'required' } as const;

/** How soon Cluster API asks again while something of ours holds a cluster back. It keeps our answer for so long, whatever changes meanwhile. */
const retryAfterSeconds = 10;
/** While the operator's verdict is on its way, which takes it about a second. */
const soonSeconds = 1;
const notYet = 'waiting for the check of the cloud by the operator (keelson-operator)';

const proceed: BlockingOutcome = { ...success, retryAfterSeconds: 0 };
const wait = (message: string, seconds = retryAfterSeconds): BlockingOutcome => ({ status: 'Success', message, retryAfterSeconds: seconds });

/** Creation waits until the operator has found this very generation feasible. */
export const beforeClusterCreate = (request: LifecycleRequest): BlockingOutcome => gate(request);

/** As does an upgrade; the cluster runs on meanwhile, as it is. */
export const beforeClusterUpgrade = (request: LifecycleRequest): BlockingOutcome => gate(request);

function gate({ settings, cluster }: LifecycleRequest): BlockingOutcome {
  if (settings?.['preflight'] !== operatorDecides.preflight || !isOfOurClass(cluster)) return proceed;
  const verdict = readVerdict(cluster.metadata.annotations);
  if (verdict?.generation !== cluster.metadata.generation) return wait(notYet, soonSeconds);
  return verdict?.result === 'passed' ? proceed : wait(verdict?.message ?? notYet);
}

/** Workers follow when the operator has found control plane nodes, budgets and quotas fit for it. */
export function beforeWorkersUpgrade({ settings, cluster, toKubernetesVersion }: LifecycleRequest): BlockingOutcome {
  if (settings?.['preflight'] !== operatorDecides.preflight || !isOfOurClass(cluster)) return proceed;
  const gate = readWorkersGate(cluster.metadata.annotations);
  if (gate?.version !== toKubernetesVersion) return wait('waiting for the operator (keelson-operator) to look at control plane nodes, disruption budgets and quotas', soonSeconds);
  return gate?.isOpen ? proceed : wait(gate?.message ?? '');
}

/** Machines stay until the operator has removed what workloads have in the cloud: later nobody answers for them. */
export function beforeClusterDelete({ settings, cluster }: LifecycleRequest): BlockingOutcome {
  const { annotations: held = {} } = cluster.metadata;
  const hold = held[annotations.deletionHold];
  if (hold) return wait(hold);
  const isAwaited = settings?.['cleanUp'] === operatorDecides.cleanUp && isOfOurClass(cluster) && !held[annotations.workloadsRemoved];
  return isAwaited ? wait('waiting for the operator (keelson-operator) to remove load balancers and volumes of workloads', soonSeconds) : proceed;
}

/** These hooks are asked for every Cluster with a topology, also of classes that are not ours: those must not wait for us. */
function isOfOurClass({ spec }: LifecycleRequest['cluster']): boolean {
  return isOurClass((spec as { topology?: { classRef?: { name?: string } } } | undefined)?.topology?.classRef?.name);
}

/** Hooks that only tell: the request is in the log, nothing is decided. */
export const acknowledge = (): Outcome => success;
