/** The commands of docs/sandbox.md, run as they stand there: a block of shell below `<!-- test: name -->`. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from './keelson.ts';

const repository = join(import.meta.dirname, '..', '..');
const page = join(repository, 'docs', 'sandbox.md');

/** The text of a block. @throws when the page has no such block */
export function documented(name: string): string {
  const block = new RegExp(`<!-- test: ${name} -->\\n\`\`\`sh\\n([^]*?)\`\`\``).exec(readFileSync(page, 'utf8'))?.[1];
  if (block === undefined) throw new Error(`docs/sandbox.md has no block "${name}"`);
  return block;
}

/** The commands in the page's table of faults, with every option, as they stand there: `machine NODE --how disk-full [--path /var/log]`. */
export function documentedFaults(): string[] {
  const [, table = ''] = readFileSync(page, 'utf8').split('| `keelson sandbox break` |');
  return [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, command = '']) => command.replaceAll('\\|', '|'));
}

/** The shell in which the page's commands run: kubectl on PATH, the management cluster behind it. */
export interface Shell {
  /** The pinned tools. */
  readonly tools: string;
  readonly kubeconfig: string;
  /** Where `bin/keelson` finds the fleet; that of the user unless told. */
  readonly stateHome?: string;
}

export interface Refusal {
  readonly command: string;
  /** What the answer says. */
  readonly words: string;
}

/** A block of one command per line, each with the words of its refusal as a comment. */
export function documentedRefusals(name: string): Refusal[] {
  return documented(name).trim().split('\n').map((line) => {
    const [, command, words] = /^(.*\S) +# (.+)$/.exec(line) ?? [];
    if (command === undefined || words === undefined) throw new Error(`block "${name}" of docs/sandbox.md: ${line} has no words of a refusal behind it`);
    return { command, words };
  });
}

/** Runs a block as it stands on the page. */
export const runDocumented = (shell: Shell, name: string, timeoutMs?: number): Promise<Ran> => runScript(shell, documented(name), timeoutMs);

/** Runs commands in the page's shell. */
export function runScript({ tools, kubeconfig, stateHome }: Shell, script: string, timeoutMs = 900_000): Promise<Ran> {
  const environment = { ...process.env, PATH: `${tools}:${process.env['PATH'] ?? ''}`, KUBECONFIG: kubeconfig, ...(stateHome === undefined ? {} : { XDG_STATE_HOME: stateHome }) };
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-euc', script], { cwd: repository, env: environment, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 128, stdout, stderr }));
  });
}
