/** Runs stages of the test command one after the other (a stage may run two things side by side) and adds up what they report. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Names of skipped tests, with the reason in the name. */
  readonly skipped: readonly string[];
}

export interface Stage {
  readonly name: string;
  run(): Promise<Tally>;
}

export interface StageResult extends Tally {
  readonly name: string;
  readonly seconds: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: [] };

export function add(...tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((n, t) => n + t.passed, 0),
    failed: tallies.reduce((n, t) => n + t.failed, 0),
    skipped: tallies.flatMap((t) => t.skipped),
  };
}

/** A command whose exit code is one test: 0 passes. */
export async function commandAsTest(name: string, argv: readonly [string, ...string[]]): Promise<Tally> {
  const code = await runCommand(argv);
  if (code !== 0) console.log(`FAIL ${name}: "${argv.join(' ')}" exited ${code}`);
  return code === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

/** A command that prints `N passed, N failed[, N skipped]` as its last such line; an exit code without one counts as one failure. */
export async function commandWithTally(argv: readonly [string, ...string[]]): Promise<Tally> {
  let output = '';
  const code = await runCommand(argv, {}, (text) => (output += text));
  const line = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  const failed = Number(line?.[2] ?? 0);
  const skipped = Array.from({ length: Number(line?.[3] ?? 0) }, () => argv.join(' '));
  return { passed: Number(line?.[1] ?? 0), failed: code !== 0 || !line ? Math.max(1, failed) : failed, skipped };
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** Jest over the files that match; a suite that does not even load counts as one failure. */
export async function jest(pattern: string, options: readonly string[] = [], env: Record<string, string> = {}): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-test-'));
  const file = join(folder, 'report.json');
  try {
    const code = await runCommand(
      ['node', '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--testRegex', pattern, '--json', '--outputFile', file, ...options],
      env,
    );
    const report = JSON.parse(await readFile(file, 'utf8')) as JestReport;
    const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
    const skipped = report.testResults.flatMap((s) => s.assertionResults.filter((a) => a.status !== 'passed' && a.status !== 'failed').map((a) => a.fullName));
    return { passed: report.numPassedTests, failed: code !== 0 ? Math.max(1, failed) : failed, skipped };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function runStages(stages: readonly Stage[]): Promise<StageResult[]> {
  const results: StageResult[] = [];
  for (const stage of stages) {
    console.log(`\n=== ${stage.name}`);
    const began = performance.now();
    const tally = await stage.run().catch((error: unknown): Tally => {
      console.log(`FAIL ${stage.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return { ...nothing, failed: 1 };
    });
    results.push({ name: stage.name, seconds: (performance.now() - began) / 1000, ...tally });
  }
  return results;
}

/** Prints the table and the closing line; returns the exit code. */
export function printClosing(results: readonly StageResult[]): number {
  console.log('\n=== stages');
  for (const r of results) console.log(`${r.seconds.toFixed(1).padStart(8)} s  ${r.name}: ${r.passed} passed, ${r.failed} failed${r.skipped.length ? `, ${r.skipped.length} skipped` : ''}`);
  const total = add(...results);
  for (const name of total.skipped) console.log(`skipped: ${name}`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped.length ? `, ${total.skipped.length} skipped` : ''}`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function runCommand(argv: readonly [string, ...string[]], env: Record<string, string> = {}, onOutput?: (text: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    // Whoever started us, the tests run on the Node.js of the lock file, and so does what they start.
    const command = argv[0] === 'node' ? process.execPath : argv[0];
    const path = `${join(process.cwd(), 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
    const child = spawn(command, argv.slice(1), { stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit'], env: { ...process.env, PATH: path, ...env } });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text);
      onOutput?.(text);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}
