import { runCommand } from '../../../provisioner/helm/process.ts';

const base = { binary: '/bin/sh', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 20_000, killAfterMs: 200 };
const sh = (script: string) => ({ ...base, args: ['-c', script] });

describe('runCommand', () => {
  it('passes stdin and gives back both streams and the exit code', async () => {
    const result = await runCommand({ ...sh('cat; echo no >&2; exit 3'), stdin: 'values' });
    expect(result).toEqual({ kind: 'exited', code: 3, stdout: 'values', stderr: 'no\n' });
  });

  it('inherits nothing of our environment', async () => {
    const result = await runCommand({ binary: '/usr/bin/env', args: [], env: { ONLY: 'this' }, timeoutMs: 20_000, killAfterMs: 200 });
    expect(result).toMatchObject({ stdout: 'ONLY=this\n' });
  });

  it('stops politely at the deadline', async () => {
    const result = await runCommand({ ...sh('trap "echo marked failed >&2; exit 1" TERM; sleep 30 & wait'), timeoutMs: 300, killAfterMs: 10_000 });
    expect(result).toEqual({ kind: 'timedOut', stderr: 'marked failed\n' });
  });

  it('kills what does not want to stop', async () => {
    const abort = new AbortController();
    const running = runCommand({ ...sh('trap "" TERM; while :; do sleep 0.1; done'), signal: abort.signal });
    setTimeout(() => abort.abort(), 200);
    expect(await running).toMatchObject({ kind: 'aborted' });
  });

  it('knows a kill by somebody else from a failure of its own, also behind a shell', async () => {
    expect(await runCommand(sh('kill -9 $$'))).toEqual({ kind: 'killed' });
    expect(await runCommand(sh('sh -c "kill -9 \\$\\$"; exit $?'))).toEqual({ kind: 'killed' });
  });

  it('starts nothing when it is aborted already', async () => {
    expect(await runCommand({ ...sh('exit 0'), signal: AbortSignal.abort() })).toMatchObject({ kind: 'aborted' });
  });

  it('says that a binary is missing', async () => {
    expect(await runCommand({ ...sh(''), binary: '/nowhere/helm' })).toMatchObject({ kind: 'notStarted', cause: { code: 'ENOENT' } });
  });

  it('does not mind a child that never reads its stdin', async () => {
    expect(await runCommand({ ...sh('exit 0'), stdin: 'x'.repeat(1_000_000) })).toMatchObject({ kind: 'exited', code: 0 });
  });
});
