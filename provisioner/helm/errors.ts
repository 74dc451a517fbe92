/** What can go wrong when Helm is driven. Codes are stable: they appear as reasons in conditions, in metrics and in runbooks. */

/**
 * - `HELM_FAILED` the command failed for a reason that none of the other codes names; a retry may help.
 * - `HELM_TIMEOUT` the command, or Helm's own wait inside it, took longer than its deadline.
 * - `HELM_ABORTED` we stopped the command because its signal fired.
 * - `HELM_KILLED` the command was killed by somebody else, such as the kernel when memory ran out. It says nothing on the chart.
 * - `HELM_UNREACHABLE` the API server of the target cluster did not answer.
 * - `HELM_FORBIDDEN` the API server refused the identity of the kubeconfig.
 * - `HELM_CHART_INVALID` the chart or its values cannot be rendered; only a change of either helps.
 * - `HELM_VALUES_INVALID` the values are not what the chart's schema says (`schemaViolations` reads the places from the message).
 * - `HELM_IMMUTABLE` the chart changes a field that the API server lets nobody change.
 * - `HELM_CRD_REFUSED` the chart changes a CRD in a way that its stored objects do not allow.
 * - `HELM_CRD_UNSAFE` a CRD in the chart's folder crds/ would take a version away that is stored or used; nothing was changed.
 * - `HELM_KIND_MISSING` the chart holds a kind that the target cluster does not serve (yet).
 * - `HELM_CONFLICT` an object of the chart exists and belongs to somebody else.
 * - `HELM_PENDING` another operation on the release runs, or one was killed moments ago.
 * - `HELM_BINARY_MISSING` the Helm command itself cannot be started.
 * - `HELM_OUTPUT_INVALID` Helm answered something we do not understand (another major version?).
 */
export type HelmErrorCode =
  | 'HELM_FAILED' | 'HELM_TIMEOUT' | 'HELM_ABORTED' | 'HELM_KILLED' | 'HELM_UNREACHABLE' | 'HELM_FORBIDDEN' | 'HELM_CHART_INVALID'
  | 'HELM_VALUES_INVALID' | 'HELM_IMMUTABLE' | 'HELM_CRD_REFUSED' | 'HELM_CRD_UNSAFE' | 'HELM_KIND_MISSING' | 'HELM_CONFLICT' | 'HELM_PENDING' | 'HELM_BINARY_MISSING' | 'HELM_OUTPUT_INVALID';

/** The message holds no secret: values that were passed as secret and everything that looks like a key are masked before it is made. */
export class HelmError extends Error {
  readonly code: HelmErrorCode;

  /** @param what failed on which release, and what to do: "upgrade of release metrics-server in kube-system: values: replicas: got string, want integer; correct the values" */
  constructor(code: HelmErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'HelmError';
    this.code = code;
  }
}

/** Codes after which trying the same chart with the same values again cannot help. */
export function isFinal(code: HelmErrorCode): boolean {
  return code === 'HELM_CHART_INVALID' || code === 'HELM_VALUES_INVALID' || code === 'HELM_BINARY_MISSING' || code === 'HELM_OUTPUT_INVALID';
}
