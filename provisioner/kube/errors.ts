/** What can go wrong when talking to an API server. Codes are stable: they appear in conditions, metrics and runbooks. */
import { types } from 'node:util';
import type { Status } from './types.ts';

export type KubeErrorCode =
  | 'KUBE_UNREACHABLE'
  | 'KUBE_TIMEOUT'
  | 'KUBE_UNAUTHORIZED'
  | 'KUBE_FORBIDDEN'
  | 'KUBE_NOT_FOUND'
  | 'KUBE_ALREADY_EXISTS'
  | 'KUBE_CONFLICT'
  | 'KUBE_INVALID'
  | 'KUBE_GONE'
  | 'KUBE_TOO_MANY_REQUESTS'
  | 'KUBE_SERVER_ERROR'
  /** What came back is not what the API speaks: no JSON, a redirect, a line without end. */
  | 'KUBE_PROTOCOL'
  /** A kubeconfig or service account that cannot be used as it is. */
  | 'KUBE_CONFIG'
  | 'KUBE_LEADERSHIP_LOST';

export class KubeError extends Error {
  readonly code: KubeErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** metav1.StatusReason such as "AlreadyExists". */
  readonly reason: string | undefined;
  /** Milliseconds after which the server asks to be tried again. */
  readonly retryAfterMs: number | undefined;
  /** metav1.CauseType of every cause the server gave, such as "FieldManagerConflict" or "ResourceVersionTooLarge". */
  readonly causes: readonly string[];

  /** @param what verb, object and what to do: "get Secret org-a/ca: connection refused; is the API server at https://… up?" */
  constructor(
    code: KubeErrorCode,
    what: string,
    options: { cause?: unknown; status?: number | undefined; reason?: string | undefined; retryAfterMs?: number | undefined; causes?: readonly string[] } = {},
  ) {
    super(what, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'KubeError';
    this.code = code;
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.causes = options.causes ?? [];
  }
}

export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/** What was being done, for messages. `isSensitive`: bodies of this resource hold secrets, so nothing the server quotes from them is repeated. */
export interface Operation {
  readonly what: string;
  readonly isSensitive: boolean;
}

/** The error for an answer that is no success. Throws nothing. */
export function errorFromResponse(operation: Operation, status: number, body: Buffer, retryAfterMs?: number): KubeError {
  const answer = parseStatus(body);
  return errorFromStatus(operation, { ...answer, code: status }, retryAfterMs);
}

/** The error for a metav1.Status: the body of a refusal, or the object of a watch's ERROR event. */
export function errorFromStatus(operation: Operation, answer: Status, retryAfterMs?: number): KubeError {
  const status = answer.code ?? 500;
  const code = codeOf(status, answer.reason);
  const said = describe(operation, answer);
  const seconds = answer.details?.retryAfterSeconds;
  return new KubeError(code, `${operation.what}: ${said}${advice[code] === undefined ? '' : `; ${advice[code]}`}`, {
    status,
    reason: answer.reason,
    retryAfterMs: retryAfterMs ?? (seconds ? seconds * 1000 : undefined),
    causes: (answer.details?.causes ?? []).flatMap((cause) => (cause.reason ? [cause.reason] : [])),
  });
}

/**
 * The error for a request that got no answer. Node's HTTP parser errors carry the raw bytes of the answer
 * (`rawPacket`), and those may hold a Secret: only code and message are kept.
 */
export function errorFromNetwork(operation: Operation, server: string, cause: unknown): KubeError {
  const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : '';
  const message = types.isNativeError(cause) ? cause.message : String(cause);
  const kept = new Error(message);
  if (code !== '') Object.assign(kept, { code });
  const isProtocol = code.startsWith('HPE_');
  return new KubeError(
    isProtocol ? 'KUBE_PROTOCOL' : 'KUBE_UNREACHABLE',
    `${operation.what}: ${message || code}; check that the API server ${server} is up, reachable and the one its certificate names`,
    { cause: kept },
  );
}

const advice: Partial<Record<KubeErrorCode, string>> = {
  KUBE_UNAUTHORIZED: 'check that the token or client certificate is valid and not expired',
  KUBE_FORBIDDEN: 'grant the verb to this identity in a Role or ClusterRole, or see what admission refuses',
  KUBE_NOT_FOUND: 'check that the object, its namespace and its kind (CustomResourceDefinition) exist',
  KUBE_ALREADY_EXISTS: 'read it, or apply instead of create',
  KUBE_CONFLICT: 'read it again and retry, or settle who owns the field',
  KUBE_INVALID: 'correct the fields named',
  KUBE_GONE: 'list again',
  KUBE_TOO_MANY_REQUESTS: 'retry later, or raise the limit in a FlowSchema',
  KUBE_SERVER_ERROR: 'retry; if it stays, see the log of the API server and of the webhook it names',
};

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  if (reason === 'Expired' || reason === 'Gone') return 'KUBE_GONE';
  if (reason === 'AlreadyExists') return 'KUBE_ALREADY_EXISTS';
  switch (status) {
    case 401: return 'KUBE_UNAUTHORIZED';
    case 403: return 'KUBE_FORBIDDEN';
    case 404: return 'KUBE_NOT_FOUND';
    case 409: return 'KUBE_CONFLICT';
    case 410: return 'KUBE_GONE';
    case 429: return 'KUBE_TOO_MANY_REQUESTS';
    case 408:
    case 504: return 'KUBE_TIMEOUT';
  }
  if (status >= 500) return 'KUBE_SERVER_ERROR';
  if (status >= 400) return 'KUBE_INVALID';
  return 'KUBE_PROTOCOL';
}

/** Reasons whose messages name objects, users and field paths, never values. */
const harmlessReasons = new Set(['Conflict', 'AlreadyExists', 'NotFound', 'Unauthorized', 'Expired', 'Gone', 'TooManyRequests']);

/** The longest answer repeated in a message: a webhook may answer with a page. */
const maxMessage = 1000;

function describe(operation: Operation, answer: Status): string {
  const status = `${answer.code ?? 500}${answer.reason ? ` ${answer.reason}` : ''}`;
  const message = operation.isSensitive ? withoutValues(answer) : answer.message;
  return message ? `${status}: ${message.slice(0, maxMessage).replace(tokens, '[token]')}` : status;
}

/** Whatever looks like a bearer token or a JWT, for gateways that repeat the request they refuse. */
const tokens = /\bBearer\s+[^\s"]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** "Invalid value: …" quotes the value; an admission webhook may quote anything. The fields at fault are safe to name. */
function withoutValues(answer: Status): string | undefined {
  if (answer.reason !== undefined && harmlessReasons.has(answer.reason)) return answer.message;
  const denial = /^(admission webhook "[^"]*" denied the request|[^:]* is forbidden: (?:User "[^"]*" cannot [a-z]+ resource|exceeded quota))/.exec(answer.message ?? '');
  if (denial?.[1]) return `${denial[1]} (details withheld, they may quote secret values)`;
  const fields = (answer.details?.causes ?? []).flatMap((cause) => (cause.field ? [cause.field] : []));
  return fields.length > 0 ? `fields ${fields.join(', ')} (values withheld)` : undefined;
}

function parseStatus(body: Buffer): Status {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Status) : {};
  } catch {
    // Proxies and load balancers answer in HTML or plain text; the HTTP status says enough.
    return {};
  }
}
