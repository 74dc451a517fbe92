/** Which member gets the next connection. Pure but for the round-robin position. */
import { createHash } from 'node:crypto';
import type { Algorithm, Member } from './protocol.ts';

export class Balance {
  #next = 0;

  /**
   * Members in the order in which to try them: the chosen one, then the others, so that a refused connection goes on to the next
   * (HAProxy's `option redispatch`, which Octavia sets).
   * @param isOnline members whose monitor says ERROR are left out
   */
  order(members: readonly Member[], algorithm: Algorithm, client: { address: string; port: number }, isOnline: (memberId: string) => boolean): Member[] {
    const online = members.filter((member) => isOnline(member.id));
    if (online.length === 0) return [];
    const first = algorithm === 'ROUND_ROBIN' ? this.#next++ : hash(`${client.address}:${client.port}`);
    const start = first % online.length;
    return [...online.slice(start), ...online.slice(0, start)];
  }
}

function hash(text: string): number {
  return createHash('sha1').update(text).digest().readUInt32BE(0);
}
