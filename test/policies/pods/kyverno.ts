/** Runs the Kyverno CLI over policies and objects. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../../sandbox/tools/index.ts';

const program = join(cacheDirectory(process.env), 'tools', 'bin', 'kyverno');

export interface KyvernoResult {
  readonly policy: string;
  readonly result: 'pass' | 'fail' | 'skip' | 'error' | 'warn';
  readonly message: string;
  readonly resources: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/** Every verdict of every policy on every object. Names of objects must be unique. */
export async function kyvernoApply(policies: readonly object[], objects: readonly object[], exceptions: readonly object[] = []): Promise<KyvernoResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kyverno-'));
  try {
    const write = async (name: string, documents: readonly object[]): Promise<string> => {
      await writeFile(join(folder, name), documents.map((document) => JSON.stringify(document)).join('\n---\n'));
      return join(folder, name);
    };
    const args = ['apply', await write('policies.yaml', policies), '--resource', await write('objects.yaml', objects), '--policy-report', '--output-format', 'json'];
    if (exceptions.length > 0) args.push('--exceptions', await write('exceptions.yaml', exceptions));
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 256 * 1024 * 1024 }).catch((error: { code?: number; stdout: string; stderr: string }) => {
      // 1: some object failed.
      if (error.code === 1 && error.stdout.startsWith('{')) return error;
      throw new Error(`kyverno ${args.join(' ')}: ${error.stderr}${error.stdout}`);
    });
    return (JSON.parse(stdout.slice(stdout.indexOf('{'))) as { results: KyvernoResult[] }).results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
