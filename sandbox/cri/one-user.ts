/** Whether there is anybody else to be. */
import { readFileSync } from 'node:fs';

/** True in a user namespace of one user, as a sandbox without root is. @param uidMap lines of inside, outside, count (user_namespaces(7)) */
export function isOneUser(uidMap: string = readFileSync('/proc/self/uid_map', 'utf8')): boolean {
  return uidMap.trim().split('\n').reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0) === 1;
}
