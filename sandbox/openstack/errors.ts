/**
 * What an API call of the cloud is refused with. Services speak of the same refusal in different shapes; each service renders this one
 * (`renderError` beside its routes).
 */
export class ApiError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** The service's own name for it: Neutron's exception type (`NetworkInUse`); elsewhere only for logs. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

export function notFound(code: string, message: string): ApiError {
  return new ApiError(404, code, message);
}

export function badRequest(message: string, code = 'BadRequest'): ApiError {
  return new ApiError(400, code, message);
}

export function conflict(code: string, message: string): ApiError {
  return new ApiError(409, code, message);
}

export function forbidden(message: string, code = 'Forbidden'): ApiError {
  return new ApiError(403, code, message);
}
