/** What can go wrong with simulated servers. The message becomes the fault of a Nova server in ERROR. */
export type MachineErrorCode =
  /** A command on the machine failed: no rights, no such bridge, no cgroup2. */
  | 'MACHINE_COMMAND_FAILED'
  /** The server's init ended, or did not come up in time. */
  | 'MACHINE_BOOT_FAILED'
  /** No server of that id runs here. */
  | 'MACHINE_UNKNOWN'
  /** A server that should run again has no disk any more. */
  | 'MACHINE_DISK_GONE'
  /** The image is not one this host has. */
  | 'MACHINE_IMAGE_UNKNOWN'
  /** No volume of that id is kept here. */
  | 'MACHINE_VOLUME_UNKNOWN'
  /** A server has the volume already. */
  | 'MACHINE_VOLUME_BUSY';

export class MachineError extends Error {
  readonly code: MachineErrorCode;

  /** @param what what failed on which server, and what to do */
  constructor(code: MachineErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'MachineError';
    this.code = code;
  }
}
