/**
 * The figures of cert-exporter: `node exporters/cert/main.ts` against a real kube-apiserver with 10,000 TLS Secrets of
 * three certificates and 2,000 files, its peers on the same data in the same run, and the walk of certificates alone.
 * Needs root (a mount namespace) and the tools etcd and kube-apiserver.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { walk } from '../../exporters/cert/x509/certificate.ts';
import { commonName } from '../../exporters/cert/x509/name.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import { startApiServer, type ApiServer } from '../fixtures/api-server.ts';
import { Certificates } from './cert-exporter/data.ts';
import { startPod, type PodOptions } from './cert-exporter/pod.ts';
import { Measured, type Memory } from './cert-exporter/process.ts';
import { manyScrapes, scrape } from './cert-exporter/scrapes.ts';
import type { Figure } from './figures.ts';

const secrets = 10_000;
const files = 2000;
const compatible = { notBefore: false, info: false, crl: false, certificateStatus: false };

export async function certExporterFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cert-exporter-'));
  const certificates = new Certificates();
  const api = await startApiServer();
  try {
    await fill(folder, api, certificates);
    const one = async (name: string, options: Omit<PodOptions, 'folder'>): Promise<Run> => measure({ folder: join(folder, name), ...options });
    const config = { files: { directories: [join(folder, 'files')] }, secrets: { enabled: true } };
    await one('warm', { config: { files: { directories: [join(folder, 'node')] }, secrets: { enabled: false } } }); // fills the cache of stripped types
    const node = await one('node50', { config: { files: { directories: [join(folder, 'node')] }, secrets: { enabled: false } } });
    const few = await one('compatible', { api, config: { ...config, families: compatible } });
    const all = await one('all', { api, config });
    const blocks = await blocked({ folder: join(folder, 'blocks'), api, config, isLoopProbed: true });
    return [
      ...runFigures('compatible families (32,000 series)', few, { p99: 50, cpu: 15, peak: 120 }),
      { what: 'ready with 10,000 Secrets and 2,000 files', measured: few.readySeconds, unit: 's', goal: 5, note: `from the start of the process, the check of the configuration included; ${few.readyCpuMs / 1000} s of CPU time of its own` },
      ...runFigures('all families (96,000 series)', all, { p99: 100, cpu: 30 }),
      ...blocks,
      ...memoryFigures('a node with 50 files', node.memory, { resident: 55 }),
      walkFigure(certificates),
      ...(await peerFigures('peer that lists in every scrape', api, { count: 10, env: {} })),
      ...(await peerFigures('peer that lists once and renders with prom-client', api, { count: 10, env: { RENDER_ONLY: '1' } })),
      { what: 'load of the machine at the end (5 minutes)', measured: loadavg()[1], unit: 'processes', note: 'above 2, times by the clock are those of a busy machine' },
    ];
  } finally {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string, api: ApiServer, certificates: Certificates): Promise<void> {
  for (const [name, count] of [['files', files], ['node', 50]] as const) {
    await mkdir(join(folder, name));
    for (let i = 0; i < count; i++) await writeFile(join(folder, name, `${i}.crt`), certificates.pem(1_000_000 + i));
  }
  for (let from = 0; from < secrets; from += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => api.client.create(resources.secrets, certificates.secret(from + i))));
  }
}

interface Run {
  readonly memory: Memory;
  readonly readySeconds: number;
  /** CPU time of the exporter until then. */
  readonly readyCpuMs: number;
  readonly p99Ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Starts an exporter, waits until it is ready, scrapes it, reads its memory after all that. */
async function measure(options: PodOptions): Promise<Run> {
  const started = performance.now();
  const { process, port } = await startPod(options);
  try {
    await ready(port);
    const [readySeconds, readyCpuMs] = [(performance.now() - started) / 1000, process.cpuMs()];
    await scrape(port); // the first one compresses
    const costs = await manyScrapes(port, process, { count: 100, pauseMs: 50 });
    return { ...costs, readySeconds, readyCpuMs, memory: process.memory() };
  } finally {
    await process.stop();
  }
}

