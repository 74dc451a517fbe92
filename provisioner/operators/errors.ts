/** What the operators themselves can find wrong. Codes are stable: they appear in conditions, events and runbooks. */

/**
 * - `CA_UNREADABLE` the Secret of our CA holds no usable certificate and key.
 * - `SECRET_FOREIGN` a Secret we would write exists and belongs to somebody else.
 * - `CHART_NOT_FOUND` an App names a chart that this Keelson does not ship, or a version it does not ship.
 * - `VALUES_UNREADABLE` values that an App refers to are missing or are no YAML mapping.
 * - `CATALOG_NOT_FOUND` an App names a Catalog that is not there, or whose credentials are incomplete.
 * - `KUBECONFIG_REFUSED` a kubeconfig would make the operator run programs or read files.
 * - `CLOUD_SECRET_INVALID` the Secret with a cluster's clouds.yaml is missing or incomplete.
 * - `BUNDLE_VALUES_INVALID` the file of bundle values is not what it should be.
 * - `BUNDLE_INVALID` a ClusterBundle that comes with this Keelson cannot be read.
 * - `BUNDLE_SETTINGS_INVALID` how a cluster or the fleet wants its bundle is not said as it should be.
 * - `TOKEN_REFUSED` a workload cluster issued no token for its federation reader or for its signer of logins.
 * - `SIGNING_FAILED` a workload cluster did not sign the certificate of a login.
 * - `ALERTMANAGER_FAILED` an Alertmanager did not answer, or refused what it was given.
 */
export type OperatorErrorCode =
  | 'CA_UNREADABLE' | 'SECRET_FOREIGN' | 'CHART_NOT_FOUND' | 'VALUES_UNREADABLE' | 'CATALOG_NOT_FOUND' | 'KUBECONFIG_REFUSED' | 'CLOUD_SECRET_INVALID' | 'BUNDLE_VALUES_INVALID'
  | 'BUNDLE_INVALID' | 'BUNDLE_SETTINGS_INVALID' | 'TOKEN_REFUSED' | 'SIGNING_FAILED' | 'ALERTMANAGER_FAILED';

export class OperatorError extends Error {
  readonly code: OperatorErrorCode;

  /** @param what what is wrong with which object, and what to do; no secrets */
  constructor(code: OperatorErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, options);
    this.name = 'OperatorError';
    this.code = code;
  }
}
