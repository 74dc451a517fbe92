/** What can go wrong when a chart is fetched. Codes are stable: they appear as reasons in conditions and in runbooks. */

/**
 * - `REPOSITORY_REFUSED` the address may not be connected to; only another address or another setting of the operator helps.
 * - `REPOSITORY_UNREACHABLE` no answer, or one that says to come back later.
 * - `REPOSITORY_UNAUTHORIZED` the credentials are missing or not good enough.
 * - `REPOSITORY_CHART_NOT_FOUND` it answers, and has no such chart in this version.
 * - `REPOSITORY_INVALID` what came is no chart, no index, or not what its digest says.
 */
export type RepositoryErrorCode = 'REPOSITORY_REFUSED' | 'REPOSITORY_UNREACHABLE' | 'REPOSITORY_UNAUTHORIZED' | 'REPOSITORY_CHART_NOT_FOUND' | 'REPOSITORY_INVALID';

export class RepositoryError extends Error {
  readonly code: RepositoryErrorCode;

  /** @param what failed at which address, and what to do; no credentials: addresses are shown without query and user */
  constructor(code: RepositoryErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'RepositoryError';
    this.code = code;
  }
}

/** An address as it may be shown. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;
