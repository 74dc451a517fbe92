/** What can go wrong when pods are judged or policies rendered. Codes are stable: the command prints them. */

export type PodPolicyErrorCode =
  /** Not a version of the standard. */
  | 'PODS_VERSION'
  /** A field has a type that the API server would refuse: a string where a list is expected. */
  | 'PODS_SHAPE'
  /** An exception that must not be rendered: expired, without a reason, for nothing. */
  | 'PODS_EXCEPTION'
  /** A PodSecurityPolicy that cannot be read. */
  | 'PODS_PSP';

export class PodPolicyError extends Error {
  readonly code: PodPolicyErrorCode;

  /** @param what what failed, on which object or field, and what to do */
  constructor(code: PodPolicyErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'PodPolicyError';
    this.code = code;
  }
}
