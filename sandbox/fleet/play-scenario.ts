/** Plays a scenario against the running fleet, step by step, and heals at the end what it broke, however it ends. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../provisioner/cli/explain.ts';
import type { Expectation, Scenario, Step } from '../faults/scenario.ts';
import { worldOf, type FleetContext } from './context.ts';
import { needsOf } from './fault-needs.ts';
import type { FleetStatus } from './fleet-status.ts';
import { lookAt } from './look.ts';
import { isPage } from './pages.ts';
import { kubeconfigPath } from './places.ts';

export interface StepReport {
  /** "break zone", "heal zone", "expect readyNodes". */
  readonly step: string;
  /** Seconds after the start at which it was done. */
  readonly seconds: number;
  readonly ok: boolean;
  readonly message: string;
}

export interface ScenarioReport { readonly name: string; readonly ok: boolean; readonly steps: readonly StepReport[] }

/** Between two looks at something expected. */
const pauseMs = 2000;

/** @param say told of each step as it happens */
export async function playScenario(scenario: Scenario, context: FleetContext, say: (text: string) => void): Promise<ScenarioReport> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const world = worldOf(context);
  const faults = new Map<string, string>();
  const steps: StepReport[] = [];
  const play = async (step: Step): Promise<string> => {
    if (step.break) {
      await needsOf(step.break, context, say);
      const fault = await world.break(step.break, context.signal);
      if (fault.isLasting) faults.set(step.as ?? fault.id, fault.id);
      return `${fault.id}: ${fault.summary}`;
    }
    if (step.heal !== undefined) {
      const names = step.heal === 'all' ? [...faults.keys()].reverse() : [step.heal];
      const notes: string[] = [];
      for (const name of names) for (const healed of await world.heal(faults.get(name) ?? name, context.signal)) notes.push(healed.note ?? healed.summary);
      for (const name of names) faults.delete(name);
      return notes.join('; ');
    }
    return step.expect ? expected(step.expect, step, context) : '';
  };
  try {
    for (const step of scenario.steps) {
      await sleep(Math.max(0, step.at * 1000 - (performance.now() - began)), undefined, { signal: context.signal });
      const outcome = await play(step).then((message) => ({ ok: true, message }), (error: unknown) => ({ ok: false, message: messageOf(error) }));
      context.signal.throwIfAborted();
      const report: StepReport = { step: titleOf(step), seconds: seconds(), ...outcome };
      steps.push(report);
      say(`${String(report.seconds).padStart(7)} s  ${report.ok ? 'ok    ' : 'FAILED'}  ${report.step}: ${report.message}`);
      // Later steps build on this one: without its fault, or its state, they would tell nothing.
      if (!report.ok) break;
    }
  } finally {
    for (const id of [...faults.values()].reverse()) await world.heal(id).catch((error: unknown) => { say(`${id} could not be healed: ${messageOf(error)}`); });
  }
  return { name: scenario.name, ok: steps.length === scenario.steps.length && steps.every((step) => step.ok), steps };
}

function titleOf(step: Step): string {
  if (step.break) return `break ${step.break.what}`;
  if (step.heal !== undefined) return `heal ${step.heal}`;
  const { page, run, readyNodes, available } = step.expect ?? {};
  return `expect ${[readyNodes !== undefined && 'readyNodes', available !== undefined && 'available', page !== undefined && `page ${page}`, run !== undefined && 'run'].filter((one) => one !== false).join(', ')}`;
}

/** Looks until it is so, and then as long as it has to stay so. Throws with what was seen last. */
async function expected(wanted: Expectation, { within, for: stays }: Step, context: FleetContext): Promise<string> {
  const deadline = performance.now() + within * 1000;
  let since: number | undefined;
  for (;;) {
    const { holds, seen } = await look(wanted, context);
    const now = performance.now();
    since = holds ? (since ?? now) : undefined;
    if (since !== undefined && now - since >= stays * 1000) return seen;
    if (since === undefined && now >= deadline) throw new Error(`not within ${within} s; seen last: ${seen}`);
    await sleep(pauseMs, undefined, { signal: context.signal });
  }
}

interface Sight { readonly holds: boolean; readonly seen: string }

async function look(wanted: Expectation, context: FleetContext): Promise<Sight> {
  const sights: Sight[] = [];
  if (wanted.readyNodes !== undefined || wanted.available !== undefined || wanted.page !== undefined) sights.push(...inFleet(wanted, await lookAt(context)));
  if (wanted.run !== undefined) sights.push(await ran(wanted.run, wanted, context));
  return { holds: sights.every((sight) => sight.holds), seen: sights.map((sight) => sight.seen).join(', ') };
}

function inFleet({ cluster, readyNodes, available, page, state }: Expectation, fleet: FleetStatus): Sight[] {
  const found = fleet.clusters.find((one) => one.name === cluster);
  if (cluster !== undefined && !found) return [{ holds: false, seen: `no cluster ${cluster}; there are ${fleet.clusters.map((one) => one.name).join(', ')}` }];
  return [
    ...(readyNodes === undefined || !found ? [] : [{ holds: found.nodes.ready === readyNodes, seen: `${found.nodes.ready} of ${found.nodes.total} nodes of ${found.name} are ready` }]),
    ...(available === undefined || !found ? [] : [{ holds: found.available === available, seen: `cluster ${found.name} is ${found.available ? '' : 'not '}available${found.reason ? ` (${found.reason})` : ''}` }]),
    ...(page === undefined ? [] : [{ holds: isPage(page, state, fleet.pages), seen: `pages: ${fleet.pages.map((one) => `${one.alert} ${one.state}`).join(', ') || 'none'}` }]),
  ];
}

function ran(script: string, { cluster, exitCode, output }: Expectation, { places, environment, signal }: FleetContext): Promise<Sight> {
  const env = { ...environment, PATH: `${places.tools}:${environment['PATH'] ?? ''}`, ...(cluster === undefined ? {} : { KUBECONFIG: kubeconfigPath(places, cluster) }) };
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL', signal });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
    child.on('error', (error) => { resolve({ holds: false, seen: error.message }); });
    child.on('close', (code) => { resolve({ holds: code === exitCode && (output === undefined || text.includes(output)), seen: `exit code ${code ?? 'none'}: ${text.trim().slice(-300)}` }); });
  });
}
