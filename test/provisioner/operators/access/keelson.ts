/** The command line in this process, as one person runs it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram } from '../../../../provisioner/cli/program.ts';
import type { Person } from './plane.ts';

export interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** @throws what the command throws */
export async function keelson(who: Pick<Person, 'kubeconfig'>, args: readonly string[]): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-login-'));
  let [out, err, code] = ['', '', 0];
  const sink = (write: (text: string) => void): never => ({ write: (text: string) => (write(text), true), isTTY: false, columns: 80 }) as never;
  try {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, who.kubeconfig, { mode: 0o600 });
    await buildProgram({
      env: {}, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () {})(),
      stdout: sink((text) => (out += text)), stderr: sink((text) => (err += text)), setExitCode: (c) => (code = c),
    }).parseAsync([...args, '--kubeconfig', file], { from: 'user' });
    return { out, err, code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
