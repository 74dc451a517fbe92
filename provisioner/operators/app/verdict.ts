/** What an App's condition says: from an error or from the health of its workloads to status, reason and message. */
import { appReady, type Reason } from '../../api/conditions.ts';
import { HelmError, isFinal, RepositoryError } from '../../helm/index.ts';
import { isKubeError } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import type { Health } from './health.ts';

export interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: Reason<typeof appReady>;
  /** For people; holds no secret. */
  readonly message: string;
}

type ReadyReason = Verdict['reason'];

const operatorReasons: Partial<Record<OperatorError['code'], ReadyReason>> = {
  CHART_NOT_FOUND: 'ChartNotFound', VALUES_UNREADABLE: 'ValuesInvalid', CATALOG_NOT_FOUND: 'CatalogNotReady', KUBECONFIG_REFUSED: 'TargetRefused',
};

/** What went wrong with an installation. Trying again at once cannot help where `isFinal`: only another spec or Keelson does. */
export function failureVerdict(error: unknown): Verdict & { readonly isFinal: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  const reason = error instanceof OperatorError ? operatorReasons[error.code] : undefined;
  if (reason) return { status: 'False', reason, message, isFinal: true };
  if (error instanceof RepositoryError) return { status: 'False', reason: error.code === 'REPOSITORY_CHART_NOT_FOUND' ? 'ChartNotFound' : 'CatalogNotReady', message, isFinal: error.code !== 'REPOSITORY_UNREACHABLE' };
  if (isUnreachable(error)) return { status: 'False', reason: 'WaitingForCluster', message, isFinal: false };
  if (!(error instanceof HelmError)) return { status: 'False', reason: 'InstallFailed', message, isFinal: false };
  return { status: 'False', reason: reasonOf(error), message, isFinal: isFinal(error.code) };
}

/** Whether the API server of the target did not answer. */
export function isUnreachable(error: unknown): boolean {
  return isKubeError(error, 'KUBE_UNREACHABLE', 'KUBE_TIMEOUT') || (error instanceof HelmError && error.code === 'HELM_UNREACHABLE');
}

function reasonOf(error: HelmError): ReadyReason {
  switch (error.code) {
    case 'HELM_UNREACHABLE': return 'WaitingForCluster';
    case 'HELM_PENDING': return 'Installing';
    case 'HELM_VALUES_INVALID': return 'ValuesInvalid';
    case 'HELM_CRD_UNSAFE': return 'CrdsRefused';
    case 'HELM_CHART_INVALID': return /execution error at/.test(error.message) ? 'ValuesInvalid' : 'InstallFailed';
    default: return 'InstallFailed';
  }
}

/** One object that was looked at. */
export interface Observation {
  /** "Deployment kube-system/metrics-server" */
  readonly object: string;
  /** undefined: it is not there. */
  readonly health: Health | undefined;
}

export type WorkloadVerdict = Verdict & {
  /** Somebody deleted what the release had made. */
  readonly isMissing: boolean;
};

/** @param ageMs how long ago the release was installed @param patienceMs after which not being ready counts as a failure */
export function workloadVerdict(observations: readonly Observation[], o: { readonly ageMs: number; readonly patienceMs: number }): WorkloadVerdict {
  const missing = observations.filter(({ health }) => health === undefined);
  if (missing.length > 0) {
    return { status: 'False', reason: 'Unhealthy', message: `not there: ${missing.map((m) => m.object).join(', ')}; somebody deleted it. spec.drift.correct, or a new value of the annotation keelson.dev/requested-at, brings it back`, isMissing: true };
  }
  const open = observations.filter(({ health }) => health?.kind !== 'healthy');
  if (open.length === 0) return { status: 'True', reason: 'Installed', message: 'installed and healthy', isMissing: false };
  const message = open.map(({ object, health }) => `${object}: ${health && 'message' in health ? health.message : ''}`).join('; ');
  const isOver = open.some(({ health }) => health?.kind === 'failed') || o.ageMs > o.patienceMs;
  return { status: 'False', reason: isOver ? 'Unhealthy' : 'Installing', message, isMissing: false };
}

/** Reasons that say to wait rather than that something is wrong. */
export function isWait({ reason }: Verdict): boolean {
  return reason === 'Installing' || reason === 'Uninstalling' || reason === 'HeldByDependents' || reason.startsWith('WaitingFor');
}
