/** From the way a command ended to an error with a code, free of secrets. */
import { classify, lastError } from './classify.ts';
import { HelmError } from './errors.ts';
import type { CommandResult } from './process.ts';
import { redact } from './redact.ts';

/** @param secrets strings that must not appear in the message */
export function failure(what: string, result: CommandResult, secrets: readonly string[]): HelmError {
  switch (result.kind) {
    case 'notStarted':
      return new HelmError('HELM_BINARY_MISSING', `${what}: the Helm command cannot be started (${result.cause.code ?? 'unknown'}); see the path of the binary`, { cause: result.cause });
    case 'timedOut':
      return new HelmError('HELM_TIMEOUT', `${what}: Helm did not end before its deadline and was stopped; see whether the API server answers slowly`);
    case 'killed':
      return new HelmError('HELM_KILLED', `${what}: Helm was killed by somebody else; it is tried again. See whether the operator's memory suffices`);
    case 'aborted':
      return new HelmError('HELM_ABORTED', `${what}: stopped on request; it is taken up again by the next reconcile`);
    case 'exited': {
      // `helm lint` prints its findings to stdout and only a count to stderr.
      const lintFindings = result.stdout.split('\n').filter((line) => /^\[(ERROR|WARNING)\]/.test(line));
      const text = lintFindings.length > 0 ? lintFindings.join('; ') : lastError(redact(result.stderr, secrets));
      const { code, advice } = lintFindings.length > 0 ? { code: 'HELM_CHART_INVALID' as const, advice: 'correct the chart' } : classify(result.stderr);
      return new HelmError(code, `${what}: ${redact(text, secrets)}; ${advice}`);
    }
  }
}
