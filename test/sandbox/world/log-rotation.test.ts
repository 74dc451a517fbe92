/** Real files with writers that keep them open, as the world's are. */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LogRotation } from '../../../sandbox/world/log-rotation.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-'));
const paths = { log: join(folder, 'world.log'), servers: join(folder, 'servers') };
const trouble: unknown[] = [];
const rotation = new LogRotation({ paths, maxBytes: 1000, onTrouble: (error) => trouble.push(error) });

afterAll(() => { rmSync(folder, { recursive: true }); });

test.each([['the log of the world', 'world.log'], ['a console', 'servers/a/console.log'], ['the log of a kubelet', 'servers/b/disk/var/log/kubelet.log']])('%s that has grown moves aside, and its writer goes on at the beginning', async (_what, name) => {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  const writer = openSync(file, 'a');
  writeSync(writer, `${'x'.repeat(1000)}\n`);
  expect(await rotation.rotate()).toEqual([file]);
  writeSync(writer, 'after\n');
  closeSync(writer);
  expect(readFileSync(file, 'utf8')).toBe('after\n');
  expect(statSync(`${file}.1`).size).toBe(1001);
  expect(await rotation.rotate()).toEqual([]);
});

test('a second rotation replaces the first; small logs, other files and folders stay', async () => {
  const file = join(folder, 'servers/a/console.log');
  writeFileSync(file, 'y'.repeat(2000));
  writeFileSync(join(folder, 'servers/a/seed.txt'), 'z'.repeat(5000));
  mkdirSync(join(folder, 'servers/b/disk/var/log/pods.log'), { recursive: true });
  expect(await rotation.rotate()).toEqual([file]);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('y'.repeat(2000));
  expect(existsSync(`${file}.2`)).toBe(false);
});

test('started it rotates by itself, and stops at once', async () => {
  const own = new LogRotation({ paths, maxBytes: 1000, everyMs: 60_000, onTrouble: (error) => trouble.push(error) });
  writeFileSync(paths.log, 'w'.repeat(1500));
  own.start();
  while (statSync(paths.log).size > 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
  await own.stop();
  expect(trouble).toEqual([]);
});
