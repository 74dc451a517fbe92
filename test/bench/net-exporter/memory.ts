/** Memory of both exporters in one process, as their image has it, beside that of a Node.js that loads what they need of it and does nothing. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { flagsOfSmall } from '../../../exporters/core/second-life.ts';
import { OpenSsl } from '../../exporters/cert/openssl.ts';
import { writeBundle } from '../../fixtures/bundled.ts';
import { Measured, type Memory } from '../cert-exporter/process.ts';
import type { Figure } from '../figures.ts';

const scrapes = 8;
const everySeconds = 15;
const files = 50;

export async function memoryFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-memory-'));
  try {
    const [bare, both] = [await bareNode(), await bothExporters(folder)];
    const note = ({ anonymous }: Memory): string => `anonymous ${anonymous.toFixed(1)}`;
    return [
      { what: 'resident memory of a Node.js that does nothing', measured: bare.resident, unit: 'MB', note: `node:http, https, tls, dgram and flags of net-exporter; ${note(bare)}` },
      { what: 'resident memory of both exporters in one process', measured: both.resident, unit: 'MB', goal: 65, note: `${files} files with certificates, a full mesh of nine, after ${scrapes} scrapes of both; ${note(both)}` },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bareNode(): Promise<Memory> {
  const idle = 'for (const name of ["http", "https", "tls", "dgram"]) require(`node:${name}`); console.log("up"); setInterval(() => {}, 1e6)';
  const node = new Measured(process.execPath, [...flagsOfSmall('net-exporter.mjs'), '-e', idle], { MALLOC_ARENA_MAX: '1' });
  try {
    await node.says(/up/, 10_000);
    return node.memory();
  } finally {
    await node.stop();
  }
}

async function bothExporters(folder: string): Promise<Memory> {
  await writeBundle(join(folder, 'app'), { 'node-exporters': 'exporters/node/main.ts', 'net-exporter': 'exporters/net/main.ts' });
  const arguments_ = [`--cert-config=${await certificates(folder)}`, `--net-config=${await nodeOf(folder, 0)}`];
  const peers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (i) => new Measured(process.execPath, [join(folder, 'app/net-exporter.mjs'), '--config', await nodeOf(folder, i)], {})));
  const both = new Measured(process.execPath, [join(folder, 'app/node-exporters.mjs'), ...arguments_], {});
  try {
    await both.says(/"cert-exporter".*"listening"[^]*"net-exporter".*"listening"|"net-exporter".*"listening"[^]*"cert-exporter".*"listening"/, 60_000);
    for (let i = 0; i < scrapes; i++) {
      await new Promise((resolve) => { setTimeout(resolve, everySeconds * 1000); });
      for (const port of [certPort, httpPort]) await (await fetch(`http://${addressOf(0)}:${port}/metrics`)).text();
    }
    return both.memory();
  } finally {
    await Promise.all([both, ...peers].map((one) => one.stop()));
  }
}

async function certificates(folder: string): Promise<string> {
  const openssl = new OpenSsl();
  const directory = join(folder, 'pki');
  await mkdir(directory);
  openssl.certificate('ec', { serial: '0e' });
  for (let i = 0; i < files; i++) openssl.run('x509', '-in', 'ec.crt', '-out', join(directory, `${i}.crt`));
  openssl.remove();
  const path = join(folder, 'cert.yaml');
  await writeFile(path, stringify({ address: `${addressOf(0)}:${certPort}`, files: { directories: [directory] }, secrets: { enabled: false } }));
  return path;
}

const [httpPort, udpPort, certPort] = [18_000, 18_001, 19_005];
const addressOf = (i: number): string => `127.4.0.${i + 1}`;
const zoneOf = (i: number): string => ['a', 'b', 'c'][i % 3] ?? '';

/** Nine nodes on loopback addresses in three zones; what resolves names has its own figures. */
async function nodeOf(folder: string, i: number): Promise<string> {
  const peers = Array.from({ length: 9 }, (_, peer) => ({ node: `node-${peer}`, zone: zoneOf(peer), address: addressOf(peer) }));
  const path = join(folder, `net-${i}.yaml`);
  await writeFile(path, stringify({
    address: `${addressOf(i)}:${httpPort}`, node: { name: `node-${i}`, zone: zoneOf(i) }, mesh: { port: httpPort, udpPort, peers }, dns: { enabled: false }, service: { address: addressOf(1), port: httpPort, apiServer: false },
  }));
  return path;
}
