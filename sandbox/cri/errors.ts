/** What the runtime refuses or cannot do. Codes travel to the kubelet as gRPC status codes and end in events and container states. */
import { status } from '@grpc/grpc-js';

export type RuntimeErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_ARGUMENT'
  | 'FAILED_PRECONDITION'
  | 'UNAVAILABLE'
  | 'UNIMPLEMENTED'
  | 'DEADLINE_EXCEEDED'
  | 'INTERNAL';

export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;

  /** @param what what failed on which object, in the words the kubelet will show in an event */
  constructor(code: RuntimeErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'RuntimeError';
    this.code = code;
  }
}

/** The gRPC status of anything thrown: our own code, or UNKNOWN as every server answers for an unforeseen error. */
export function grpcStatus(error: unknown): { code: status; details: string } {
  if (error instanceof RuntimeError) return { code: status[error.code], details: error.message };
  return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}
