import { attempt, run } from '../../../sandbox/network/command.ts';

test('what a program prints comes back, and it gets its input', async () => {
  expect(await run('cat', [], { stdin: 'grüße' })).toBe('grüße');
});

test('a failure names the command, the object, the status and the words', async () => {
  await expect(run('sh', ['-c', 'echo no such thing >&2; exit 3'], { on: 'router r1' })).rejects.toMatchObject({ code: 'NETWORK_COMMAND_FAILED', message: 'sh -c echo no such thing >&2; exit 3 (router r1): exit status 3: no such thing' });
});

test('a program that is not there is a failure with its reason', async () => {
  expect(await attempt('no-such-program', [])).toEqual({ kind: 'failed', reason: expect.stringContaining('ENOENT') as string });
});

test('a program that takes too long is killed with all that it started', async () => {
  const began = performance.now();
  expect(await attempt('sh', ['-c', 'sleep 60 & sleep 60'], { timeoutMs: 100 })).toEqual({ kind: 'failed', reason: 'took longer than 100 ms: no words' });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('an interrupted program is killed', async () => {
  const stop = new AbortController();
  setTimeout(() => { stop.abort(); }, 50);
  expect(await attempt('sleep', ['60'], { signal: stop.signal })).toEqual({ kind: 'failed', reason: 'was interrupted: no words' });
  expect(await attempt('sleep', ['60'], { signal: stop.signal })).toEqual({ kind: 'failed', reason: 'was interrupted: no words' });
});

test('a program that does not read its input is no failure', async () => {
  expect(await attempt('true', [], { stdin: 'x'.repeat(1_000_000) })).toEqual({ kind: 'ok', stdout: '' });
});
