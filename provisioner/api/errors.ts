/** What can go wrong in this room: only mistakes of ours, found when schemas are rendered or data is read that admission should have refused. */

export type ApiErrorCode = 'SCHEMA_NOT_STRUCTURAL' | 'VARIABLE_INVALID';

export class ApiError extends Error {
  readonly code: ApiErrorCode;

  /** @param what failed on which object, and what to do */
  constructor(code: ApiErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
  }
}
