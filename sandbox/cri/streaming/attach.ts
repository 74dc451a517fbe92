/** Attach: the output of a running container from now on, and its standard input. */
import { terminalFile, type Container } from '../containers.ts';
import { RuntimeError } from '../errors.ts';
import type { OutputStream } from '../logs.ts';
import type { StreamRequest } from '../messages.ts';
import { resizeTerminal } from '../terminal.ts';
import { collectStreams, finish, remoteCommandProtocols } from './remote-command.ts';
import type { Session } from './server.ts';

/** Throws FAILED_PRECONDITION when the container does not run. */
export function attachSession(container: Container, request: StreamRequest): Session {
  if (container.state !== 'CONTAINER_RUNNING') throw new RuntimeError('FAILED_PRECONDITION', `container ${container.id} is not running`);
  return {
    protocols: remoteCommandProtocols,
    spdy: (connection) => collectStreams(connection, request, (streams) => {
      const follow = (stream: OutputStream, chunk: Buffer): void => { streams[stream]?.write(chunk); };
      container.followers.add(follow);
      connection.on('close', () => container.followers.delete(follow));
      // stdinOnce: the first client's end of input is the container's (core/v1 Container.stdinOnce).
      if (container.stdin) streams.stdin?.pipe(container.stdin, { end: container.config.stdinOnce });
      void container.ended.then(() => finish(connection, streams, { exitCode: container.exitCode }));
    }, (size) => { if (container.config.tty) void resizeTerminal(terminalFile(container), size); }),
  };
}
