/**
 * Figures that need fleets of their own: how long three control planes take, five machines rolled, a dead server replaced,
 * and how many clusters the machine carries. Each group brings a fleet up in a folder of its own and takes it down.
 */
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageBelow, type ProgramUsage } from '../../sandbox/fleet/usage.ts';
import type { FleetStatus } from '../../sandbox/fleet/fleet-status.ts';
import { readReport } from '../../sandbox/fleet/report.ts';
import { killServer } from '../e2e/host-view.ts';
import { Keelson } from '../e2e/keelson.ts';
import { isControlPlane, serverOf, Workload, type Machine } from '../e2e/machines.ts';
import { worldOf } from '../e2e/world-of.ts';
import type { Figure } from './figures.ts';

const size = { controlPlanes: 3, workers: 2 };
const patience = 900_000;
/** The last cluster shares the machine with all others, and takes many times as long to come up as the first. */
const patienceWithUp = 2 * patience;
/** The goal, and where the search ends: nobody needs to know more of a machine of two cores, and each further cluster takes three minutes. */
const goalClusters = 8;

/** Other work on the machine belongs to every figure. */
const busy = (): string => `load average ${loadavg()[0]?.toFixed(1)} when it began`;

/** A folder for a fleet, with nothing in it yet; whatever runs there ends afterwards. */
export async function withFleet<T>(work: (keelson: Keelson) => Promise<T>): Promise<T> {
  const keelson = new Keelson();
  try {
    return await work(keelson);
  } finally {
    await keelson.run(['down']);
    await rm(keelson.stateHome, { recursive: true, force: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Three control planes from nothing; five machines rolled; a dead worker and a dead control plane replaced. */
export function machineFigures(): Promise<Figure[]> {
  return withFleet(async (keelson) => {
    const demo = new Workload(keelson);
    const figures: Figure[] = [];
    const add = async (what: string, work: () => Promise<unknown>, goal?: number): Promise<void> => {
      const note = busy();
      figures.push({ what, measured: await seconds(work), unit: 's', note, ...(goal === undefined ? {} : { goal }) });
    };
    const note = busy();
    const { code } = await keelson.run(['up', '--control-planes', '3'], 1_800_000);
    const phases = (await readReport(keelson.state))?.phases ?? [];
    const untilCluster = phases.slice(0, phases.findIndex((phase) => phase.name === 'cluster') + 1).reduce((sum, phase) => sum + phase.seconds, 0);
    figures.push({ what: 'three control planes and two workers, warm `up` until Available', measured: code === 0 ? untilCluster : undefined, unit: 's', goal: 240, note: `all machines ready; ${note}` });
    if (code !== 0) return figures;
    const before = await demo.settled(size, patience);
    await add('five machines rolled by a change of flavor', () => rollAll(demo, before));
    for (const role of ['worker', 'control plane'] as const) await add(`dead ${role} until its replacement is Ready`, () => replaceOne(demo, role));
    return figures;
  });
}

async function rollAll(demo: Workload, before: readonly Machine[]): Promise<void> {
  const flavors = [{ op: 'replace', path: '/spec/topology/variables/1/value/flavor', value: 'k.medium' }, { op: 'replace', path: '/spec/topology/variables/2/value/flavor', value: 'k.large' }];
  const patched = await demo.keelson.kubectl('management', ['-n', demo.namespace, 'patch', 'cluster', demo.name, '--type', 'json', '-p', JSON.stringify(flavors)]);
  if (patched.code !== 0) throw new Error(patched.stderr);
  const old = new Set(before.map((machine) => machine.metadata.uid));
  await demo.settled(size, 2 * patience, (machine) => !old.has(machine.metadata.uid));
}

async function replaceOne(demo: Workload, role: 'worker' | 'control plane'): Promise<void> {
  const dead = (await demo.machines()).find((machine) => isControlPlane(machine) === (role === 'control plane'));
  if (!dead) throw new Error(`${demo.name} has no ${role}`);
  killServer(serverOf(dead));
  await demo.settled(size, patience, (machine) => machine.metadata.uid !== dead.metadata.uid);
}

/** One cluster of 1 + 2 after the other, until one of them is not Available any more or does not come up. */
export function capacityFigures(): Promise<Figure[]> {
  return withFleet(async (keelson) => {
    const note = busy();
    let last: { clusters: number; programs: readonly ProgramUsage[] } | undefined;
    let end = `the search ends at ${goalClusters}`;
    for (let clusters = 1; clusters <= goalClusters; clusters += 1) {
      const up = await keelson.run(['up', '--clusters', String(clusters)], patienceWithUp);
      const programs = up.code === 0 ? await usage(keelson) : [];
      const lost = up.code === 0 ? await unavailable(keelson) : [`number ${clusters} did not come up: ${up.stderr.trim().split('\n').at(-1)}`];
      if (lost.length > 0) {
        end = `with one more: ${lost.join(', ')}`;
        break;
      }
      last = { clusters, programs };
    }
    const programs = last?.programs ?? [];
    const sum = (of: (program: ProgramUsage) => number): number => programs.reduce((total, program) => total + of(program), 0);
    return [
      { what: 'clusters of 1 + 2 that the machine holds, all Available', measured: last?.clusters ?? 0, unit: 'clusters', atLeast: goalClusters, note: `${end}; ${note}` },
      { what: 'memory of the fleet of that many', measured: sum((p) => p.proportionalBytes) / 1e6, unit: 'MB' },
      { what: 'CPU of the fleet of that many, idle', measured: sum((p) => p.cpuSeconds) * 100, unit: '% of a core' },
      ...programs.map((p) => ({ what: `${p.program} in that fleet, CPU`, measured: p.cpuSeconds * 100, unit: '% of a core', note: `${p.processes} processes, ${Math.round(p.proportionalBytes / 1e6)} MB together` })),
    ];
  });
}

/** Memory now, and CPU seconds per second over half a minute, by program. */
async function usage(keelson: Keelson): Promise<ProgramUsage[]> {
  const { process: world } = await worldOf(keelson.state);
  const before = new Map((await usageBelow(world.pid)).map((program) => [program.program, program.cpuSeconds]));
  const began = performance.now();
  await sleep(30_000);
  const after = await usageBelow(world.pid);
  const elapsed = (performance.now() - began) / 1000;
  return after.map((program) => ({ ...program, cpuSeconds: Math.max(0, program.cpuSeconds - (before.get(program.program) ?? 0)) / elapsed }));
}

async function unavailable(keelson: Keelson): Promise<string[]> {
  const status = JSON.parse((await keelson.run(['status', '--output', 'json'])).stdout) as FleetStatus;
  return status.clusters.filter((cluster) => !cluster.available).map((cluster) => `${cluster.name}: ${cluster.reason ?? 'not Available'}`);
}
