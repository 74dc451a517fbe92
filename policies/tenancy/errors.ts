/** What can be wrong with what a caller gives to this room. Findings about objects are results, not errors. */
export type TenancyErrorCode =
  /** Not a Kubernetes quantity. */
  | 'TENANCY_QUANTITY'
  /** A namespace class, or a setting of one, that does not fit. */
  | 'TENANCY_CLASS'
  /** An object whose fields do not have the shape of its kind. */
  | 'TENANCY_SHAPE';

export class TenancyError extends Error {
  override readonly name = 'TenancyError';
  readonly code: TenancyErrorCode;
  constructor(code: TenancyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
