/** What can go wrong at the pager. Codes are stable: they are in the answers that Alertmanager logs. */

export type PagerErrorCode =
  /** The body is not an Alertmanager webhook of version 4; the message names the field. */
  | 'PAGER_BAD_PAYLOAD'
  | 'PAGER_NOT_FOUND'
  /** The file of pages cannot be read or written. */
  | 'PAGER_STORE_FAILED';

export class PagerError extends Error {
  readonly code: PagerErrorCode;

  /** @param what failed on which object, and what to do */
  constructor(code: PagerErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'PagerError';
    this.code = code;
  }
}
