/** What can keep the extension from serving. Codes are stable: they appear in logs and runbooks. */

export type TopologyErrorCode = 'CERTIFICATE_UNREADABLE' | 'PORT_TAKEN' | 'REVIEW_INVALID' | 'NO_MANAGEMENT_CLUSTER';

export class TopologyError extends Error {
  readonly code: TopologyErrorCode;

  /** @param what failed on which object, and what to do */
  constructor(code: TopologyErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'TopologyError';
    this.code = code;
  }
}
