/** A world for tests, run in namespaces of its own: one bridge and a MachineHost, driven by JSON lines on stdin. All of it ends with this process. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { isOneUser } from '../../../sandbox/cri/one-user.ts';
import { MachineHost, type ServerSpec } from '../../../sandbox/machines/index.ts';
import { bridgeName } from '../../../sandbox/network/names.ts';

interface Request { readonly id: number; readonly method: string; readonly args: readonly unknown[] }

const [optionsText = '{}'] = process.argv.slice(2);
const options = JSON.parse(optionsText) as { stateDir: string; toolsDir: string; repoDir: string; imagesDir?: string; worldName: string };
const say = (message: object): void => { process.stdout.write(`${JSON.stringify(message)}\n`); };
const host = new MachineHost({ ...options, hasCgroups: !isOneUser(), log: (line) => process.stderr.write(`${line}\n`) });
host.onExit((id) => say({ exited: id }));

const methods: Record<string, (...args: never[]) => unknown> = {
  start: () => host.start(),
  network: (id: string, gateway: string) => {
    for (const line of [`link add ${bridgeName(id)} type bridge forward_delay 0`, `address add ${gateway} dev ${bridgeName(id)}`, `link set ${bridgeName(id)} up`]) execFileSync('ip', line.split(' '));
  },
  /** Something beyond the tenant network that says who called. */
  outside: (address: string) => {
    execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
    return new Promise<void>((resolve) => createServer((request, response) => response.end(request.socket.remoteAddress)).listen(80, address, resolve));
  },
  run: (argv: string[]) => execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' }),
  boot: (spec: ServerSpec) => host.boot(spec),
  reboot: (id: string, kind: 'SOFT' | 'HARD') => host.reboot(id, kind),
  stopServer: (id: string) => host.stopServer(id),
  startServer: (id: string) => host.startServer(id),
  destroy: (id: string) => host.destroy(id),
  consoleLog: (id: string, lines?: number) => host.consoleLog(id, lines),
  exec: (id: string, argv: string[], execOptions?: { stdin?: string; timeoutMs?: number }) => host.exec(id, argv, execOptions),
  createVolume: (volume: { id: string; sizeGb: number; from?: { kind: 'volume' | 'snapshot'; id: string } }) => host.storage.create(volume),
  extendVolume: (id: string, sizeGb: number) => host.storage.extend(id, sizeGb),
  snapshotVolume: (snapshot: { id: string; volumeId: string }) => host.storage.snapshot(snapshot),
  removeVolume: (id: string) => host.storage.remove('volume', id),
  attachVolume: (id: string, volume: { id: string; device: string }) => host.attachVolume(id, volume),
  detachVolume: (id: string, volumeId: string) => host.detachVolume(id, volumeId),
  stop: () => host.stop(),
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const request = JSON.parse(line) as Request;
  void (async () => methods[request.method]?.(...(request.args as never[])))().then(
    (result) => say({ id: request.id, result: result ?? null }),
    (error: unknown) => say({ id: request.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
lines.on('close', () => void host.stop().finally(() => process.exit(0)));
say({ ready: true });
