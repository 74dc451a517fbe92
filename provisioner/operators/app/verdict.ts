/** What an App's condition says: from an error or from the health of its workloads to status, reason and message. */
import { appReady, type Reason } from '../../api/conditions.ts';
import { HelmError, isFinal } from '../../helm/index.ts';
import { isKubeError } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import type { Health } from './health.ts';

export interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: Reason<typeof appReady>;
  /** For people; holds no secret. */
  readonly message: string;
}

/** What went wrong with an installation. Trying again at once cannot help where `isFinal`: only another spec or Keelson does. */
export function failureVerdict(error: unknown): Verdict & { readonly isFinal: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof OperatorError && error.code === 'CHART_NOT_FOUND') return { status: 'False', reason: 'ChartNotFound', message, isFinal: true };
  if (isKubeError(error, 'KUBE_UNREACHABLE', 'KUBE_TIMEOUT')) return { status: 'False', reason: 'WaitingForCluster', message, isFinal: false };
  if (!(error instanceof HelmError)) return { status: 'False', reason: 'InstallFailed', message, isFinal: false };
  return { status: 'False', reason: reasonOf(error), message, isFinal: isFinal(error.code) };
}

function reasonOf(error: HelmError): Reason<typeof appReady> {
  switch (error.code) {
    case 'HELM_UNREACHABLE': return 'WaitingForCluster';
    case 'HELM_PENDING': return 'Installing';
    case 'HELM_CHART_INVALID': return /specifications of the schema|execution error at/.test(error.message) ? 'ValuesInvalid' : 'InstallFailed';
    default: return 'InstallFailed';
  }
}

/** One workload that was looked at. */
export interface Observation {
  /** "Deployment kube-system/metrics-server" */
  readonly object: string;
  /** undefined: it is not there. */
  readonly health: Health | undefined;
}

export type WorkloadVerdict = Verdict & {
  /** Somebody deleted what the release had made: it has to be installed again. */
  readonly isMissing: boolean;
};

/** @param ageMs how long ago the release was installed @param patienceMs after which not being ready counts as a failure */
export function workloadVerdict(observations: readonly Observation[], o: { readonly ageMs: number; readonly patienceMs: number }): WorkloadVerdict {
  const missing = observations.filter(({ health }) => health === undefined);
  if (missing.length > 0) return { status: 'False', reason: 'Installing', message: `not there: ${missing.map((m) => m.object).join(', ')}; installed again`, isMissing: true };
  const open = observations.filter(({ health }) => health?.kind !== 'healthy');
  if (open.length === 0) return { status: 'True', reason: 'Installed', message: 'installed and healthy', isMissing: false };
  const message = open.map(({ object, health }) => `${object}: ${health && 'message' in health ? health.message : ''}`).join('; ');
  const isOver = open.some(({ health }) => health?.kind === 'failed') || o.ageMs > o.patienceMs;
  return { status: 'False', reason: isOver ? 'Unhealthy' : 'Installing', message, isMissing: false };
}
