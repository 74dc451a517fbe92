/** What can be wrong with a wish for trouble. The control interface of the world passes code and message on. */
export type FaultErrorCode =
  /** The rule cannot be understood; the message names every wrong field. */
  | 'FAULT_BAD_RULE'
  /** Another fault has the name already. */
  | 'FAULT_NAME_TAKEN'
  /** There is no fault of that name. */
  | 'FAULT_UNKNOWN';

export class FaultError extends Error {
  readonly code: FaultErrorCode;

  /** @param what what is wrong with which rule, and what to do */
  constructor(code: FaultErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'FaultError';
    this.code = code;
  }
}
