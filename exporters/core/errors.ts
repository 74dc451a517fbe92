/** What can go wrong in an exporter. Codes are stable: they appear in logs and runbooks. */

export type ExporterErrorCode =
  | 'CONFIG_UNREADABLE'
  | 'CONFIG_INVALID'
  | 'ADDRESS_INVALID'
  | 'LISTEN_FAILED'
  | 'TLS_INVALID'
  | 'FAMILY_UNKNOWN';

export class ExporterError extends Error {
  readonly code: ExporterErrorCode;

  /** @param what failed on which object, and what to do: "listen on :9005: the port is taken; choose another with --address" */
  constructor(code: ExporterErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ExporterError';
    this.code = code;
  }
}

/** The `code` of a Node.js system error (`ENOENT`), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
