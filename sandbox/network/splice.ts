/** Two TCP connections as one: bytes both ways at the pace of the slower side, half-closes and resets passed on. Used by load balancers and by the world's relays. */
import type { Socket } from 'node:net';

/** Both sockets must allow half-open connections, or an end of one direction would end the other too. */
export function splice(one: Socket, other: Socket): void {
  carry(one, other);
  carry(other, one);
}

function carry(from: Socket, to: Socket): void {
  from.setKeepAlive(true, 60_000);
  from.pipe(to);
  from.on('error', () => { to.resetAndDestroy(); });
  from.on('close', () => { if (!to.destroyed && !to.writableEnded) to.destroy(); });
}
