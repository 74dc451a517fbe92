/** Commands in a running container: ExecSync for probes and hooks, Exec for people. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { execProcess } from '../container-plan.ts';
import { processArguments } from '../container-script.ts';
import type { Container } from '../containers.ts';
import { RuntimeError } from '../errors.ts';
import type { StreamRequest } from '../messages.ts';
import { collectStreams, exitCode, finish, remoteCommandProtocols } from './remote-command.ts';
import type { Session } from './server.ts';
import { resizeTerminal, terminal } from '../terminal.ts';

/** Bytes of each output that ExecSync returns at most, as containerd (execSync's limited buffers, 16 MB). */
const maxSyncBytes = 16 << 20;

export interface SyncResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number;
}

/** Throws FAILED_PRECONDITION when the container does not run and DEADLINE_EXCEEDED after the timeout (0: none). */
export function execSync(container: Container, argv: readonly string[], timeoutSeconds: number): Promise<SyncResult> {
  const child = startIn(container, argv, { hasStdin: false });
  return new Promise((resolve, reject) => {
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const bytes = { stdout: 0, stderr: 0 };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.on('data', (chunk: Buffer) => {
        if (bytes[stream] < maxSyncBytes) output[stream].push(chunk);
        bytes[stream] += chunk.length;
      });
    }
    const timer = timeoutSeconds > 0 ? setTimeout(() => {
      end(child);
      reject(new RuntimeError('DEADLINE_EXCEEDED', `failed to exec in container: timeout ${timeoutSeconds}s exceeded`));
    }, timeoutSeconds * 1000) : undefined;
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr), exitCode: exitCode(code, signal) });
    });
  });
}

export function execSession(container: Container, argv: readonly string[], request: StreamRequest): Session {
  return {
    protocols: remoteCommandProtocols,
    spdy: (connection) => {
      const terminalFile = request.tty ? `${container.directory}/terminal-${randomUUID()}` : undefined;
      collectStreams(connection, request, (streams) => {
        let child: ChildProcess;
        try {
          child = startIn(container, argv, { terminalFile, hasStdin: request.stdin });
        } catch (error) {
          finish(connection, streams, { failure: error instanceof Error ? error.message : String(error) });
          return;
        }
        child.stdin?.on('error', () => undefined);
        if (child.stdin) streams.stdin?.pipe(child.stdin);
        copy(child.stdout, streams.stdout);
        copy(child.stderr, streams.stderr);
        connection.on('close', () => end(child));
        child.on('error', (error) => finish(connection, streams, { failure: error.message }));
        child.on('close', (code, signal) => finish(connection, streams, { exitCode: exitCode(code, signal) }));
      }, (size) => { if (terminalFile) void resizeTerminal(terminalFile, size); });
    },
  };
}

/**
 * Starts a command with the container's identity inside all its namespaces. Its CPU time counts for the container.
 * @returns the process in the server's namespaces, in a process group of its own
 */
function startIn(container: Container, argv: readonly string[], options: { readonly terminalFile?: string | undefined; readonly hasStdin: boolean }): ChildProcess {
  const { pid, plan } = container;
  if (container.state !== 'CONTAINER_RUNNING' || pid === undefined || !plan) throw new RuntimeError('FAILED_PRECONDITION', `container ${container.id} is not running`);
  const isTty = options.terminalFile !== undefined;
  const chain = [
    'sh', '-c', `${container.processes.join}; exec "$@"`, 'sh',
    'nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--', ...processArguments(execProcess(plan, argv, isTty)),
  ];
  const [command = '', ...args] = options.terminalFile ? terminal(chain, options.terminalFile) : chain;
  return spawn(command, args, { stdio: [options.hasStdin || isTty ? 'pipe' : 'ignore', 'pipe', 'pipe'], detached: true });
}

/** The stream is ended with the result, not with the output. Unwanted output is read and dropped, so that the command does not block. */
function copy(from: Readable | null, to: Writable | undefined): void {
  if (to) from?.pipe(to, { end: false });
  else from?.resume();
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
