/**
 * A process in a pod's network namespace that dials the pod's own localhost for port-forward. Node.js cannot change namespaces,
 * so the runtime starts this one inside, on the first forward to a pod. Each connection to its Unix socket names a port in its first line;
 * the answer is one line, `ok` or `error <why>`, then bytes.
 */
import { connect, createServer, type Socket } from 'node:net';

/** @param idleMs ends the process after that long without a connection */
export function serveDialer(socketPath: string, idleMs: number, exit: () => void): void {
  let open = 0;
  let idle = setTimeout(exit, idleMs);
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open++;
    clearTimeout(idle);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      open--;
      if (open === 0) idle = setTimeout(exit, idleMs);
    });
    readPort(client, (port, rest) => join(client, port, rest));
  });
  server.listen(socketPath);
}

function readPort(client: Socket, found: (port: number, rest: Buffer) => void): void {
  let buffer: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    buffer = Buffer.concat([buffer, chunk]);
    const end = buffer.indexOf('\n');
    if (end === -1) return;
    client.off('data', onData);
    client.pause();
    found(Number(buffer.subarray(0, end).toString()), buffer.subarray(end + 1));
  };
  client.on('data', onData);
}

function join(client: Socket, port: number, rest: Buffer): void {
  const target = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  target.on('connect', () => {
    client.write('ok\n');
    if (rest.length > 0) target.write(rest);
    client.pipe(target);
    target.pipe(client);
  });
  target.on('error', (error) => client.end(`error ${error.message}\n`));
  client.on('close', () => target.destroy());
}
