/** What faults can see and touch of a running world. Implemented by `sandbox/world/ground.ts`; tests bring a smaller one. */
import type { ActiveFault, FaultRule } from '../openstack/index.ts';

/** A server as faults see it. Addresses are IPv4. */
export interface Server {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** Name of the cluster whose network it is on; undefined when that cannot be told. */
  readonly cluster: string | undefined;
  readonly isRunning: boolean;
  /** Its processes stand still. */
  readonly isFrozen: boolean;
  /** Each port's device on the bridge of its network. */
  readonly ports: readonly { readonly tap: string; readonly bridge: string }[];
  /** Its fixed and floating addresses, and the podCIDR of its node. */
  readonly addresses: readonly string[];
}

/** Something with addresses that is no server: the cloud's API, a load balancer. */
export interface Peer { readonly name: string; readonly addresses: readonly string[] }

export interface Executed { readonly status: number; readonly stdout: string; readonly stderr: string }

export interface Ground {
  servers(): readonly Server[];
  zones(): readonly string[];
  peers(): readonly Peer[];
  /** As root in a server. @throws FaultError FAULT_SERVER_GONE when it does not run */
  exec(serverId: string, argv: readonly string[], options?: { readonly stdin?: string }): Promise<Executed>;
  /** A program in the network namespace of the bridges. Throws with its words when it fails. */
  run(command: string, args: readonly string[], stdin?: string): Promise<string>;
  /** A program there that runs until it is stopped; resolves when it printed its first line. */
  start(command: string, args: readonly string[]): Promise<{ stop(): Promise<void> }>;
  /** As if the server lost its power. */
  cutPower(serverId: string): Promise<void>;
  /** @returns false when the cloud has no such server any more */
  restorePower(serverId: string): Promise<boolean>;
  freeze(serverId: string, isFrozen: boolean): Promise<void>;
  /** What the time server answers to whom; undefined heals. */
  setClock(cluster: string | undefined, answer: ClockAnswer | undefined): void;
  /** Requests for the time answered wrongly, or not, since the world began. */
  clockCounts(): { readonly wrong: number; readonly unanswered: number };
  /** Faults of the cloud's API. */
  readonly apiFaults: { add(rule: FaultRule): ActiveFault; list(): readonly ActiveFault[]; remove(name: string): ActiveFault };
  /** Told after a server booted, with a network of its own that is new. */
  onBoot(listener: (serverId: string) => void): void;
}

/** What is wrong with the answers of the time server. */
export type ClockAnswer =
  | { readonly kind: 'wrong'; readonly offsetSeconds: number }
  | { readonly kind: 'silent' }
  /** Leap indicator 3 and stratum 16: clients must not use it (RFC 5905, section 7.3). */
  | { readonly kind: 'unsynchronized' };
