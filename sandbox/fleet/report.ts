/** The report of a start: kept in the state folder, so that the next start can estimate and `keelson status` can tell. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const phase = z.object({ name: z.string(), state: z.enum(['done', 'failed', 'not-run']), seconds: z.number(), message: z.string().optional() });

export const fleetReport = z.object({
  /** Whether every phase held. */
  ok: z.boolean(),
  phases: z.array(phase),
});
export type FleetReport = z.output<typeof fleetReport>;

const file = (state: string): string => join(state, 'report.json');

/** The last report; undefined when there is none or it cannot be read (it is only an estimate). */
export async function readReport(state: string): Promise<FleetReport | undefined> {
  const text = await readFile(file(state), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return fleetReport.parse(JSON.parse(text));
  } catch (_) {
    return undefined;
  }
}

export async function writeReport(state: string, report: FleetReport): Promise<void> {
  await mkdir(state, { recursive: true });
  await writeFile(`${file(state)}.new`, `${JSON.stringify(report, undefined, 2)}\n`);
  await rename(`${file(state)}.new`, file(state));
}

/** Seconds by phase of a report, for estimates. */
export function estimatesOf(report: FleetReport | undefined): Record<string, number> {
  return Object.fromEntries((report?.phases ?? []).filter((p) => p.state === 'done').map((p) => [p.name, p.seconds]));
}
