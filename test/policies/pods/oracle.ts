/** Asks the reference implementation (test/oracles/pss) about many pods, and finds upstream's fixtures in its module. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { load } from 'js-yaml';
import type { Fields } from '../../../policies/pods/fields.ts';
import { cacheDirectory, ensureModule } from '../../../sandbox/tools/index.ts';

const program = join(cacheDirectory(process.env), 'tools', 'bin', 'pss-oracle');

export interface Question {
  readonly version: string;
  readonly metadata: object;
  readonly spec: object;
}

export interface OracleAnswer {
  /** Every check in force at that version which refuses the pod, sorted, whatever its level. */
  readonly denied: readonly string[];
  readonly baseline: boolean;
  readonly restricted: boolean;
  readonly error?: string;
}

/** Answers in the order of the questions. One process per call. */
export async function askOracle(questions: Iterable<Question>): Promise<OracleAnswer[]> {
  const oracle = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_, reject) => oracle.once('error', reject));
  const answers: OracleAnswer[] = [];
  const read = (async () => {
    for await (const line of createInterface({ input: oracle.stdout })) answers.push(JSON.parse(line) as OracleAnswer);
    return answers;
  })();
  const write = (async () => {
    for (const question of questions) {
      if (!oracle.stdin.write(`${JSON.stringify(question)}\n`)) await new Promise((resolve) => oracle.stdin.once('drain', resolve));
    }
    oracle.stdin.end();
  })();
  return Promise.race([failed, Promise.all([read, write]).then(() => answers)]);
}

export interface Fixture {
  readonly level: 'baseline' | 'restricted';
  /** v1.25 */
  readonly version: string;
  readonly expected: 'pass' | 'fail';
  /** File name without number and ending: "hostports"; the check it is about, in lower case. */
  readonly about: string;
  readonly name: string;
  readonly pod: Fields & { metadata: { name: string; annotations?: Record<string, string> }; spec: Record<string, unknown> };
}

/** The folder of upstream's fixtures. Downloads the module where it is not there yet. */
export async function fixtureFolder(): Promise<string> {
  const module = await ensureModule('pss-oracle', 'k8s.io/pod-security-admission', { cacheDir: cacheDirectory(process.env), environment: process.env, signal: AbortSignal.timeout(120_000) });
  return join(module, 'test', 'testdata');
}

/** All fixtures below a folder laid out as upstream's: level/version/{pass,fail}/file, from v1.25 on. */
export function fixturesIn(folder: string, versions: (minor: number) => boolean = (minor) => minor >= 25): Fixture[] {
  const found: Fixture[] = [];
  for (const level of ['baseline', 'restricted'] as const) {
    for (const version of readdirSync(join(folder, level)).filter((name) => versions(Number(name.split('.')[1])))) {
      for (const expected of ['pass', 'fail'] as const) {
        const files = join(folder, level, version, expected);
        for (const file of readdirSync(files).sort()) {
          const name = file.replace(/\.yaml$/, '');
          found.push({ level, version, expected, about: name.replace(/[0-9]+$/, ''), name, pod: load(readFileSync(join(files, file), 'utf8')) as Fixture['pod'] });
        }
      }
    }
  }
  return found;
}
