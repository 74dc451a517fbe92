/** `npm run bench -- apps [CLUSTERS]`: the operator as a process of its own over a fleet whose clusters are all one real API server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, resources } from '../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../fixtures/api-server.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { toolsBin } from '../fixtures/tools-bin.ts';
import { writeChart } from '../provisioner/helm/charts.ts';
import { chartName, installFleet, namespaceOf, template } from './apps-fleet.ts';
import type { Figure } from './figures.ts';

const appsEach = 15;
const driftIntervalMs = 6 * 3_600_000;
/** Steady state is looked at for so long, after the operator has seen every App once. */
const windowMs = 120_000;
const workers = 4;
/** As Prometheus does: two series of each App are part of the work. */
const scrapeMs = 30_000;
const metricsPort = 19_405;
/** Apps made for the latency, two a second; and changed at once for the rate. */
const [made, changed] = [40, 40];

export async function appsFigures(groups: readonly string[]): Promise<Figure[]> {
  const clusters = Number(groups[0] ?? 1000);
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-apps-'));
  const api = await startApiServer();
  let operator: ChildProcess | undefined;
  try {
    await writeChart(folder, chartName, { 'a.yaml': template }, { 'values.yaml': 'image: one\n' });
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    await writeFile(join(folder, 'helm'), `#!/bin/sh\necho "$(date +%s%N) $*" >>${folder}/runs\nexec ${join(toolsBin, 'helm')} "$@"\n`, { mode: 0o755 });
    const began = performance.now();
    await installFleet(api, folder, { clusters, appsEach, driftIntervalMs });
    const installedS = (performance.now() - began) / 1000;
    operator = start(folder);
    const of = `${clusters} clusters × ${appsEach} Apps`;
    const settledS = await settled(api, clusters);
    return [
      { what: `${of}: start until every App was looked at`, measured: settledS, unit: 's', note: `${workers} workers; the fleet was there, written in ${installedS.toFixed(0)} s` },
      ...(await steady(api, operator, of)),
      ...(await latency(api, folder, of)),
      await rate(api, of, clusters),
    ];
  } finally {
    operator?.kill('SIGKILL');
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function start(folder: string): ChildProcess {
  const args = ['operator', `--kubeconfig=${folder}/kubeconfig`, `--charts-dir=${folder}`, `--helm=${folder}/helm`, `--metrics-port=${metricsPort}`, '--health-port=0', '--no-leader-election', `--workers=${workers}`];
  return spawn(process.execPath, [join(import.meta.dirname, '../../provisioner/cli/main.ts'), ...args], { env: { PATH: process.env['PATH'], KEELSON_LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Until three seconds go by with no more than the calls of steady state: looks, comparisons, and a probe of each cluster every 15 s. undefined: not within five minutes. */
async function settled(api: ApiServer, clusters: number): Promise<number | undefined> {
  const began = performance.now();
  await sleep(10_000);
  for (let quiet = 0; quiet < 3; ) {
    const before = await callsOf(api);
    await sleep(1000);
    quiet = (await callsOf(api)) - before < 120 + clusters / 15 ? quiet + 1 : 0;
    if (performance.now() - began > 300_000) return undefined;
  }
  return (performance.now() - began) / 1000 - 3;
}

async function steady(api: ApiServer, operator: ChildProcess, of: string): Promise<Figure[]> {
  const [cpu, calls] = [await cpuSeconds(operator), await callsOf(api)];
  let peakMb = 0;
  for (let t = 0; t < windowMs; t += 1000) {
    await sleep(1000);
    if (t % scrapeMs === 0) await scrape();
    peakMb = Math.max(peakMb, await residentMb(operator));
  }
  const seconds = windowMs / 1000;
  return [
    { what: `${of}: steady state, CPU`, measured: (((await cpuSeconds(operator)) - cpu) / seconds) * 100, unit: '% of a core', goal: 50, note: `${seconds} s, its metrics read every ${scrapeMs / 1000} s` },
    { what: `${of}: resident memory, most`, measured: peakMb, unit: 'MB', goal: 400 },
    { what: `${of}: calls of the API server`, measured: ((await callsOf(api)) - calls) / seconds, unit: '/s', note: 'of all clients, counted by the server' },
  ];
}

async function scrape(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  if (!answer.ok || !(await answer.text()).includes('keelson_app_ready')) throw new Error(`the operator's metrics: HTTP ${answer.status}`);
}

/** From the answer to the creation of an App until the first run of Helm for it. */
async function latency(api: ApiServer, folder: string, of: string): Promise<Figure[]> {
  const createdAt = new Map<string, number>();
  for (let i = 0; i < made; i++) {
    const name = `made-${i}`;
    const namespace = namespaceOf(i % 10);
    await api.client.create<KubeObject>(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace }, spec: { cluster: 'c', chart: chartName, namespace, values: {} } });
    createdAt.set(name, Date.now());
    await sleep(500);
  }
  await sleep(10_000);
  const runs = (await readFile(join(folder, 'runs'), 'utf8')).split('\n');
  const waited = [...createdAt].flatMap(([name, at]) => {
    const run = runs.find((line) => line.split(' ').includes(name));
    return run === undefined ? [] : [Number(run.split(' ')[0]) / 1e6 - at];
  }).toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => (waited.length === made ? waited[Math.min(made - 1, Math.floor(share * made))] : undefined);
  return [
    { what: `${of}: App created to Helm started, median`, measured: at(0.5), unit: 'ms' },
    { what: `${of}: App created to Helm started, p99`, measured: at(0.99), unit: 'ms', goal: 1000, note: `${made} Apps, two a second` },
  ];
}

/** A new version for many at once; what that means for all of them is worked out. */
async function rate(api: ApiServer, of: string, clusters: number): Promise<Figure> {
  const began = performance.now();
  const at = (i: number) => ({ namespace: namespaceOf(Math.floor(i / appsEach)), name: `app-${i % appsEach}` });
  await inParallel(changed, 8, async (i) => void (await api.client.patch(resources.apps, at(i), { type: 'merge', body: { spec: { values: { image: 'two' } } } })));
  const isThere = async (i: number): Promise<boolean> => (((await api.client.get(resources.apps, at(i)))?.['status'] as { release?: { revision: number } } | undefined)?.release?.revision ?? 0) >= 2;
  for (let i = 0; i < changed; ) {
    if (await isThere(i)) i++;
    else await sleep(200);
    if (performance.now() - began > 300_000) return { what: `${of}: upgrades`, measured: undefined, unit: '/s', note: `${i} of ${changed} within 300 s` };
  }
  const perSecond = changed / ((performance.now() - began) / 1000);
  const hours = (clusters * appsEach) / perSecond / 3600;
  return { what: `${of}: upgrades`, measured: perSecond, unit: '/s', note: `${changed} at once, ${workers} workers; bounded by Helm; all ${clusters * appsEach} would take ${hours.toFixed(1)} h` };
}

async function callsOf(api: ApiServer): Promise<number> {
  const { body } = await api.client.request({ method: 'GET', path: '/metrics' });
  return [...body.toString().matchAll(/^apiserver_request_total\{.*\} ([0-9.e+]+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** /proc/PID/stat, utime and stime in ticks of 10 ms. */
async function cpuSeconds(child: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function residentMb(child: ChildProcess): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
