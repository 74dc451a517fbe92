/** What can go wrong with the world as a whole. Codes are stable: scripts read them from `--output json`, the user reads the message. */

export type WorldErrorCode =
  | 'WORLD_NOT_ROOT'
  /** The state folder cannot hold a world: its path is too long for a socket, or lies where the world has files of its own. */
  | 'WORLD_BAD_FOLDER'
  /** The kernel has no bridge, veth, nft or overlay; the message names which. */
  | 'WORLD_KERNEL_LACKS'
  /** A port of 127.0.0.1 that was asked for belongs to another program. */
  | 'WORLD_PORT_TAKEN'
  /** The file system of the state folder is full. */
  | 'WORLD_NO_DISK'
  /** A former world left something that cannot be taken away. */
  | 'WORLD_STATE_STALE'
  /** No world runs, or it does not answer. */
  | 'WORLD_NOT_RUNNING'
  /** The world ended while it came up; the message has its last words. */
  | 'WORLD_START_FAILED'
  /** A call to the running world that it refused. */
  | 'WORLD_BAD_REQUEST'
  | 'WORLD_NOT_FOUND'
  | 'WORLD_FAILED';

export class WorldError extends Error {
  readonly code: WorldErrorCode;

  /** @param what failed on which object, and what to do: "port 127.0.0.1:9099 is taken by nginx (pid 41); free it or choose another" */
  constructor(code: WorldErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'WorldError';
    this.code = code;
  }
}

/** Full disks get one clear line of their own; other errors stay what they are. */
export function orNoDisk(error: unknown, folder: string): unknown {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOSPC') return error;
  return new WorldError('WORLD_NO_DISK', `no space left on the file system of ${folder}; free some and run the command again`, { cause: error });
}