async function ready(port: number): Promise<void> {
  while ((await scrape(port, '/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * For how long the event loop is busy at most: from listening to ready (the first list), in scrapes, and in the list
 * that follows when the API server was killed and etcd compacted. See loop-probe.mjs on how it is counted.
 */
async function blocked(options: PodOptions & { api: ApiServer }): Promise<Figure[]> {
  const { process, port } = await startPod(options);
  const longest = async (what: string, during: () => Promise<unknown>): Promise<Figure> => {
    process.forget();
    await during();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const most = (field: string): number => Math.max(...process.all(new RegExp(`"${field}":([\\d.]+)`, 'g')).map(Number));
    return { what: `event loop, longest turn: ${what}`, measured: most('loopBusyMs'), unit: 'ms', goal: 20, note: `CPU time of its thread; ${Math.round(most('loopLateMs'))} ms by the clock, with what else ran on the machine` };
  };
  try {
    await new Promise((resolve) => setTimeout(resolve, 300)); // what was busy before it listened is said by then
    const first = await longest('the first list', () => ready(port));
    const scrapes = await longest('scrapes', async () => {
      for (let i = 0; i < 20; i++) await scrape(port);
    });
    const resync = await longest('the API server is killed and comes back', async () => {
      await options.api.kill();
      await options.api.start();
      await options.api.compact();
      const { metadata } = await options.api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: 'resync', namespace: 'default' }, data: { 'tls.crt': '', 'tls.key': '' } });
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await options.api.client.delete(resources.secrets, { name: metadata.name, namespace: 'default' });
    });
    return [first, scrapes, resync];
  } finally {
    await process.stop();
  }
}

function runFigures(name: string, run: Run, goals: { p99: number; cpu: number; peak?: number }): Figure[] {
  return [
    { what: `${name}: scrape, p99 of 100`, measured: run.p99Ms, unit: 'ms', goal: goals.p99, note: `${Math.round(run.bytes / 1000)} KB with gzip` },
    { what: `${name}: CPU per scrape`, measured: run.cpuMs, unit: 'ms', goal: goals.cpu },
    ...memoryFigures(name, run.memory, goals.peak === undefined ? {} : { peak: goals.peak }),
  ];
}

function memoryFigures(name: string, { peak, resident, anonymous }: Memory, goals: { peak?: number; resident?: number }): Figure[] {
  const goal = (value: number | undefined): { goal?: number } => (value === undefined ? {} : { goal: value });
  return [
    { what: `${name}: peak memory`, measured: peak, unit: 'MB', ...goal(goals.peak) },
    { what: `${name}: resident memory after 100 scrapes`, measured: resident, unit: 'MB', ...goal(goals.resident) },
    { what: `${name}: anonymous memory`, measured: anonymous, unit: 'MB', note: 'the rest are pages of the Node.js binary, shared between processes' },
  ];
}

/** Validity, serial number and both names of 30,000 certificates, on one core. */
function walkFigure(certificates: Certificates): Figure {
  const all = Array.from({ length: 30_000 }, (_, i) => certificates.der(i));
  const pass = (): number => {
    const before = process.threadCpuUsage();
    for (const der of all) {
      const { parts } = walk(der);
      if (parts) commonName(parts.subject).concat(commonName(parts.issuer));
    }
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1e6;
  };
  pass();
  return { what: 'DER walk: validity, serial number, names', measured: Math.round(all.length / pass()), unit: 'certificates/s', atLeast: 50_000, note: 'per second of CPU time' };
}

async function peerFigures(name: string, api: ApiServer, { count, env }: { count: number; env: NodeJS.ProcessEnv }): Promise<Figure[]> {
  const peer = new Measured(process.execPath, [join(import.meta.dirname, 'cert-exporter/peer.ts')], { SERVER: api.url, CA: api.ca.cert, TOKEN: api.adminToken, ...env });
  try {
    const [, port] = await peer.says(/"port":(\d+)/, 120_000);
    await scrape(Number(port));
    const costs = await manyScrapes(Number(port), peer, { count, pauseMs: 50 });
    const { peak, resident } = peer.memory();
    return [
      { what: `${name}: scrape, longest of ${count}`, measured: costs.p99Ms, unit: 'ms' },
      { what: `${name}: CPU per scrape`, measured: costs.cpuMs, unit: 'ms' },
      { what: `${name}: peak memory`, measured: peak, unit: 'MB' },
      { what: `${name}: resident memory`, measured: resident, unit: 'MB' },
    ];
  } finally {
    await peer.stop();
  }
}
