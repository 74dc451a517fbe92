/** Sizes of terminals by the real script(1) and stty(1): whenever they come, the last one counts. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { resizeTerminal, terminal } from '../../../sandbox/cri/terminal.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ commands: ['script', 'setpriv', 'stty'] }, 'the size of a terminal', () => {
  const directory = mkdtempSync(join(tmpdir(), 'terminal-'));
  const children: ChildProcess[] = [];
  let file: string;
  const start = (script: string): ChildProcess => {
    const [command = '', ...argv] = terminal(['sh', '-c', script], file);
    const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };
  /** Rows and columns, as stty says them. */
  const size = (): string => execFileSync('stty', ['-F', readFileSync(file, 'utf8').trim(), 'size'], { encoding: 'utf8' }).trim();

  beforeEach(() => {
    file = join(mkdtempSync(join(directory, 'container-')), 'terminal');
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  test('is the one that came two seconds before the terminal, from the first moment', async () => {
    void resizeTerminal(file, { columns: 99, rows: 33 });
    await sleep(2000);
    expect(await text(start('stty size').stdout!)).toBe('33 99\r\n');
  });

  test('changes while a program runs, which is told', async () => {
    const child = start('trap "stty size; exit" WINCH; echo up; while :; do sleep 0.1; done');
    await once(child.stdout!, 'data');
    await resizeTerminal(file, { columns: 99, rows: 33 });
    expect(await text(child.stdout!)).toMatch(/33 99\r\n$/);
  });

  test('is the last one of many that come at once', async () => {
    const child = start('echo up; exec sleep 300');
    await once(child.stdout!, 'data');
    await Promise.all(Array.from({ length: 20 }, (_, i) => resizeTerminal(file, { columns: 80 + i, rows: 24 + i })));
    expect(size()).toBe('43 99');
  });

  test('is the last one of those that come while the terminal is made', async () => {
    const child = start('echo up; exec sleep 300');
    const up = once(child.stdout!, 'data');
    for (let i = 0; i < 20; i++) {
      await resizeTerminal(file, { columns: 80 + i, rows: 24 + i });
      await sleep(1);
    }
    await up;
    expect(size()).toBe('43 99');
  });

  test('of a container that is gone is nothing', async () => {
    await expect(resizeTerminal(join(directory, 'gone', 'terminal'), { columns: 99, rows: 33 })).resolves.toBeUndefined();
  });
});
