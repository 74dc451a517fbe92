/**
 * `npm run bench -- apps [CLUSTERS [steady]]`: the operator as a process of its own over a fleet whose clusters are all one real API
 * server, with a namespace and a kubeconfig each.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, resources } from '../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../fixtures/api-server.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { copyModel, type FleetSize } from './apps/copies.ts';
import { playRollouts } from './apps/health.ts';
import { type HelmRun, helmRuns, writeHelm } from './apps/helm-runs.ts';
import { appNamed, chartName, installModel, namespaceOf } from './apps/model.ts';
import { BenchOperator, writeCommand } from './apps/operator.ts';
import type { Figure } from './figures.ts';

const workers = 4;
/** A machine with other work takes longer. */
const settledWithinMs = 800_000;
/** Steady state is looked at for so long. */
const steadyMs = 120_000;
/** As Prometheus does: two series of each App are part of the work. */
const scrapeMs = 30_000;
/** Apps made for the latency, two a second; fewer while a new version goes out, each of which is two runs of Helm more. */
const apart = { calm: { count: 100, ms: 500 }, meanwhile: { count: 20, ms: 4000 } } as const;
/** How much of the way of a new version is watched; all of it where it ends before. */
const rolloutMs = 300_000;

interface Bench {
  readonly api: ApiServer;
  readonly folder: string;
  readonly operator: BenchOperator;
  readonly size: FleetSize;
  /** For the names of figures. */
  readonly of: string;
}

export async function appsFigures(groups: readonly string[]): Promise<Figure[]> {
  const size: FleetSize = { clusters: Number(groups[0] ?? 1000), appsEach: 15, driftIntervalMs: 6 * 3_600_000 };
  if (!Number.isInteger(size.clusters) || size.clusters < 1) throw new Error(`"${groups[0]}" is no number of clusters`);
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-apps-'));
  const api = await startApiServer();
  const playing = new AbortController();
  let operator: BenchOperator | undefined;
  try {
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    await Promise.all([writeHelm(folder), writeCommand(folder)]);
    playRollouts(api.client, playing.signal);
    const began = performance.now();
    await installModel(api, folder, size.appsEach);
    await copyModel(api, folder, size);
    const installedS = (performance.now() - began) / 1000;
    operator = new BenchOperator(folder, workers);
    const bench: Bench = { api, folder, operator, size, of: `${size.clusters} clusters × ${size.appsEach} Apps` };
    const calm = [...(await settled(bench, installedS)), ...(await steady(bench))];
    if (groups[1] === 'steady') return calm;
    return [
      ...calm,
      ...(await latency(bench, { ...apart.calm, prefix: 'made', when: '' })),
      ...(await rollout(bench)),
    ];
  } finally {
    playing.abort();
    await operator?.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Until every App was looked at and none waits. */
async function settled({ operator, size, of }: Bench, installedS: number): Promise<Figure[]> {
  const began = performance.now();
  const what = `${of}: start until every App was looked at`;
  const isSettled = async (): Promise<boolean> => {
    const looks = await Promise.all(['success', 'requeue_after'].map((result) => operator.metric(`controller_runtime_reconcile_total{controller="app",result="${result}"}`)));
    return looks.reduce<number>((sum, one) => sum + (one ?? 0), 0) >= size.clusters * size.appsEach && (await operator.metric('workqueue_depth{name="app"}')) === 0;
  };
  while (!(await isSettled())) {
    await sleep(2000);
    if (performance.now() - began > settledWithinMs) return [{ what, measured: undefined, unit: 's', note: `not within ${settledWithinMs / 1000} s` }];
  }
  return [{ what, measured: (performance.now() - began) / 1000, unit: 's', note: `${workers} workers; the fleet was there, written in ${installedS.toFixed(0)} s` }];
}

async function steady({ api, folder, operator, of }: Bench): Promise<Figure[]> {
  const [cpu, calls, before] = [await operator.cpuSeconds(), await callsOf(api), (await helmRuns(folder)).length];
  const peaks: number[] = [];
  for (let t = 0; t < steadyMs; t += 1000) {
    await sleep(1000);
    if (t % scrapeMs === 0 && !(await operator.scrape()).includes('keelson_app_ready')) throw new Error('the operator has no series of Apps');
    peaks.push(await operator.residentMb());
  }
  const seconds = steadyMs / 1000;
  const runs = (await helmRuns(folder)).length - before;
  if (runs > 0) throw new Error(`in steady state Helm was run ${runs} times`);
  const [cpuAfter, callsAfter] = [await operator.cpuSeconds(), await callsOf(api)];
  return [
    { what: `${of}: steady state, CPU`, measured: ((cpuAfter - cpu) / seconds) * 100, unit: '% of a core', goal: 50, note: `${seconds} s, its metrics read every ${scrapeMs / 1000} s` },
    { what: `${of}: resident memory, most`, measured: Math.max(...peaks), unit: 'MB', goal: 400, note: `in steady state; ${(await operator.peakMb()).toFixed(0)} MB since it began` },
    { what: `${of}: calls of the API server`, measured: (callsAfter - calls) / seconds, unit: '/s', note: 'of all clients, counted by the server; a probe of each cluster every 15 s among them' },
  ];
}

/** From the answer to the creation of an App until the first run of Helm for it. @param when for the figures' names, " while …" */
async function latency({ api, folder, of, size }: Bench, { prefix, count, ms, when }: { readonly prefix: string; readonly count: number; readonly ms: number; readonly when: string }): Promise<Figure[]> {
  const createdAt = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const name = `${prefix}-${i}`;
    const namespace = namespaceOf(Math.floor((i / count) * size.clusters));
    await api.client.create<KubeObject>(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace }, spec: { cluster: 'c', chart: chartName, namespace, values: {} } });
    createdAt.set(name, Date.now());
    await sleep(ms);
  }
  await sleep(15_000);
  const runs = await helmRuns(folder);
  const waited = [...createdAt].flatMap(([name, at]) => {
    const run = runs.find(({ release }) => release === name);
    return run === undefined ? [] : [Math.max(0, run.atMs - at)];
  }).toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => (waited.length === count ? waited[Math.min(count - 1, Math.floor(share * count))] : undefined);
  const note = waited.length === count ? `${count} Apps, one every ${ms / 1000} s` : `${waited.length} of ${count} Apps within 15 s`;
  return [
    { what: `${of}: App created${when} to Helm started, median`, measured: at(0.5), unit: 'ms', note },
    { what: `${of}: App created${when} to Helm started, p99`, measured: at(0.99), unit: 'ms', goal: 1000, note },
  ];
}

