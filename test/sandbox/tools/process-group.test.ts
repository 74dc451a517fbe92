import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { childSeconds, runGroup } from '../../../sandbox/tools/process-group.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const options = { cwd: '/', environment: { PATH: '/usr/bin:/bin' }, signal: new AbortController().signal };

describe('runGroup', () => {
  test('gives exit code, output of both streams and lines', async () => {
    const lines: string[] = [];
    const result = await runGroup(['sh', '-c', 'echo one; echo two >&2; exit 7'], { ...options, onLine: (line) => lines.push(line) });
    expect(result.code).toBe(7);
    expect(lines.sort()).toEqual(['one', 'two']);
    expect(result.output.split('\n').sort()).toEqual(['one', 'two']);
  });

  test('passes arguments as they are', async () => {
    expect((await runGroup(['printf', '%s|', '$HOME', "it's", 'a b'], options)).output).toBe("$HOME|it's|a b|");
  });

  test('counts the CPU seconds of children and grandchildren', async () => {
    const result = await runGroup(['sh', '-c', "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'"], options);
    expect(result.cpuSeconds).toBeGreaterThan(0.02);
  });

  test('stops grandchildren too when the signal is aborted, and throws its reason', async () => {
    const interruption = new AbortController();
    let pid = 0;
    const running = runGroup(['sh', '-c', "sh -c 'echo $$; exec sleep 60' & wait"], { ...options, signal: interruption.signal, onLine: (line) => { pid = Number(line); interruption.abort(new Error('enough')); } });
    await expect(running).rejects.toThrow('enough');
    // A process closes its files some moments before it is a zombie.
    for (let i = 0; i < 100 && isRunning(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isRunning(pid)).toBe(false);
  });

  test('kills what does not listen to SIGTERM', async () => {
    const interruption = new AbortController();
    const began = performance.now();
    const running = runGroup(['sh', '-c', "trap '' TERM; echo ready; while :; do sleep 0.1; done"], { ...options, signal: interruption.signal, graceMs: 100, onLine: () => interruption.abort(new Error('enough')) });
    await expect(running).rejects.toThrow('enough');
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test('throws at once when the signal is aborted already', async () => {
    await expect(runGroup(['sh', '-c', 'exit 0'], { ...options, signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });
});

/** A zombie has ended; whoever inherits it collects it when it likes. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('childSeconds', () => {
  test.each([
    ['dash', '0m0.00s 0m0.00s\n1m2.50s 0m3.25s\n', 65.75],
    ['bash', '0m0.001s 0m0.002s\n0m0.100s 0m0.050s\n', 0.15],
    ['nothing', '', 0],
  ])('reads the second line of %s', (_, text, seconds) => {
    expect(childSeconds(text)).toBeCloseTo(seconds);
  });
});
