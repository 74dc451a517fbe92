/** What can go wrong in `cert-exporter scan`. */

export type ScanErrorCode = 'SCAN_USAGE' | 'SCAN_UNREADABLE';

export class ScanError extends Error {
  readonly code: ScanErrorCode;

  /** @param what failed on which target, and what to do */
  constructor(code: ScanErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ScanError';
    this.code = code;
  }
}
