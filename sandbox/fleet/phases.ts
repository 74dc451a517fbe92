/**
 * A fleet comes up in named phases. Each is timed, shown while it runs, and may be run again: what is there already is
 * found and kept. The seconds of the last good run are the estimate of the next.
 */
import { messageOf } from '../../provisioner/cli/explain.ts';
import { FleetError } from './errors.ts';

export interface Phase<Context> {
  readonly name: string;
  /** What the user reads while it runs: "Management cluster". */
  readonly title: string;
  run(context: Context, step: (what: string) => void): Promise<void>;
}

export type PhaseState = 'done' | 'failed' | 'not-run';

export interface PhaseReport {
  readonly name: string;
  readonly state: PhaseState;
  readonly seconds: number;
  /** Why it failed. */
  readonly message?: string;
}

/** Where progress goes: a terminal line, log lines, or nowhere. */
export interface Progress {
  begin(phase: { name: string; title: string; index: number; count: number; estimateSeconds: number | undefined }): void;
  step(what: string): void;
  end(report: PhaseReport): void;
}

export interface RunPhasesOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Seconds of each phase in the last good run. */
  readonly estimates?: Readonly<Record<string, number>>;
}

export interface PhasesResult {
  readonly reports: readonly PhaseReport[];
  /** The error of the phase that failed. */
  readonly error?: unknown;
}

/** Runs phases in order and stops at the first that fails; the others are reported as not run. */
export async function runPhases<Context>(phases: readonly Phase<Context>[], context: Context, options: RunPhasesOptions): Promise<PhasesResult> {
  const reports: PhaseReport[] = [];
  let error: unknown;
  for (const [index, phase] of phases.entries()) {
    if (error !== undefined) {
      reports.push({ name: phase.name, state: 'not-run', seconds: 0 });
      continue;
    }
    const began = options.now();
    options.progress.begin({ name: phase.name, title: phase.title, index, count: phases.length, estimateSeconds: options.estimates?.[phase.name] });
    try {
      options.signal.throwIfAborted();
      await phase.run(context, (what) => options.progress.step(what));
    } catch (cause) {
      error = options.signal.aborted ? new FleetError('FLEET_INTERRUPTED', `interrupted in phase "${phase.title}"; "keelson up" continues, "keelson down" removes what is there`, { cause }) : cause;
    }
    const seconds = (options.now() - began) / 1000;
    const report: PhaseReport = error === undefined ? { name: phase.name, state: 'done', seconds } : { name: phase.name, state: 'failed', seconds, message: messageOf(error) };
    reports.push(report);
    options.progress.end(report);
  }
  return error === undefined ? { reports } : { reports, error };
}
