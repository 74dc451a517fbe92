/** Processes that are kept together by their mount namespace, with real ones: no rights are needed to read who is where. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { NamespaceProcesses } from '../../../sandbox/cri/namespace-processes.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ userNamespaces: true, commands: ['unshare', 'setsid'] }, 'processes of a mount namespace', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'processes-'));
  const directory = join(stateDir, 'one');
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(stateDir, { recursive: true });
  });

  /** Two processes in a mount namespace of their own, one of which has left its parent's session. */
  async function container(): Promise<ChildProcess> {
    mkdirSync(directory, { recursive: true });
    const child = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', 'setsid sleep 300 & i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done; echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }
  /** A zombie has ended; whoever inherits it collects it when it likes. */
  const isAlive = (pid: number): boolean => {
    try {
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };

  test('all of them are counted and all of them are killed, whoever their parents are', async () => {
    const child = await container();
    const sleeper = Number(String((await once(child.stdout!, 'data') as [Buffer])[0]));
    const group = new NamespaceProcesses(stateDir).group('one', directory);
    expect([group.residentBytes(), group.cpuNanoseconds()]).toEqual([0, 0n]);
    group.born(child.pid!);
    expect(group.residentBytes()).toBeGreaterThan(100_000);
    const used = group.cpuNanoseconds();
    expect(used).toBeGreaterThan(0n);
    group.killAll();
    await once(child, 'close');
    await group.remove();
    expect(isAlive(sleeper)).toBe(false);
    expect(group.cpuNanoseconds()).toBe(used);
  });

  test('what an earlier runtime left is ended, nothing else', async () => {
    const child = await container();
    const sleeper = Number(String((await once(child.stdout!, 'data') as [Buffer])[0]));
    new NamespaceProcesses(stateDir).group('one', directory).born(child.pid!);
    await new NamespaceProcesses(stateDir).start();
    expect(isAlive(sleeper)).toBe(false);
    expect(isAlive(process.pid)).toBe(true);
  });

  test('a process in the server\'s own namespace is none of a container\'s', () => {
    expect(() => { new NamespaceProcesses(stateDir).group('one', directory).born(process.pid); }).toThrow(/is in the server's mount namespace/);
  });
});
