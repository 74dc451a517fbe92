/** What can go wrong when something is broken or healed on purpose. Codes are stable: scripts read them. */
export type FaultErrorCode =
  /** No server, zone, cluster, process or file of that name; the message lists those there are. */
  | 'FAULT_UNKNOWN_TARGET'
  /** The beginning of a name that several have. */
  | 'FAULT_AMBIGUOUS_TARGET'
  /** A parameter that makes no sense; the message names it. */
  | 'FAULT_BAD_PARAMETER'
  /** The kernel or the server cannot do it; the message says what is missing. */
  | 'FAULT_UNSUPPORTED'
  /** It was tried and did not come about; what was done of it is undone. */
  | 'FAULT_NOT_APPLIED'
  /** No active fault of that id. */
  | 'FAULT_UNKNOWN'
  /** It could not be undone; it stays in the list and can be healed again. */
  | 'FAULT_NOT_HEALED'
  /** The server it is about is gone. */
  | 'FAULT_SERVER_GONE'
  /** A scenario file that cannot be played; the message names every problem. */
  | 'FAULT_BAD_SCENARIO'
  /** Something that a scenario expects did not happen in time. */
  | 'FAULT_EXPECTATION_FAILED';

export class FaultError extends Error {
  readonly code: FaultErrorCode;

  /** @param what failed on which target, and what to do: "there is no zone az9; there are az1, az2, az3" */
  constructor(code: FaultErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'FaultError';
    this.code = code;
  }
}
