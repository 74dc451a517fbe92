/** All processes of a container as one: whoever belongs to it, what they have used, and how to end them all, those that ran away from their parents too. */

export interface ProcessGroup {
  /** A shell line by which a process joins, before it becomes one of the container's. */
  readonly join: string;
  create(): void;
  /** The first process is in the container's own mount namespace. */
  born(pid: number): void;
  /** CPU time so far; never less than it was. */
  cpuNanoseconds(): bigint;
  /** Pages that several processes share count for each of them. */
  residentBytes(): number;
  /** SIGKILL to everything in it. */
  killAll(): void;
  /** Ends what is left in it and removes it. */
  remove(): Promise<void>;
}

/** How the processes of containers are kept together on a server: by control groups, or where the server has none of its own (a sandbox without root) by mount namespaces. */
export interface ProcessGroups {
  group(id: string, directory: string): ProcessGroup;
  /** Before the first container: ends what an earlier runtime left behind. */
  start(): Promise<void>;
}
