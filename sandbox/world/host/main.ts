/**
 * The host-side process of the world: the only one in the host's network namespace. A socket belongs to the namespace it
 * was made in, so this one opens listeners on 127.0.0.1 and hands them to the world process, which accepts on them and dials
 * inside the world: no byte passes through here, and nothing else of the host's network is touched.
 */
import { spawn } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ListenAnswer, ListenRequest } from './protocol.ts';

const world = fileURLToPath(new URL('../main.ts', import.meta.url));
const [configuration = ''] = process.argv.slice(2);

const child = spawn('nsenter', ['--net=/run/netns/world', process.execPath, '--disable-warning=ExperimentalWarning', world, configuration], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
child.on('message', (request) => { listen(request as ListenRequest); });
child.on('error', (error) => { console.error(`cannot start the world process: ${error.message}`); process.exit(1); });
child.on('exit', (status) => process.exit(status ?? 1));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => { child.kill('SIGTERM'); });

flushCompileCache();

function listen({ id, port }: ListenRequest): void {
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => { answer({ id, port, error: error.code ?? error.message }); });
  server.listen({ host: '127.0.0.1', port, backlog: 128 }, () => {
    answer({ id, port: (server.address() as AddressInfo).port }, server);
  });
}

/** Our own copy of a listener is closed once it is on its way: only the world process accepts. */
function answer(message: ListenAnswer, server?: ReturnType<typeof createServer>): void {
  child.send(message, server, undefined, () => { server?.close(); });
}
