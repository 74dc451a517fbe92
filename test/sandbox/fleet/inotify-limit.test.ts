import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inotifyInstances, raiseInotifyLimit, restoreInotifyLimit } from '../../../sandbox/fleet/inotify-limit.ts';

describe('inotify instances of a fleet', () => {
  test.each([
    [{}, 60],
    [{ clusters: 2 }, 98],
    [{ clusters: 3 }, 136],
    [{ clusters: 1, controlPlanes: 3, workers: undefined }, 104],
  ])('%j needs %i', (shape, needed) => expect(inotifyInstances(shape)).toBe(needed));
});

describe('the machine\'s limit', () => {
  let state: string;
  let limit: string;
  const value = async (): Promise<string> => (await readFile(limit, 'utf8')).trim();

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'inotify-'));
    limit = join(state, 'max_user_instances');
    await writeFile(limit, '128\n');
  });
  afterEach(() => rm(state, { recursive: true }));

  test('is raised while the fleet runs, once, and put back by the end', async () => {
    expect(await raiseInotifyLimit(state, {}, limit)).toContain('128 before');
    expect(await value()).toBe('8192');
    expect(await raiseInotifyLimit(state, {}, limit)).toBeUndefined();
    await restoreInotifyLimit(state, limit);
    expect(await value()).toBe('128');
    await writeFile(limit, '4096');
    await restoreInotifyLimit(state, limit);
    expect(await value()).toBe('4096');
  });

  test('is left alone by the end when somebody else has changed it', async () => {
    await raiseInotifyLimit(state, {}, limit);
    await writeFile(limit, '1024');
    await restoreInotifyLimit(state, limit);
    expect(await value()).toBe('1024');
  });

  test('that nobody may change refuses a fleet that is too large for it, and no other', async () => {
    // Numbers of the kernel that root cannot write either: 40 and 256 (4096 before Linux 5.18).
    await expect(raiseInotifyLimit(state, {}, '/proc/sys/kernel/cap_last_cap')).rejects.toMatchObject({ code: 'FLEET_MACHINE_LIMIT', message: expect.stringContaining('sudo sysctl') });
    expect(await raiseInotifyLimit(state, {}, '/proc/sys/kernel/random/poolsize')).toBeUndefined();
    expect(await raiseInotifyLimit(state, { clusters: 9 }, join(state, 'a kernel without it'))).toBeUndefined();
  });
});
