/** What can go wrong while a fleet comes up, is shown or goes away. Codes are stable: scripts read them from `--output json`. */

export type FleetErrorCode =
  | 'FLEET_NOT_RUNNING'
  | 'FLEET_PHASE_FAILED'
  | 'FLEET_TIMEOUT'
  | 'FLEET_INTERRUPTED'
  | 'FLEET_BAD_OPTION'
  | 'FLEET_MACHINE_LIMIT';

export class FleetError extends Error {
  readonly code: FleetErrorCode;

  /** @param what failed on which object, and what to do next */
  constructor(code: FleetErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'FleetError';
    this.code = code;
  }
}
