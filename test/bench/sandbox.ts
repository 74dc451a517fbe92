/**
 * The sandbox's figures: what the tools cost to build (from the manifests that the builds wrote), how long the last warm
 * start took (from its report), what the running fleet holds in memory, how many calls the cloud answered for its cluster.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { usageBelow } from '../../sandbox/fleet/usage.ts';
import { placesOf } from '../../sandbox/fleet/places.ts';
import { readReport } from '../../sandbox/fleet/report.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { measureGroups, type Figure } from './figures.ts';
import { capacityFigures, machineFigures, withFleet } from './fleets.ts';

const places = placesOf({ home: homedir(), repository: process.cwd(), cacheHome: process.env['XDG_CACHE_HOME'], stateHome: process.env['XDG_STATE_HOME'] });

export const sandboxFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ build: buildFigures, running: runningFigures, machines: machineFigures, capacity: capacityFigures }, groups);

/** Of the fleet of `npm run up`, or of one for this alone where none runs. */
async function runningFigures(): Promise<Figure[]> {
  const figuresOf = async (state: string): Promise<Figure[]> => [...(await startFigures(state)), ...(await memoryFigures(state)), ...(await callFigures(state))];
  if (await new WorldClient(places.state).status().catch(() => undefined)) return figuresOf(places.state);
  return withFleet(async (keelson) => {
    await keelson.run(['up'], 1_800_000);
    return figuresOf(keelson.state);
  });
}

async function buildFigures(): Promise<Figure[]> {
  const manifests = await builtFamilies();
  const sum = (of: (m: { cpuSeconds: number; wallSeconds: number }) => number) => (manifests.length ? manifests.map(of).reduce((a, b) => a + b) : undefined);
  const wall = sum((m) => m.wallSeconds);
  return [
    { what: 'build of the tools, CPU', measured: sum((m) => m.cpuSeconds), unit: 's', note: `${manifests.length} families, as their last builds recorded it; packages that Go had compiled before cost nothing then` },
    { what: 'build of the tools, wall', measured: wall === undefined ? undefined : wall / 60, unit: 'min', note: 'sum over families, with the same reserve' },
    { what: 'disk left by the cache', measured: (await bytesBelow(places.cache)) / 1e9, unit: 'GB', goal: 8 },
  ];
}

async function builtFamilies(): Promise<{ cpuSeconds: number; wallSeconds: number }[]> {
  const root = join(places.cache, 'tools');
  const found: { cpuSeconds: number; wallSeconds: number }[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const text = await readFile(join(root, name, 'manifest.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) found.push(JSON.parse(text) as { cpuSeconds: number; wallSeconds: number });
  }
  return found;
}

async function startFigures(state: string): Promise<Figure[]> {
  const report = await readReport(state);
  const upTo = (last: string) => {
    const end = report?.phases.findIndex((p) => p.name === last) ?? -1;
    return report && end >= 0 ? report.phases.slice(0, end + 1).reduce((n, p) => n + p.seconds, 0) : undefined;
  };
  return [
    { what: 'warm `up` until the Cluster is Available', measured: upTo('cluster'), unit: 's', goal: 120, note: 'all phases of the last start' },
    { what: 'warm `up` until every component is Ready', measured: upTo('components'), unit: 's', goal: 180 },
    ...(report?.phases ?? []).map((p) => ({ what: `phase ${p.name}`, measured: p.seconds, unit: 's' })),
  ];
}

async function memoryFigures(state: string): Promise<Figure[]> {
  const record = JSON.parse(await readFile(join(state, 'world.json'), 'utf8').catch(() => '{}')) as { process?: { pid: number } };
  if (!record.process) return [{ what: 'proportional memory of the fleet', measured: undefined, unit: 'MB', note: 'no fleet runs: "npm run up" first' }];
  const programs = await usageBelow(record.process.pid);
  const megabytes = (bytes: number) => bytes / 1e6;
  return [
    { what: 'proportional memory of the fleet', measured: megabytes(programs.reduce((n, p) => n + p.proportionalBytes, 0)), unit: 'MB', goal: 3000 },
    ...programs.map((p) => ({ what: `memory of ${p.program}`, measured: megabytes(p.proportionalBytes), unit: 'MB', note: `${p.processes} processes` })),
  ];
}

async function callFigures(state: string): Promise<Figure[]> {
  const calls = await new WorldClient(state).calls().catch(() => undefined);
  if (!calls) return [{ what: 'OpenStack calls', measured: undefined, unit: 'calls', note: 'no fleet runs' }];
  const by = new Map<string, number>();
  for (const call of calls) by.set(call.userAgent, (by.get(call.userAgent) ?? 0) + call.count);
  return [...by].sort(([, a], [, b]) => b - a).map(([client, count]) => ({ what: `OpenStack calls since the start, by ${client}`, measured: count, unit: 'calls', note: 'one cluster of 1 + 2 servers created' }));
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ blocks: 0 }))).blocks * 512;
  }
  return bytes;
}
