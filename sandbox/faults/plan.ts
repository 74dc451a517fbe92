/** A fault that is worked out but not applied yet: what it will do, how that is seen, how it is undone. */
import type { Ground } from './ground.ts';
import type { RequestOf, What } from './request.ts';
import type { PacketFilter } from './packet-filter.ts';

export interface Plan {
  /** One sentence: what is broken while it is active. */
  readonly summary: string;
  /** Servers it touches, for what has to be done again after a boot. */
  readonly servers: readonly string[];
  apply(): Promise<void>;
  /** What can be seen of it now. */
  observe(): Promise<string>;
  /** Everything as it was before `apply`, whether that succeeded or not. @returns what could not be as before, and why */
  undo(): Promise<string | undefined>;
  /** Applies again what a reboot of one of its servers took away. */
  reapply?(serverId: string): Promise<void>;
  /** True for what is done once and leaves nothing to undo. */
  readonly isDoneAtOnce?: true;
}

export interface Workshop {
  readonly ground: Ground;
  readonly filter: PacketFilter;
}

/** Works a request out. @throws FaultError for targets and parameters that make no sense here */
export type Planner<W extends What> = (request: RequestOf<W>, id: string, workshop: Workshop) => Plan | Promise<Plan>;
