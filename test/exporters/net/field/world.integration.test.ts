import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith } from '../../../fixtures/needs.ts';
import { World } from './world.ts';

describeWith({ root: true, commands: ['ip', 'unshare'] }, 'the world of a field', () => {
  test('nothing is left of it: not on the machine while it lives, not at all when its test is killed', async () => {
    const before = await readFile('/proc/net/dev', 'utf8');
    const script = `import { World } from ${JSON.stringify(join(import.meta.dirname, 'world.ts'))};
      const world = new World();
      await world.run(['ip', 'netns', 'add', 'left']);
      await world.ask('start', { name: 'sleeper', argv: ['sleep', '1234'], netns: 'left' });
      console.log('pid', world.pid);
      setInterval(() => undefined, 1000);`;
    const test = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } });
    const pid = await new Promise<number>((resolve) => { test.stdout.on('data', (text: Buffer) => { resolve(Number(/pid (\d+)/.exec(String(text))?.[1])); }); });
    expect((await readFile('/proc/net/dev', 'utf8')).split('\n').length).toBe(before.split('\n').length);
    test.kill('SIGKILL');
    const isThere = (): Promise<boolean> => readFile(`/proc/${pid}/status`, 'utf8').then((status) => !/^State:\s+Z/m.test(status), () => false);
    for (let i = 0; i < 500 && (await isThere()); i++) await new Promise((resolve) => { setTimeout(resolve, 10); });
    expect(await isThere()).toBe(false);
  });

  test('what a command there says on failure reaches the test', async () => {
    const world = new World();
    await expect(world.run(['ip', 'link', 'show', 'nowhere'])).rejects.toThrow('Device "nowhere" does not exist');
    await world.end();
    await expect(world.ask('output', { name: 'x' })).rejects.toThrow('ended');
  });
});
