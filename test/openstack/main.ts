/**
 * The contract suite: the same cases on the simulated cloud and on real ones, and what differs.
 *
 *   node test/openstack/main.ts --simulation            the simulation against what was observed on the lab
 *   node test/openstack/main.ts --lab [--keep]          the lab (installed and started if need be) against the simulation and the record
 *   OS_CLOUD=mycloud node test/openstack/main.ts        your cloud against the simulation: keys, types, statuses, refusals, sequences
 *   … --record                                          writes what the lab answers to observed/
 *   … --only <part of a name>                           some cases
 */
import { parseArgs } from 'node:util';
import { parseClouds } from '../../provisioner/openstack/index.ts';
import { allowed, sift } from './allowed.ts';
import { cases } from './cases.ts';
import { compare, type Difference, type Level } from './compare.ts';
import { readGolden, writeGolden } from './golden.ts';
import { labTarget, startLab, wipeLab } from './lab.ts';
import type { Observation } from './observation.ts';
import { runCases, type Run } from './run.ts';
import { startSimulation } from './simulation.ts';
import { findCloudsYaml, Target } from './target.ts';

const { values: flags } = parseArgs({ options: {
  simulation: { type: 'boolean' }, lab: { type: 'boolean' }, keep: { type: 'boolean' }, running: { type: 'boolean' }, record: { type: 'boolean' }, only: { type: 'string' }, verbose: { type: 'boolean' },
} });
const isWhole = flags.only === undefined;
const chosen = cases.filter((one) => isWhole || one.name.includes(flags.only ?? ''));
const lab = { state: process.env['LAB_STATE'] ?? '/var/tmp/keelson-openstack-lab' };
let passed = 0;
let failed = 0;

const real = await runReal();
const simulated = await runSimulation(real?.byPassword ?? false);
if (real) await judgeReal(real, simulated);
else await judgeSimulation(simulated);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runReal(): Promise<{ run: Run; target: string; byPassword: boolean } | undefined> {
  const cloud = process.env['OS_CLOUD'];
  if (!flags.lab && (flags.simulation || cloud === undefined)) return undefined;
  const target = flags.lab ? await (flags.running ? labTarget(lab) : startLab(lab)) : await theirCloud(cloud ?? '');
  try {
    return { run: await runCases(target, chosen, console.error), target: target.name, byPassword: target.isByPassword };
  } finally {
    await target.close();
    if (flags.lab && !flags.keep && !flags.running) await wipeLab(lab);
  }
}

async function theirCloud(cloud: string): Promise<Target> {
  const cloudsYaml = await findCloudsYaml(process.env['OS_CLIENT_CONFIG_FILE']);
  const admin = process.env['OS_ADMIN_CLOUD'];
  const hasPassword = parseClouds(cloudsYaml, cloud).auth.password !== undefined;
  const owner = process.env['OS_OWNER_CLOUD'] ?? (hasPassword ? cloud : undefined);
  return new Target({ name: cloud, cloudsYaml, member: cloud, ...(owner === undefined ? {} : { owner }), ...(admin === undefined ? {} : { admin }) });
}

async function runSimulation(byPassword: boolean): Promise<Run> {
  const simulation = await startSimulation({ byPassword });
  try {
    return await runCases(simulation.target, chosen, flags.verbose ? console.error : () => undefined);
  } finally {
    await simulation.stop();
  }
}

async function judgeSimulation(run: Run): Promise<void> {
  reportRun('simulation', run);
  const differences = new Map<string, Difference[]>();
  for (const observation of run.observations) {
    const golden = await readGolden(observation.case);
    if (golden) differences.set(observation.case, compare(observation, golden, 'values'));
    else check(`simulation: ${observation.case}`, ['was never observed on the lab: run with --lab --record']);
  }
  judge('simulation', differences, true);
}

async function judgeReal({ run, target }: { run: Run; target: string }, simulation: Run): Promise<void> {
  reportRun(target, run);
  reportRun('simulation', simulation);
  if (flags.record && flags.lab) await writeGolden(run.observations, isWhole && run.broken.length === 0);
  const level: Level = flags.lab ? 'values' : 'shape';
  const bySimulation = new Map(simulation.observations.map((one) => [one.case, one]));
  const differences = new Map<string, Difference[]>();
  for (const observation of run.observations) {
    const other = bySimulation.get(observation.case);
    if (other) differences.set(observation.case, compare(other, observation, level));
    if (flags.lab) await checkRecord(observation);
  }
  judge(`simulation and ${target}`, differences, Boolean(flags.lab));
}

/** The record must still be what the lab says, or runs without the lab hold the simulation to the wrong thing. */
async function checkRecord(observation: Observation): Promise<void> {
  const golden = await readGolden(observation.case);
  const drift = golden ? compare(golden, observation, 'values') : [];
  const found = golden ? drift.map((one) => `${one.step}: ${one.path}: recorded ${one.simulation}, now ${one.real}`) : ['no record: run with --record'];
  check(`record: ${observation.case}`, found);
}

/** @param isReference the real side is the lab, which every allowed difference speaks of */
function judge(who: string, differences: ReadonlyMap<string, readonly Difference[]>, isReference: boolean): void {
  const used = new Set<unknown>();
  for (const [name, found] of differences) {
    const sifted = sift(found, allowed);
    for (const entry of sifted.used) used.add(entry);
    const excused = sifted.excused > 0 ? ` (${sifted.excused} allowed differences)` : '';
    check(`${who}: ${name}${excused}`, sifted.refused.map((one) => `${one.step}: ${one.path}: simulation ${one.simulation}, real ${one.real}`));
  }
  if (!isWhole || !isReference) return;
  const unused = allowed.filter((entry) => !used.has(entry));
  check(`${who}: every allowed difference is needed`, unused.map((entry) => `not needed: ${entry.case}, ${entry.step}, ${entry.path} (${entry.because})`));
}

function reportRun(who: string, run: Run): void {
  for (const { name, why } of run.broken) check(`${who}: ${name}`, [why]);
  for (const { name, why } of run.skipped) console.log(`skip ${who}: ${name}: ${why}`);
  check(`${who}: nothing is left behind`, run.leftovers);
}

function check(what: string, failures: readonly string[]): void {
  if (failures.length === 0) passed += 1;
  else failed += 1;
  console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${what}`);
  for (const failure of failures) console.log(`       ${failure.length > 600 ? `${failure.slice(0, 600)}…` : failure}`);
}
