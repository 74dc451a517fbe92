/** What is wrong with user data. The messages end in the console log and in /run/cloud-init/result.json, where people look for them. */
export type CloudInitErrorCode =
  /** The template names a variable the instance does not have, or uses a construct this one does not know. */
  | 'TEMPLATE'
  /** Not YAML, not a mapping, or not of a known kind. */
  | 'USER_DATA'
  /** A module's part of the configuration is malformed. */
  | 'CONFIG'
  /** A command of the user's failed. */
  | 'SCRIPT';

export class CloudInitError extends Error {
  readonly code: CloudInitErrorCode;

  constructor(code: CloudInitErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'CloudInitError';
    this.code = code;
  }
}
