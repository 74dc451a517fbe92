/** What can go wrong between the relay and what it relays. Codes are stable. */

export type RelayErrorCode = 'RELAY_UPSTREAM' | 'RELAY_TIMEOUT' | 'RELAY_PORT' | 'RELAY_OPTIONS';

export class RelayError extends Error {
  readonly code: RelayErrorCode;

  /** @param message what failed on which target, and what to do */
  constructor(code: RelayErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'RelayError';
    this.code = code;
  }
}
