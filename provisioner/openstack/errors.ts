/** What can go wrong when talking to an OpenStack cloud. Codes are stable: they appear in conditions, metrics and runbooks. */

export type CloudErrorCode =
  | 'CLOUD_UNREACHABLE'
  | 'CLOUD_TIMEOUT'
  | 'CLOUD_UNAUTHORIZED'
  | 'CLOUD_FORBIDDEN'
  | 'CLOUD_QUOTA'
  | 'CLOUD_NOT_FOUND'
  | 'CLOUD_CONFLICT'
  | 'CLOUD_INVALID'
  | 'CLOUD_BUSY'
  | 'CLOUD_FAILED'
  | 'CLOUD_CONFIG';

export interface CloudErrorOptions {
  readonly cause?: unknown;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

export class CloudError extends Error {
  readonly code: CloudErrorCode;
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** Milliseconds after which a retry makes sense; undefined where only a person can help. */
  readonly retryAfterMs: number | undefined;

  /** @param what failed on which object, and what to do: "create router c1 (network): quota of routers is 10 and used up; raise it or delete one" */
  constructor(code: CloudErrorCode, what: string, options: CloudErrorOptions = {}) {
    super(what, { cause: options.cause });
    this.name = 'CloudError';
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The error of an answer that is not 2xx. The services word their refusals in four shapes: Nova `{itemNotFound: {message}}`, Neutron `{NeutronError: {message}}`, Octavia `{faultstring}`, Keystone and Glance `{error: {message}}` or HTML. */
export function errorOf(what: string, answer: { status: number; body: string; retryAfterMs?: number | undefined }): CloudError {
  const said = messageIn(answer.body);
  const { code, advice } = meaning(answer.status, said);
  const retry = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  return new CloudError(code, `${what}: status ${answer.status}${said ? `: ${said}` : ''}${advice ? `; ${advice}` : ''}`, { status: answer.status, ...retry });
}

function meaning(status: number, said: string): { code: CloudErrorCode; advice?: string } {
  if (/quota/i.test(said) && [403, 409, 413].includes(status)) return { code: 'CLOUD_QUOTA', advice: 'raise the quota or delete something' };
  switch (status) {
    case 400:
    case 422:
      return { code: 'CLOUD_INVALID' };
    case 401:
      return { code: 'CLOUD_UNAUTHORIZED', advice: 'check the credentials in clouds.yaml' };
    case 403:
      return { code: 'CLOUD_FORBIDDEN', advice: 'the role of these credentials does not allow it' };
    case 404:
      return { code: 'CLOUD_NOT_FOUND' };
    case 409:
      return { code: 'CLOUD_CONFLICT' };
    case 429:
    case 503:
      return { code: 'CLOUD_BUSY', advice: 'try again later' };
    default:
      return { code: 'CLOUD_FAILED' };
  }
}

function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return firstMessage(parsed, 0).slice(0, 400);
  } catch {
    return '';
  }
}

function firstMessage(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || depth > 2) return '';
  for (const key of ['message', 'faultstring']) {
    const text = (value as Record<string, unknown>)[key];
    if (typeof text === 'string') return text;
  }
  for (const inner of Object.values(value)) {
    const text = firstMessage(inner, depth + 1);
    if (text) return text;
  }
  return '';
}
