/** What can go wrong while making networks real. Codes are stable: they reach OpenStack faults and the user's terminal. */

export type NetworkErrorCode =
  /** A command (ip, nft, nsenter) failed; the message has its words and what it printed. */
  | 'NETWORK_COMMAND_FAILED'
  /** A router or load balancer names a network that was never made. */
  | 'NETWORK_UNKNOWN'
  /** A relay process of a load balancer did not start, or did not take its configuration. */
  | 'NETWORK_RELAY_FAILED'
  /** An address that is not IPv4: the fabric knows only IPv4. */
  | 'NETWORK_BAD_ADDRESS';

export class NetworkError extends Error {
  readonly code: NetworkErrorCode;

  /** @param what failed on which object, and what to do: "ip -batch - (router r1): RTNETLINK answers: File exists" */
  constructor(code: NetworkErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'NetworkError';
    this.code = code;
  }
}
