/** What can go wrong when the simulator is asked. Problems of policies are data (`PolicyProblem`), not errors. */

export type NetworkErrorCode = 'NETWORK_UNKNOWN_ENDPOINT' | 'NETWORK_BAD_FLOW' | 'NETWORK_BAD_WORLD' | 'NETWORK_BAD_CONTRACT' | 'NETWORK_BAD_MANIFEST' | 'NETWORK_BAD_SITE';

export class NetworkError extends Error {
  readonly code: NetworkErrorCode;

  /** @param what what failed on which object, and what to do: "pod kube-system/coredns-0 is not in the world: it has …" */
  constructor(code: NetworkErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'NetworkError';
    this.code = code;
  }
}
