/** Kills a cloud in the middle of a burst of calls, starts it again, and compares what is there with what was answered. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseClouds, Session } from '../../../provisioner/openstack/index.ts';
import { compare, type Aftermath } from './aftermath.ts';
import { Burst, type Kind } from './burst.ts';

const program = fileURLToPath(new URL('cloud-process.ts', import.meta.url));

export interface KillReport extends Aftermath {
  readonly answered: number;
  readonly unanswered: number;
  readonly kinds: ReadonlySet<Kind>;
}

interface Living { readonly child: ChildProcess; readonly session: Session }

/** @param enough how many calls are answered before the kill, a moment later, and of how many kinds of things at least */
export async function killInBurst(enough: number, kinds = 1): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'cloud-kill-'));
  let cloud = await live(folder);
  try {
    const burst = new Burst(cloud.session, { enough, kinds });
    const clients = burst.run();
    await Promise.race([burst.reached, clients]);
    await new Promise((resolve) => { setTimeout(resolve, Math.random() * 5); });
    await kill(cloud);
    burst.isOver = true;
    await clients;
    cloud = await live(folder);
    return { answered: burst.answered, unanswered: burst.unanswered, kinds: burst.kinds, ...await compare(cloud.session, burst) };
  } finally {
    await kill(cloud);
    rmSync(folder, { recursive: true });
  }
}

async function live(folder: string): Promise<Living> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => { resolve(); });
    child.once('exit', (code) => { reject(new Error(`the cloud ended with ${code}`)); });
  });
  return { child, session: new Session({ cloud: parseClouds(readFileSync(join(folder, 'clouds.yaml'), 'utf8'), 'keelson'), userAgent: 'kill/1', attempts: 1 }) };
}

async function kill({ child, session }: Living): Promise<void> {
  session.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
