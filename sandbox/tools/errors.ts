/** What can go wrong while tools are found or built. Codes are stable: the command line and the troubleshooting page refer to them. */

export type ToolsErrorCode =
  | 'TOOLS_UNKNOWN'
  | 'TOOLS_DIRECTORY'
  | 'TOOLS_GO_MISSING'
  | 'TOOLS_GO_TOO_OLD'
  | 'TOOLS_NO_DISK'
  | 'TOOLS_MODULE_UNREACHABLE'
  | 'TOOLS_BUILD_FAILED'
  | 'TOOLS_BUILD_REFUSED'
  | 'TOOLS_SUM_MISMATCH'
  | 'TOOLS_VERSION_MISMATCH';

export class ToolsError extends Error {
  readonly code: ToolsErrorCode;
  /** The end of the failed command's output, for a log file or `--json`; empty where no command failed. */
  readonly output: string;

  /** @param what what failed, where, and what to do, in one line: "helm 4.3.1: Go is not installed; install Go 1.26 …" */
  constructor(code: ToolsErrorCode, what: string, options: { cause?: unknown; output?: string } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ToolsError';
    this.code = code;
    this.output = options.output ?? '';
  }
}
