/** The world of a state folder as its record has it, for tests that look at the machine or kill. */
import { join } from 'node:path';
import type { ProcessIdentity } from '../../sandbox/world/process-identity.ts';
import { readRecord } from '../../sandbox/world/world-record.ts';

export interface WorldOf {
  /** Its first process. */
  readonly process: ProcessIdentity;
  /** Control groups that have one below them for each server. */
  readonly cgroups: readonly string[];
}

/** @throws when no world runs there */
export async function worldOf(stateFolder: string): Promise<WorldOf> {
  const { process, cgroups } = await readRecord(join(stateFolder, 'world.json'));
  if (!process) throw new Error(`no world runs in ${stateFolder}`);
  return { process, cgroups };
}
