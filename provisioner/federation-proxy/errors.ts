/** What can go wrong between the proxy and its Prometheus. Codes are stable: they are values of the metric's label `result`. */

export type FederationErrorCode = 'upstream_unreachable' | 'upstream_timeout' | 'upstream_status' | 'too_large' | 'options';

export class FederationError extends Error {
  readonly code: FederationErrorCode;

  /** @param what failed on which upstream, and what to do */
  constructor(code: FederationErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'FederationError';
    this.code = code;
  }
}
