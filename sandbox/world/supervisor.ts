/**
 * Starts, finds and ends the world. It runs detached in namespaces of its own: the foreground command may end, and the kill
 * of one process ends everything.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { acquireLock } from '../tools/lock.ts';
import { WorldClient } from './client.ts';
import type { WorldConfiguration } from './configuration.ts';
import type { WorldStatus } from './control-api.ts';
import { orNoDisk, WorldError, type WorldErrorCode } from './errors.ts';
import { readFailure } from './failure.ts';
import { checkKernel } from './kernel.ts';
import { removeLeftovers } from './leftovers.ts';
import { startedBy, userNamespace } from './one-user.ts';
import { ended, identify, isAlive, killAndWait, type ProcessIdentity } from './process-identity.ts';
import { checkStateFolder, worldPaths, type WorldPaths } from './world-paths.ts';
import { readRecord, writeRecord } from './world-record.ts';

const init = fileURLToPath(new URL('init.sh', import.meta.url));
const hostMain = fileURLToPath(new URL('host/main.ts', import.meta.url));
/** The host-side process only opens listeners. */
const hostFlags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=32', '--max-semi-space-size=1', '--optimize-for-size'];

export interface WorldOptions extends Omit<WorldConfiguration, 'id'> {
  /** Bytes that must be free for the state folder; 512 MiB unless told. */
  readonly minimumFreeBytes?: number;
  /** Milliseconds until a world that does not become ready is given up; 120,000 unless told. */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface StartedWorld {
  readonly client: WorldClient;
  readonly status: WorldStatus;
  /** False when one was running already and is kept. */
  readonly isNew: boolean;
  /** A new one that went on where a former one had ended without being asked to: its cloud, servers and relays are there again. */
  readonly isResumed: boolean;
}

/**
 * A world that is ready: the one that runs, or a new one, which goes on where a former one ended that was not asked to.
 * Throws WORLD_NOT_ROOT, WORLD_BAD_FOLDER, WORLD_KERNEL_LACKS, WORLD_NO_DISK, WORLD_STATE_STALE, WORLD_START_FAILED or what the world itself failed with.
 */
export async function startWorld(options: WorldOptions): Promise<StartedWorld> {
  checkStateFolder(options.stateFolder);
  const paths = worldPaths(options.stateFolder);
  return locked(paths, options.signal, async () => {
    const client = new WorldClient(options.stateFolder);
    const running = await runningStatus(paths, client);
    if (running) return { client, status: running, isNew: false, isResumed: false };
    await clean(paths, 'resume');
    const isResumed = existsSync(paths.records);
    await prepare(paths, options);
    const identity = await launch(paths, { ...options, id: randomUUID() });
    const status = await ready(paths, client, identity, options);
    return { client, status, isNew: true, isResumed };
  });
}

/** Ends the world, gently if it answers, and removes what it leaves; nothing to do when none runs. Throws WORLD_STATE_STALE. */
export async function stopWorld(stateFolder: string, options: { readonly graceMs?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
  const paths = worldPaths(stateFolder);
  await locked(paths, options.signal, async () => {
    const { process: known } = await readRecord(paths.record);
    if (known && (await isAlive(known))) {
      const isAsked = await new WorldClient(stateFolder).stop().then(() => true, () => false);
      if (isAsked) await ended(known, options.graceMs ?? 20_000);
    }
    await clean(paths, 'forget');
  });
}

/** Kills what runs of a world and removes what it leaves, without asking it. */
export async function cleanUp(stateFolder: string, signal?: AbortSignal): Promise<void> {
  const paths = worldPaths(stateFolder);
  await locked(paths, signal, () => clean(paths, 'forget'));
}

async function locked<T>(paths: WorldPaths, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    await mkdir(paths.state, { recursive: true, mode: 0o700 });
    const release = await acquireLock(paths.state, { signal: signal ?? AbortSignal.timeout(600_000) });
    try {
      return await work();
    } finally {
      await release();
    }
  } catch (error) {
    throw orNoDisk(error, paths.state);
  }
}

async function runningStatus(paths: WorldPaths, client: WorldClient): Promise<WorldStatus | undefined> {
  const { process: known } = await readRecord(paths.record);
  if (!known || !(await isAlive(known))) return undefined;
  const status = await client.status().catch(() => undefined);
  // One that is being killed still answers while it goes.
  return status?.phase === 'ready' && (await isAlive(known)) ? status : undefined;
}

async function clean(paths: WorldPaths, then: 'forget' | 'resume'): Promise<void> {
  const record = await readRecord(paths.record);
  if (record.process && !(await killAndWait(record.process, 30_000))) {
    throw new WorldError('WORLD_STATE_STALE', `process ${record.process.pid} of a former world does not end although it was killed; look at /proc/${record.process.pid}/stack`);
  }
  await removeLeftovers(paths, record, then);
  const { process: _gone, ...rest } = record;
  const relays = then === 'resume' ? record.relays : {};
  if (record.process || record.cgroups.length > 0 || Object.keys(record.relays).length > 0) await writeRecord(paths.record, { ...rest, cgroups: [], relays });
}

async function prepare(paths: WorldPaths, options: WorldOptions): Promise<void> {
  const { bavail, bsize } = await statfs(paths.state);
  const needed = options.minimumFreeBytes ?? 512 * 1024 * 1024;
  if (bavail * bsize < needed) {
    throw new WorldError('WORLD_NO_DISK', `the file system of ${paths.state} has ${Math.floor((bavail * bsize) / 1048576)} MiB free, the sandbox needs ${Math.ceil(needed / 1048576)} MiB; free some and run the command again`);
  }
  const empty = join(paths.run, 'empty');
  for (const folder of [paths.run, empty, paths.logs]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await checkKernel(empty);
  const missing = startedBy(process.getuid?.(), options.toolsFolder).find((program) => !existsSync(program));
  if (missing !== undefined) throw new WorldError('WORLD_START_FAILED', `without root the world needs ${missing}; "keelson up" builds it`);
}

/** The world waits at its gate until its pid is on disk: should we die before, its standard input ends and it ends too. */
async function launch(paths: WorldPaths, configuration: WorldConfiguration): Promise<ProcessIdentity> {
  const { stateFolder, toolsFolder, imagesFolder, repository, id } = configuration;
  await writeFile(paths.configuration, JSON.stringify({ stateFolder, toolsFolder, imagesFolder, repository, id }), { mode: 0o600 });
  // For appending, so that its writers go on at the beginning when the running world cuts it (log-rotation.ts).
  await rm(paths.log, { force: true });
  const log = await open(paths.log, 'a', 0o600);
  try {
    const uid = process.getuid?.();
    const child = spawn('unshare', [...userNamespace(uid), '--pid', '--mount', '--fork', '--kill-child', '--propagation', 'private', ...startedBy(uid, toolsFolder), 'sh', init, 'env', `NODE_COMPILE_CACHE=${paths.compileCache}`, process.execPath, ...hostFlags, hostMain, paths.configuration], {
      detached: true, cwd: '/', stdio: ['pipe', log.fd, log.fd],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => { resolve(child.pid ?? 0); });
      child.once('error', (error) => { reject(new WorldError('WORLD_START_FAILED', `cannot run unshare: ${error.message}`, { cause: error })); });
    });
    const identity = await identify(pid);
    if (!identity) throw new WorldError('WORLD_START_FAILED', `the world ended at once: ${await lastWords(paths)}`);
    await writeRecord(paths.record, { ...(await readRecord(paths.record)), process: { ...identity, startedAt: new Date().toISOString() } });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end('go\n');
    child.unref();
    return identity;
  } finally {
    await log.close();
  }
}

async function ready(paths: WorldPaths, client: WorldClient, identity: ProcessIdentity, options: WorldOptions): Promise<WorldStatus> {
  const timeoutMs = options.readyTimeoutMs ?? 120_000;
  for (const deadline = performance.now() + timeoutMs; ;) {
    options.signal?.throwIfAborted();
    const status = await client.status().catch(() => undefined);
    if (status?.phase === 'ready') return status;
    if (!(await isAlive(identity))) throw await failureOf(paths);
    if (performance.now() > deadline) throw new WorldError('WORLD_START_FAILED', `the world was not ready after ${timeoutMs / 1000} s: ${await lastWords(paths)}`);
    await sleep(50);
  }
}

async function failureOf(paths: WorldPaths): Promise<WorldError> {
  const failure = await readFailure(paths.failure);
  if (!failure) return new WorldError('WORLD_START_FAILED', `the world ended while it came up: ${await lastWords(paths)}`);
  return new WorldError(failure.code as WorldErrorCode, failure.message);
}

async function lastWords(paths: WorldPaths): Promise<string> {
  const text = await readFile(paths.log, 'utf8').catch(() => '');
  return `${text.trim().split('\n').slice(-5).join(' | ') || 'no words'} (${paths.log})`;
}
