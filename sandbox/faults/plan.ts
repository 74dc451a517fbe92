/** A fault that is worked out but not applied yet: what it will do, how that is seen, how it is undone. */
import type { Ground } from './ground.ts';
import type { PacketFilter } from './packet-filter.ts';
import type { Remains } from './remains.ts';
import type { RequestOf, What } from './request.ts';

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
  /** For what outlasts the world because it is on a disk or in the cloud's records: all that a later world needs to undo it. */
  readonly remains?: Remains;
  /** True for what is done once and leaves nothing to undo. */
  readonly isDoneAtOnce?: true;
}

export interface Workshop {
  readonly ground: Ground;
  readonly filter: PacketFilter;
  /** What the same fault left in a world that was killed: the plan is for what is broken already, and looks at no server before it is asked. */
  readonly remains?: Remains;
}

/** Works a request out. @throws FaultError for targets and parameters that make no sense here */
export type Planner<W extends What> = (request: RequestOf<W>, id: string, workshop: Workshop) => Plan | Promise<Plan>;
