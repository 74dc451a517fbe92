import { readFile } from 'node:fs/promises';
import { secondsOf } from '../../../sandbox/faults/duration.ts';
import { FaultError } from '../../../sandbox/faults/errors.ts';
import { problemsOf } from '../../../sandbox/faults/problems.ts';
import { faultRequest, type FaultRequest, type FaultStatus, type HealedFault } from '../../../sandbox/faults/request.ts';
import { readScenario } from '../../../sandbox/faults/scenario.ts';
import { needsOf } from '../../../sandbox/fleet/fault-needs.ts';
import { playScenario } from '../../../sandbox/fleet/play-scenario.ts';
import { worldOf } from '../../../sandbox/fleet/context.ts';
import type { CliContext, OutputOptions } from '../context.ts';
import { fleetContext } from '../fleet-context.ts';
import { write } from '../write.ts';

/** Arguments and flags of one `break` by their names. */
export type BreakOptions = OutputOptions & Readonly<Record<string, string | number | boolean | undefined>>;

/** `keelson sandbox break WHAT`: prints the fault with its id. */
export async function breakOne(context: CliContext, what: string, options: BreakOptions): Promise<void> {
  const request = requestOf(what, options);
  const fleet = fleetContext(context);
  await needsOf(request, fleet, (text) => void context.stderr.write(`keelson: ${text}\n`));
  const fault = await worldOf(fleet).break(request, context.signal);
  write(context, options.output, fault, () => `${fault.id}: ${fault.summary}\n${fault.isLasting ? `heal it with: keelson sandbox heal ${fault.id}${fault.until ? ` (by itself at ${fault.until})` : ''}\n` : ''}`);
}

/** `keelson sandbox faults`. */
export async function listFaults(context: CliContext, options: OutputOptions): Promise<void> {
  const faults = await worldOf(fleetContext(context)).faults(context.signal);
  write(context, options.output, faults, () => (faults.length === 0 ? 'nothing is broken\n' : faults.map(line).join('')));
}

/** `keelson sandbox heal [ID|all]`. */
export async function heal(context: CliContext, id: string, options: OutputOptions): Promise<void> {
  const healed = await worldOf(fleetContext(context)).heal(id === 'all' ? undefined : id, context.signal);
  write(context, options.output, healed, () => (healed.length === 0 ? 'nothing was broken\n' : healed.map(healedLine).join('')));
}

/** `keelson sandbox scenario FILE`: exit code 1 when something expected did not happen. */
export async function scenario(context: CliContext, file: string, options: OutputOptions & { readonly check?: true }): Promise<void> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FaultError('FAULT_BAD_SCENARIO', `cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  const wanted = readScenario(text, file);
  if (options.check) return write(context, options.output, wanted, () => `${file}: ${wanted.steps.length} steps\n`);
  const report = await playScenario(wanted, fleetContext(context), (said) => void context.stderr.write(`${said}\n`));
  write(context, options.output, report, () => `${report.name}: ${report.ok ? 'all that was expected happened' : 'not all that was expected happened'}\n`);
  context.setExitCode(report.ok ? 0 : 1);
}

/** The fault that a command line asks for. @throws FaultError FAULT_BAD_PARAMETER naming every problem */
export function requestOf(what: string, options: BreakOptions): FaultRequest {
  const { output: _output, for: duration, node, zone, cluster, name, from, to, ...flags } = options;
  const span = (key: string): number | undefined => (typeof flags[key] === 'string' ? secondsOf(flags[key], `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`) : undefined);
  const target = what === 'process' ? name : (flags['target'] ?? (what === 'zone' ? zone : what === 'clock' ? cluster : what === 'cert' ? undefined : node));
  const milliseconds = (key: string): number | undefined => { const found = span(key); return found === undefined ? undefined : found * 1000; };
  const special: Readonly<Record<string, object>> = {
    link: { from, to, oneWay: flags['oneWay'] ?? false },
    latency: { target, ms: milliseconds('delay'), jitterMs: milliseconds('jitter') },
    clock: { target, how: flags['how'], offsetSeconds: span('offset') },
    process: { target, node, cluster, how: flags['how'] },
    cert: { target, node, cluster, how: flags['how'] },
    api: { service: flags['service'], method: flags['method'], path: flags['path'], project: flags['project'], probability: flags['probability'], count: flags['count'], effect: effectOf(flags, { milliseconds, seconds: span }) },
  };
  const given = defined({ what, ...(special[what] ?? { target, ...flags }), ...(typeof duration === 'string' ? { forSeconds: secondsOf(duration, '--for') } : {}) });
  const parsed = faultRequest.safeParse(given);
  if (!parsed.success) throw new FaultError('FAULT_BAD_PARAMETER', `${what}: ${problemsOf(parsed.error, faultRequest, given).join('; ')}`);
  return parsed.data;
}

/** The flags that belong to an effect; the schema names what is missing. */
function effectOf(flags: Readonly<Record<string, unknown>>, spans: { readonly milliseconds: (key: string) => number | undefined; readonly seconds: (key: string) => number | undefined }): object {
  const kind = flags['effect'];
  switch (kind) {
    case 'status': return defined({ kind, status: flags['status'], message: flags['message'] });
    case 'delay': return defined({ kind, delayMs: spans.milliseconds('delay'), jitterMs: spans.milliseconds('jitter') });
    case 'rateLimit': return defined({ kind, retryAfterSeconds: spans.seconds('retryAfter') });
    case 'halfApplied': return defined({ kind, answer: flags['answer'] });
    default: return { kind };
  }
}

function defined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function line({ id, summary, observed, until, trouble }: FaultStatus): string {
  return `${id}: ${summary}; ${observed}${until ? `; heals at ${until}` : ''}${trouble ? `; could not be healed: ${trouble}` : ''}\n`;
}

function healedLine({ id, summary, note }: HealedFault): string {
  return `${id} is healed (${summary})${note ? `; ${note}` : ''}\n`;
}
