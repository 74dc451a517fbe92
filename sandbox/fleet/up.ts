/** The phases of `keelson up`, in order. Each finds what is there already, so that `up` twice is one fleet. */
import { imagesPhase } from './phase-images.ts';
import { clusterPhase } from './phase-cluster.ts';
import { componentsPhase, observationPhase } from './phase-components.ts';
import { managementPhase } from './phase-management.ts';
import { platformPhase } from './phase-platform.ts';
import { packagesPhase, toolsPhase } from './phase-tools.ts';
import { worldPhase } from './phase-world.ts';
import type { FleetContext } from './context.ts';
import { runPhases, type Phase, type PhasesResult, type Progress } from './phases.ts';
import { estimatesOf, readReport, writeReport } from './report.ts';

export const upPhases: readonly Phase<FleetContext>[] = [packagesPhase, toolsPhase, imagesPhase, worldPhase, managementPhase, platformPhase, clusterPhase, componentsPhase, observationPhase];

/** Brings the fleet up and keeps a report of it. The error, if any, is in the result. */
export async function bringUp(context: FleetContext, progress: Progress): Promise<PhasesResult> {
  const { state } = context.places;
  const result = await runPhases(upPhases, context, {
    progress, signal: context.signal, now: () => performance.now(), estimates: estimatesOf(await readReport(state)),
  });
  await writeReport(state, { ok: result.error === undefined, phases: result.reports.map((r) => ({ ...r })) }).catch(() => undefined);
  return result;
}
