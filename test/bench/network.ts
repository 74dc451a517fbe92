/** The simulator of network policies on a large cluster: the whole matrix, one question. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './figures.ts';

interface Measured {
  readonly policies: number;
  readonly pods: number;
  readonly groups: number;
  readonly matrixSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly readMs: number;
  readonly firstMs: number;
  readonly warmP99Ms: number;
}

export async function networkFigures(): Promise<Figure[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'network-measure.ts')], { timeout: 300_000 });
  const m = JSON.parse(stdout) as Measured;
  const size = `${m.policies} policies of all kinds, ${m.pods} pods`;
  return [
    { what: 'network: reachability matrix', measured: m.matrixSeconds, unit: 's', goal: 5, note: `${size}: ${m.groups} groups, every pair of them asked; policies read from objects; ${m.cpuSeconds.toFixed(1)} s of CPU` },
    { what: 'network: peak memory of the process for it', measured: m.peakMb, unit: 'MB', goal: 500, note: 'resident, Node included' },
    { what: 'network: one decision with its cause, warm, 99th percentile', measured: m.warmP99Ms, unit: 'ms', goal: 10, note: `${size}, 2,000 flows between pods` },
    { what: 'network: the first decision', measured: m.firstMs, unit: 'ms' },
    { what: 'network: reading the policies', measured: m.readMs, unit: 'ms', note: `${m.policies} objects into rules` },
  ];
}
