/** Files of the world inside the state folder. */
import { join } from 'node:path';
import { WorldError } from './errors.ts';

/** Longest path of a Unix socket, sun_path without its closing zero (unix(7)). */
const maxSocketPath = 107;

export interface WorldPaths {
  readonly state: string;
  /** What outlives a world: its process while it runs, its cgroups, the ports its relays had. */
  readonly record: string;
  /** Everything that goes with the world: sockets, servers' files. */
  readonly run: string;
  readonly configuration: string;
  readonly control: string;
  /** Why a world ended while it came up, as `{code, message}`. */
  readonly failure: string;
  readonly pages: string;
  /** What is broken on purpose and outlasts a world that is killed. */
  readonly faults: string;
  readonly servers: string;
  /** What the simulated cloud knows. */
  readonly records: string;
  /** What a world that ended without being asked to leaves for the next: names inside the run folder. */
  readonly kept: readonly string[];
  /** Compiled sources of the world's Node.js processes: half the CPU of a start, 18 MB less for each. Outlives a world. */
  readonly compileCache: string;
  /** Credentials of the simulated cloud, with addresses of the world. */
  readonly clouds: string;
  readonly logs: string;
  readonly log: string;
}

/** Throws WORLD_BAD_FOLDER for a folder in which no world can live. */
export function checkStateFolder(state: string): void {
  const { control } = worldPaths(state);
  if (Buffer.byteLength(control) > maxSocketPath) throw new WorldError('WORLD_BAD_FOLDER', `the path of the control socket, ${control}, is longer than ${maxSocketPath} bytes; set XDG_STATE_HOME to a shorter one`);
  const hidden = ['/run', '/var/run', '/proc'].find((top) => state === top || state.startsWith(`${top}/`));
  if (hidden !== undefined) throw new WorldError('WORLD_BAD_FOLDER', `the world has a ${hidden} of its own and cannot keep its state in ${state}; set XDG_STATE_HOME to another folder`);
}

/** @param state absolute */
export function worldPaths(state: string): WorldPaths {
  const run = join(state, 'run');
  const logs = join(state, 'logs');
  return {
    state, run, logs,
    record: join(state, 'world.json'),
    configuration: join(run, 'world-configuration.json'),
    control: join(run, 'control.sock'),
    failure: join(run, 'failure.json'),
    pages: join(run, 'pages.json'),
    faults: join(run, 'faults.json'),
    compileCache: join(state, 'compile-cache'),
    clouds: join(state, 'clouds.yaml'),
    servers: join(run, 'servers'),
    records: join(run, 'cloud.db'),
    kept: ['cloud.db', 'cloud.db-wal', 'servers', 'volumes', 'layers', 'pages.json', 'faults.json'],
    log: join(logs, 'world.log'),
  };
}
