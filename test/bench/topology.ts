/** `npm run bench -- topology`: the extension as a process of its own, asked over HTTPS as Cluster API asks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openstackV1 } from '../../provisioner/topology/class/versions.ts';
import { generatePatches } from '../../provisioner/topology/patches/generate.ts';
import { validateTopology } from '../../provisioner/topology/validate/validate.ts';
import { writeBundle } from '../fixtures/bundled.ts';
import { createCa } from '../fixtures/certificates.ts';
import { everything, request } from '../provisioner/topology/requests.ts';
import { measureGroups, type Figure } from './figures.ts';
import { birthFigures } from './topology-birth.ts';

const groups = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`g${i}`, i % 2 ? { flavor: 'k.huge' } : undefined]));
const twenty = { ...request(everything, { groups, settings: { managementEgress: '192.0.2.200/32' } }) };
const body = JSON.stringify(twenty);
/** A cluster of one control plane and three groups, as the load is made of. */
const usual = JSON.stringify(request(undefined, { groups: { az1: undefined, az2: undefined, az3: undefined } }));
const path = '/hooks.runtime.cluster.x-k8s.io/v1alpha1/generatepatches/openstack-v1-patches';
const port = 19443;

/** @param groups `load`, which is also run when none is named, and `birth`, which takes a quarter of an hour */
export const topologyFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ load: loadFigures, birth: birthFigures }, groups.length === 0 ? ['load'] : groups);

async function loadFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-topology-'));
  const pair = await (await createCa()).issue({ commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server' });
  await writeFile(join(folder, 'tls.crt'), pair.cert);
  await writeFile(join(folder, 'tls.key'), pair.key);
  // As the image has it and as its chart starts it: modules without types, behind the command keelson.
  await writeBundle(join(folder, 'app'), { keelson: 'provisioner/cli/main.ts' });
  const extension = spawn(process.execPath, [join(folder, 'app/keelson.mjs'), 'topology-extension', '--cert-dir', folder, '--port', String(port), '--metrics-port', '0', '--health-port', '0'], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_OPTIONS: '--max-semi-space-size=1' } });
  try {
    await ready();
    return [...pure(), ...(await sustained(extension))];
  } finally {
    extension.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** The functions themselves, after a warm-up. */
function pure(): Figure[] {
  const times = (run: () => unknown): number => quantile(Array.from({ length: 300 }, () => elapsed(run)).slice(100), 0.99);
  return [
    { what: 'GeneratePatches, 20 worker groups, every variable set, p99', measured: times(() => generatePatches(twenty, openstackV1)), unit: 'ms', goal: 30, note: `request ${Math.round(body.length / 1024)} KiB` },
    { what: 'ValidateTopology, the same, p99', measured: times(() => validateTopology(twenty, openstackV1)), unit: 'ms', goal: 30 },
  ];
}

/** A hundred calls a second over kept connections, for twenty seconds. */
async function sustained(extension: ChildProcess): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
  const [seconds, rate] = [20, 100];
  const calls: Promise<number>[] = [];
  let peak = 0;
  const started = performance.now();
  for (let i = 0; i < seconds * rate; i++) {
    await sleep(Math.max(0, started + (i * 1000) / rate - performance.now()));
    calls.push(post(usual, agent));
    if (i % 50 === 0) peak = Math.max(peak, await residentMb(extension));
  }
  const times = await Promise.all(calls);
  agent.destroy();
  const took = (performance.now() - started) / 1000;
  return [
    { what: 'GeneratePatches over HTTPS, sustained', measured: times.length / took, unit: 'calls/s', atLeast: 99, note: `three groups; p99 ${quantile(times, 0.99).toFixed(1)} ms` },
    { what: 'resident memory of the extension meanwhile', measured: peak, unit: 'MB', goal: 120 },
  ];
}

async function ready(): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const answered = await post(usual, new Agent({ rejectUnauthorized: false })).then(() => true, () => false);
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`the extension did not answer on port ${port} within ten seconds`);
}

/** Milliseconds until the answer was read. */
function post(text: string, agent: Agent): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const call = httpsRequest({ host: '127.0.0.1', port, path, method: 'POST', agent }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve(performance.now() - started) : reject(new Error(`status ${response.statusCode}`))));
    });
    call.on('error', reject).end(text);
  });
}

async function residentMb({ pid }: ChildProcess): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function elapsed(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

const quantile = (times: readonly number[], q: number): number => [...times].sort((a, b) => a - b)[Math.ceil(times.length * q) - 1] ?? NaN;
