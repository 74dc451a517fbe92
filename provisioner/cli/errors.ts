/** What a user can give wrongly to a command. */
export type CliErrorCode =
  /** A file or folder that cannot be read. */
  | 'CLI_FILE_UNREADABLE'
  /** A file that is no YAML or JSON, or a document in it that is no Kubernetes object. */
  | 'CLI_MANIFEST_BROKEN'
  /** An option whose value cannot be. */
  | 'CLI_BAD_OPTION'
  /** A login that is not given; the message says by whom and why. */
  | 'LOGIN_REFUSED'
  /** A login that is neither given nor refused in time. */
  | 'LOGIN_SLOW';

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  /** @param what what failed, where, and what to do */
  constructor(code: CliErrorCode, what: string, options?: ErrorOptions) {
    super(what, options);
    this.code = code;
  }
}
