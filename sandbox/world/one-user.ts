/**
 * A world without root lives in a user namespace with one user: root in there is whoever started it out here, and there is nobody else.
 * More users would take newuidmap and lines in /etc/subuid, which a fresh machine need not have; so that there is one form of it.
 */
import { join } from 'node:path';
import type { ToolName } from '../tools/pins.ts';

/** The program that answers changes of owners and identities, which such a namespace cannot make (`sandbox/tools/one-user`). */
export const oneUserProgram = 'one-user' satisfies ToolName;

/** Arguments for unshare(1) that make the caller root of what else it makes. None for root, who is that already. */
export function userNamespace(uid: number | undefined): readonly string[] {
  return uid === 0 ? [] : ['--user', '--map-root-user'];
}

/** What the world's first process is started by. @param toolsFolder where `one-user` is */
export function startedBy(uid: number | undefined, toolsFolder: string): readonly string[] {
  return uid === 0 ? [] : [join(toolsFolder, oneUserProgram)];
}