/** A new version for all of them, written as a bundle is; Apps that people make meanwhile. */
async function rollout(bench: Bench): Promise<Figure[]> {
  const { api, folder, of, size } = bench;
  const all = size.clusters * size.appsEach;
  const began = Date.now();
  await inParallel(all, 8, async (i) => {
    const at = { namespace: namespaceOf(Math.floor(i / size.appsEach)), name: appNamed(i % size.appsEach) };
    await api.client.patch(resources.apps, at, { type: 'merge', body: { metadata: { labels: { 'keelson.dev/bundle': '2.0.0' } }, spec: { values: { image: 'two' } } } });
  });
  const writtenS = (Date.now() - began) / 1000;
  const ofFleet = async (): Promise<readonly HelmRun[]> => (await helmRuns(folder)).filter(({ atMs, command, release }) => atMs >= began && command === 'upgrade' && release.startsWith('app-'));
  const meanwhile = await latency(bench, { ...apart.meanwhile, prefix: 'meanwhile', when: ' while a version goes out' });
  while (Date.now() - began < rolloutMs && (await ofFleet()).length < all) await sleep(1000);
  const runs = await ofFleet();
  const seconds = ((runs.length < all ? Date.now() : (runs.at(-1)?.atMs ?? 0)) - began) / 1000;
  const perSecond = runs.length / seconds;
  const parts = Array.from({ length: Math.floor(seconds / 30) }, (_, i) => runs.filter(({ atMs }) => Math.floor((atMs - began) / 30_000) === i).length / 30).toSorted((a, b) => a - b);
  const spread = parts.length < 2 ? '' : `; in parts of 30 s ${parts[0]?.toFixed(1)} to ${parts.at(-1)?.toFixed(1)}`;
  const begun = Map.groupBy(runs, ({ namespace }) => namespace);
  const whole = [...begun.values()].filter(({ length }) => length >= size.appsEach).length;
  const rest = runs.length < all ? `; all ${all} would take ${(all / perSecond / 3600).toFixed(1)} h` : '';
  return [
    { what: `${of}: one version to all, runs of Helm`, measured: perSecond, unit: '/s', note: `${runs.length} in ${seconds.toFixed(0)} s, ${workers} workers, written within ${writtenS.toFixed(0)} s${spread}${rest}` },
    { what: `${of}: clusters begun and not whole yet, after that`, measured: begun.size - whole, unit: 'clusters', note: `${whole} are whole` },
    ...meanwhile,
  ];
}

async function callsOf(api: ApiServer): Promise<number> {
  const { body } = await api.client.request({ method: 'GET', path: '/metrics' });
  return [...body.toString().matchAll(/^apiserver_request_total\{.*\} ([0-9.e+]+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
