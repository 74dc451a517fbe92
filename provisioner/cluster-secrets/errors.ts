/** What can be wrong with the export of a cluster. */

/**
 * - `SEALED_WEAK_PASSPHRASE` the passphrase is too short.
 * - `SEALED_NOT_SEALED` the file is no sealed file, or was cut off.
 * - `SEALED_CANNOT_OPEN` wrong passphrase, or a changed file.
 * - `EXPORT_INCOMPLETE` a Secret without which the export were worth nothing is not there.
 * - `IMPORT_OTHER_SECRET` a Secret of the name exists and holds something else.
 * - `IMPORT_CLUSTER_EXISTS` machines cannot be adopted: a Cluster of the name is there already.
 * - `IMPORT_UNKNOWN_CONTENT` the content is not what this Keelson writes.
 */
export type SealedFileErrorCode = 'SEALED_WEAK_PASSPHRASE' | 'SEALED_NOT_SEALED' | 'SEALED_CANNOT_OPEN' | 'EXPORT_INCOMPLETE' | 'IMPORT_OTHER_SECRET' | 'IMPORT_CLUSTER_EXISTS' | 'IMPORT_UNKNOWN_CONTENT';

export class SealedFileError extends Error {
  override readonly name = 'SealedFileError';
  readonly code: SealedFileErrorCode;

  /** @param what what is wrong with which object, and what to do; no secrets */
  constructor(code: SealedFileErrorCode, what: string, options?: ErrorOptions) {
    super(what, options);
    this.code = code;
  }
}
