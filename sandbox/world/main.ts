/**
 * The world process: the simulated cloud, its networks and servers, and the pager in one Node.js process, inside the world's
 * namespaces. Started by the host-side process; ends with it, on SIGTERM, or by `POST /stop`.
 */
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { externalNetwork } from '../network/index.ts';
import { compose, consolePort, pagerPort } from './compose.ts';
import { worldConfiguration } from './configuration.ts';
import { controlServer } from './control-server.ts';
import { orNoDisk } from './errors.ts';
import { writeFailure } from './failure.ts';
import { HostListeners } from './host-listeners.ts';
import { LogRotation } from './log-rotation.ts';
import { Relays } from './relays.ts';
import { worldPaths } from './world-paths.ts';
import { RecordKeeper } from './record-keeper.ts';
import { World } from './world.ts';

const log = pino({ base: { process: 'world' } });
const configuration = worldConfiguration.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const paths = worldPaths(configuration.stateFolder);

function fail(raw: unknown): never {
  const error = orNoDisk(raw, paths.state);
  log.fatal({ err: error }, 'the world ends');
  try {
    writeFailure(paths.failure, error);
  } catch (cause) {
    log.fatal({ err: cause }, 'and cannot write down why');
  }
  process.exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const keeper = new RecordKeeper(paths.record);
await keeper.start();
const listeners = new HostListeners(process);
listeners.start();
const relays = new Relays({ listen: (port) => listeners.listen(port), remembered: (name) => keeper.port(name), remember: (request, port) => keeper.rememberRelay(request, port), forget: (name) => keeper.forgetRelay(name) });
await mkdir(paths.servers, { recursive: true });

const rotation = new LogRotation({ paths, onTrouble: (error) => { log.warn({ err: error }, 'a log was not rotated'); } });
rotation.start();

let isEnding = false;
const parts = await compose({ configuration, paths, log, onCgroup: (path) => keeper.rememberCgroup(path) });
const world = new World({
  id: configuration.id, parts, relays, startedAt: new Date().toISOString(), onStop: () => { end('forget'); },
  standingRelays: [
    ...keeper.relays(),
    { name: 'pager', target: { address: externalNetwork.pager, port: pagerPort } }, { name: 'console', target: { address: externalNetwork.api, port: consolePort } },
  ],
});
const control = controlServer(world);
await control.listen({ path: paths.control });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => { end('resume'); });
process.on('disconnect', () => process.exit(1));
await world.start();
flushCompileCache();
log.info({ kernel: (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim(), node: process.version }, 'the world is ready');

/** A machine that shuts down says SIGTERM: the next start goes on. Only whoever asks for the end (`POST /stop`) means the fleet. */
function end(then: 'forget' | 'resume'): void {
  if (isEnding) return;
  isEnding = true;
  // First of all: a world that is killed while it forgets must not be gone on with, its servers have no disks any more.
  if (then === 'forget') for (const file of [paths.records, `${paths.records}-wal`]) rmSync(file, { force: true });
  void (async () => {
    await rotation.stop();
    await world.end(then).catch((error: unknown) => { log.error({ err: error }, 'a part did not stop well'); });
    await control.close();
    rmSync(paths.control, { force: true });
    process.exit(0);
  })();
}
