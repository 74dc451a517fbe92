/** The full check of a bundle, as `keelson policy network check` does it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './figures.ts';

interface Measured {
  readonly firstMs: number;
  readonly warmMedianMs: number;
  /** User and system time of the process, other processes not counted; compiling and collecting of other threads is. */
  readonly firstProcessorMs: number;
  readonly warmProcessorMs: number;
  readonly findings: number;
  readonly policies: number;
  readonly pods: number;
  readonly components: number;
  readonly namespaces: number;
}

export async function networkCheckFigures(): Promise<Figure[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'network-check-measure.ts')], { timeout: 300_000 });
  const m = JSON.parse(stdout) as Measured;
  const size = `${m.components} components in ${m.namespaces} namespaces, ${m.pods} pods, ${m.policies} policies: contracts, prohibitions, leaks, lints; ${m.findings} findings`;
  return [
    { what: 'network: full check, median of a warm process', measured: m.warmMedianMs, unit: 'ms', goal: 300, note: `${size}; processor time ${Math.round(m.warmProcessorMs)} ms` },
    { what: 'network: full check, the first of a process', measured: m.firstMs, unit: 'ms', goal: 300, note: `the same, before anything is compiled: what the command line pays; processor time ${Math.round(m.firstProcessorMs)} ms` },
  ];
}
