/** What can be wrong with routes and silences. Codes are stable. */

export type RoutingErrorCode =
  /** The routing is malformed, or names something that is not there; the message says where. */
  | 'ROUTING_INVALID'
  /** A matcher that Alertmanager would not read. */
  | 'ROUTING_MATCHER';

export class RoutingError extends Error {
  readonly code: RoutingErrorCode;

  /** @param what is wrong, where, and what to do */
  constructor(code: RoutingErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'RoutingError';
    this.code = code;
  }
}
