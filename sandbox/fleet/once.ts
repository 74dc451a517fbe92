/** Up, demo and down in one go, for a pipeline: every phase reported, and down whatever happened before. */
import { messageOf } from '../../provisioner/cli/explain.ts';
import type { FleetContext } from './context.ts';
import type { PhaseReport, PhasesResult, Progress } from './phases.ts';
import type { FleetReport } from './report.ts';

export interface OnceParts {
  bringUp(context: FleetContext, progress: Progress): Promise<PhasesResult>;
  runDemo(context: FleetContext, progress: Progress): Promise<PhasesResult>;
  takeDown(context: FleetContext): Promise<void>;
}

export async function runOnce(context: FleetContext, progress: Progress, parts: OnceParts): Promise<FleetReport> {
  const up = await parts.bringUp(context, progress);
  const demo: PhasesResult = up.error === undefined ? await parts.runDemo(context, progress) : { reports: [{ name: 'demo', state: 'not-run', seconds: 0 }] };
  const down = await timed('down', () => parts.takeDown(context));
  const phases = [...up.reports, ...demo.reports, down];
  return { ok: phases.every((p) => p.state === 'done'), phases };
}

async function timed(name: string, work: () => Promise<void>): Promise<PhaseReport> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    await work();
    return { name, state: 'done', seconds: seconds() };
  } catch (error) {
    return { name, state: 'failed', seconds: seconds(), message: messageOf(error) };
  }
}
