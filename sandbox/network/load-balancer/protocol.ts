/** What the fabric tells a load balancer's relay process (JSON lines on its standard input), and what the relay answers (JSON lines on its standard output). */

/** `SOURCE_IP_PORT` is what Octavia's OVN provider does: a hash over client and listener, the same member for the same client port. */
export type Algorithm = 'ROUND_ROBIN' | 'SOURCE_IP_PORT';

export interface Member { readonly id: string; readonly address: string; readonly port: number }

export interface Monitor {
  readonly type: 'TCP' | 'HTTP' | 'HTTPS' | 'UDP-CONNECT';
  readonly delayMs: number;
  readonly timeoutMs: number;
  /** Checks in a row that must agree before a member changes its state. */
  readonly maxRetries: number;
  /** Of HTTP and HTTPS; `/` unless told. */
  readonly path?: string;
}

export interface Listener {
  readonly id: string;
  readonly protocol: 'TCP' | 'UDP';
  /** The VIP. */
  readonly address: string;
  readonly port: number;
  readonly algorithm: Algorithm;
  readonly members: readonly Member[];
  readonly monitor?: Monitor;
}

/** Everything the relay should do from now on. */
export interface Configuration { readonly revision: number; readonly listeners: readonly Listener[] }

export type Health = 'ONLINE' | 'ERROR';

export type RelayEvent =
  /** The configuration is in force, but for the listeners named here with the reason. */
  | { readonly event: 'applied'; readonly revision: number; readonly failures: readonly { readonly listener: string; readonly reason: string }[] }
  | { readonly event: 'health'; readonly member: string; readonly state: Health };
