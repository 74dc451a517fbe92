/** What can go wrong with the file of the cloud's records. */
export type StoreErrorCode =
  /** The file cannot be read as records: another program wrote to it, or the disk lost parts of it. */
  | 'STORE_DAMAGED'
  /** The records are of a version that this program does not know. */
  | 'STORE_VERSION'
  /** Another process has the file open. */
  | 'STORE_BUSY'
  /** A change could not be written: the disk is full or broken. */
  | 'STORE_FAILED';

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  /** @param what what failed with which file, and what to do */
  constructor(code: StoreErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
  }
}
