import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { acquireLock } from '../../../sandbox/tools/lock.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

describe('acquireLock', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'lock-')); });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const take = () => acquireLock(folder, { signal: new AbortController().signal, pollMs: 5 });

  test('lets one in at a time, of ten in the same process', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 10 }, async () => {
      const release = await take();
      most = Math.max(most, ++inside);
      await sleep(3);
      inside--;
      await release();
    }));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('says once whom it waits for', async () => {
    const waited: number[] = [];
    const release = await take();
    const second = acquireLock(folder, { signal: new AbortController().signal, pollMs: 5, onWait: (pid) => waited.push(pid) });
    await sleep(60);
    await release();
    await (await second)();
    expect(waited).toEqual([process.pid]);
  });

  test('takes over the lock of a dead process, one at a time of twelve that try', async () => {
    const dead = await deadOwner();
    let inside = 0;
    let most = 0;
    for (let round = 0; round < 5; round++) {
      await writeFile(join(folder, 'lock'), dead);
      await Promise.all(Array.from({ length: 12 }, async (_, i) => {
        await sleep(i % 5);
        const release = await take();
        most = Math.max(most, ++inside);
        await sleep(3);
        inside--;
        await release();
      }));
    }
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('takes over when a process died in the middle of taking over', async () => {
    const dead = await deadOwner();
    await writeFile(join(folder, 'lock'), dead);
    await writeFile(join(folder, `lock.after-${dead.replaceAll(' ', '-')}`), await deadOwner());
    await (await take())();
    expect(await readdir(folder)).toEqual([]);
  });

  test('knows a process id that is used again by its start time', async () => {
    await writeFile(join(folder, 'lock'), `${process.pid} 1 some-other-life`);
    await (await take())();
  });

  test('leaves the lock of a living process alone until the signal', async () => {
    const child = spawn('sleep', ['60']);
    try {
      const owner = `${child.pid} ${await startOf(child.pid!)} x`;
      await writeFile(join(folder, 'lock'), owner);
      const interruption = new AbortController();
      const waiting = acquireLock(folder, { signal: interruption.signal, pollMs: 5 });
      setTimeout(() => interruption.abort(new Error('enough')), 60);
      await expect(waiting).rejects.toThrow();
      expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(owner);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

async function deadOwner(): Promise<string> {
  const child = spawn('sleep', ['60']);
  const owner = `${child.pid} ${await startOf(child.pid!)} dead`;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return owner;
}

async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]!;
}
