/** What can go wrong in the commands that people run. */

export class ProbeError extends Error {
  readonly code: 'PROBE_USAGE' | 'PROBE_NO_PODS';

  constructor(code: ProbeError['code'], what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ProbeError';
    this.code = code;
  }
}
