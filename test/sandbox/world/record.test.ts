import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, identify, isAlive, killAndWait } from '../../../sandbox/world/process-identity.ts';
import { RecordKeeper } from '../../../sandbox/world/record-keeper.ts';
import { checkStateFolder, worldPaths } from '../../../sandbox/world/world-paths.ts';
import { emptyRecord, readRecord, writeRecord } from '../../../sandbox/world/world-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
const file = join(folder, 'world.json');
afterAll(() => { rmSync(folder, { recursive: true }); });

test('a record comes back as it was written, and no draft is left', async () => {
  const record = { ...emptyRecord, process: { pid: 4, startTime: 5, startedAt: '2026-01-01T00:00:00Z' }, ports: { pager: 9099 } };
  await writeRecord(file, record);
  expect(await readRecord(file)).toEqual(record);
  expect(readdirSync(folder)).toEqual(['world.json']);
});

test.each(['', '{"version":1', '[]', '{"version":2,"cgroups":[],"ports":{}}', '{"version":1,"process":{"pid":-1,"startTime":0,"startedAt":""},"cgroups":[],"ports":{}}'])('a file that is no record (%s) names no process', async (text) => {
  writeFileSync(file, text);
  expect(await readRecord(file)).toEqual(emptyRecord);
});

test('changes at the same time are all kept', async () => {
  await writeRecord(file, emptyRecord);
  const keeper = new RecordKeeper(file);
  await keeper.start();
  await Promise.all([...Array(20).keys()].map((n) => keeper.rememberRelay({ name: `relay-${n}`, target: { address: '198.51.100.2', port: 5000 } }, 1000 + n)));
  await keeper.rememberCgroup('/sys/fs/cgroup/keelson-a');
  await keeper.rememberCgroup('/sys/fs/cgroup/keelson-a');
  expect(Object.keys((await readRecord(file)).ports)).toHaveLength(20);
  await keeper.forgetRelay('relay-7');
  const later = new RecordKeeper(file);
  await later.start();
  expect(later.relays()).toHaveLength(19);
  expect([later.relays()[0], later.port('relay-7')]).toEqual([{ name: 'relay-0', target: { address: '198.51.100.2', port: 5000 } }, 1007]);
  expect((JSON.parse(readFileSync(file, 'utf8')) as { cgroups: string[] }).cgroups).toEqual(['/sys/fs/cgroup/keelson-a']);
});

test('a process is known by its number and its start', async () => {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' });
  await new Promise((resolve) => { child.once('spawn', resolve); });
  const identity = (await identify(child.pid!))!;
  expect(await isAlive(identity)).toBe(true);
  expect(await isAlive({ ...identity, startTime: identity.startTime - 1 })).toBe(false);
  expect(await killAndWait({ ...identity, startTime: identity.startTime - 1 }, 100)).toBe(true);
  expect(await isAlive(identity)).toBe(true);
  expect(await ended(identity, 50)).toBe(false);
  expect(await killAndWait(identity, 5000)).toBe(true);
  expect(await isAlive(identity)).toBe(false);
});

test('a process that ends by itself just before it would be killed has ended', async () => {
  // Some of them end between the look and the kill.
  for (let i = 0; i < 200; i++) {
    const child = spawn('true', { stdio: 'ignore' });
    await new Promise((resolve) => { child.once('spawn', resolve); });
    const identity = await identify(child.pid!);
    for (let turn = 0; turn < i % 12; turn++) await new Promise(setImmediate);
    if (identity) expect(await killAndWait(identity, 5000)).toBe(true);
  }
}, 30_000);

test('a number that no process has is no process', async () => {
  expect(await identify(4_194_304)).toBeUndefined();
});

test.each(['/run/keelson', '/var/run/x', `/home/${'a'.repeat(100)}`])('no world can live in %s', (state) => {
  expect(() => { checkStateFolder(state); }).toThrow(expect.objectContaining({ code: 'WORLD_BAD_FOLDER' }) as Error);
});

test('a folder whose socket just fits is good', () => {
  const rest = '/run/control.sock'.length;
  const state = `/${'a'.repeat(106 - rest)}`;
  expect(worldPaths(state).control).toHaveLength(107);
  checkStateFolder(state);
});
