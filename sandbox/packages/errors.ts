/** What can go wrong while system packages are installed. Codes are stable. */

export type PackagesErrorCode = 'PACKAGES_INSTALL_FAILED' | 'PACKAGES_STILL_MISSING';

export class PackagesError extends Error {
  readonly code: PackagesErrorCode;
  /** The end of apt-get's output. */
  readonly output: string;

  /** @param what what failed, and what to do */
  constructor(code: PackagesErrorCode, what: string, options: { cause?: unknown; output?: string } = {}) {
    super(what, { cause: options.cause });
    this.name = 'PackagesError';
    this.code = code;
    this.output = options.output ?? '';
  }
}
