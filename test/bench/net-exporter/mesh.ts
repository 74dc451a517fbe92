/**
 * A thousand nodes: who watches whom, what changes when one leaves, and what a pod costs that knows them all. The peers
 * are simulated by one echo server and one HTTP server of this process, on a thousand loopback addresses.
 */
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { read, turnIntoReply } from '../../../exporters/net/mesh/datagram.ts';
import type { Peer } from '../../../exporters/net/peers/peer.ts';
import { select } from '../../../exporters/net/peers/ring.ts';
import { Measured } from '../cert-exporter/process.ts';
import { freePort } from '../../fixtures/free-port.ts';
import type { Figure } from '../figures.ts';

const zones = ['az1', 'az2', 'az3'];
const options = { ownZonePeers: 2, otherZonePeers: 1, maxOtherZones: 4, fullMeshUpTo: 16 };
const main = join(import.meta.dirname, '../../../exporters/net/main.ts');
/** How long a pod is watched after its first rounds. */
const minutes = 2;

export async function meshFigures(): Promise<Figure[]> {
  return [...selectionFigures(1000), ...churnFigures(1000), ...(await podFigures())];
}

const nodes = (count: number): Peer[] => Array.from({ length: count }, (_, i) => ({ node: `worker-${i}`, zone: zones[i % 3] ?? '', addresses: [`127.1.${Math.floor(i / 250)}.${1 + (i % 250)}`], port: 0, udpPort: 0, isReady: true }));

/** Node → those that it watches. */
function selections(all: readonly Peer[]): Map<string, readonly Peer[]> {
  return new Map(all.map((me) => [me.node, select(me, all.filter((peer) => peer !== me), options).ring]));
}

function selectionFigures(count: number): Figure[] {
  const all = nodes(count);
  const zoneOf = new Map(all.map(({ node, zone }) => [node, zone]));
  const [near, any] = [new Map(all.map(({ node }) => [node, 0])), new Map(all.map(({ node }) => [node, 0]))];
  const pairs = new Map<string, number>();
  for (const [me, ring] of selections(all)) {
    for (const { node, zone } of ring) {
      any.set(node, (any.get(node) ?? 0) + 1);
      if (zone === zoneOf.get(me)) near.set(node, (near.get(node) ?? 0) + 1);
      else pairs.set(`${zoneOf.get(me)} ${zone}`, (pairs.get(`${zoneOf.get(me)} ${zone}`) ?? 0) + 1);
    }
  }
  const [me, ...others] = all;
  const startedMs = performance.now();
  for (let i = 0; i < 20; i++) if (me) select(me, others, options);
  const selectionMs = (performance.now() - startedMs) / 20;
  return [
    { what: `${count} nodes: fewest watchers of a node from its own zone`, measured: Math.min(...near.values()), unit: 'nodes', atLeast: 2 },
    { what: `${count} nodes: watchers of a node, mean`, measured: mean([...any.values()]), unit: 'nodes', note: `fewest ${Math.min(...any.values())}, most ${Math.max(...any.values())}` },
    { what: `${count} nodes: paths from a zone to another, fewest`, measured: Math.min(...pairs.values()), unit: 'paths', note: `${pairs.size} of ${zones.length * (zones.length - 1)} pairs of zones are watched` },
    { what: `${count} nodes: time to select`, measured: selectionMs, unit: 'ms', note: 'once a round' },
  ];
}

function churnFigures(count: number): Figure[] {
  const all = nodes(count);
  const before = selections(all);
  const names = (ring: readonly Peer[] | undefined): string => (ring ?? []).map(({ node }) => node).join();
  const changed = Array.from({ length: 20 }, (_, i) => {
    const gone = all[i * 50];
    const after = selections(all.filter((peer) => peer !== gone));
    return [...after].filter(([node, ring]) => names(ring) !== names(before.get(node))).length;
  });
  return [{ what: `${count} nodes, one leaves: nodes that watch somebody else then, mean`, measured: mean(changed), unit: 'nodes', note: `most ${Math.max(...changed)}, over ${changed.length} nodes that leave` }];
}

async function podFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-net-mesh-'));
  const peers = await simulatedPeers();
  try {
    await pod(folder, 10, peers, 0); // fills the cache of removed types
    const [small, large] = [await pod(folder, 100, peers, 0), await pod(folder, 1000, peers, minutes)];
    return [
      { what: 'series of a pod: 100 nodes', measured: small.series, unit: 'series', goal: 320 },
      { what: 'series of a pod: 1000 nodes', measured: large.series, unit: 'series', goal: 320 },
      { what: `CPU of a pod among 1000 nodes over ${minutes} minutes`, measured: large.thousandths, unit: 'thousandths of a core', goal: 4, note: 'mesh and Service address, nobody asks it; peers answer from another process' },
      { what: 'resident memory of a pod among 1000 nodes', measured: large.memory, unit: 'MB', goal: 55, note: `from a checkout; anonymous ${large.anonymous.toFixed(1)}` },
    ];
  } finally {
    peers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Peers {
  readonly port: number;
  readonly udpPort: number;
  readonly stop: () => void;
}

/** Bound to all addresses, so to each of the thousand. */
async function simulatedPeers(): Promise<Peers> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    if (!read(message) || read(message)?.isReply) return;
    turnIntoReply(message, 1);
    socket.send(message, from.port, from.address, () => undefined);
  });
  await new Promise<void>((resolve) => socket.bind(0, '0.0.0.0', resolve));
  return { port: (server.address() as AddressInfo).port, udpPort: socket.address().port, stop: () => [server.close(), socket.close()] };
}

interface Cost {
  readonly series: number;
  readonly thousandths: number;
  readonly memory: number;
  readonly anonymous: number;
}

async function pod(folder: string, count: number, { port, udpPort }: Peers, forMinutes: number): Promise<Cost> {
  const path = join(folder, `${count}.yaml`);
  const [me] = nodes(count);
  await writeFile(path, stringify({
    address: '127.0.0.1:0', node: { name: me?.node }, dns: { enabled: false }, service: { address: '127.0.0.1', port },
    mesh: { udpPort: await freePort(), port, peers: nodes(count).map(({ node, zone, addresses: [address] }) => ({ node, zone, address, udpPort })) },
  }));
  const process_ = new Measured(process.execPath, [main, '--config', path], { PATH: process.env['PATH'], HOME: process.env['HOME'] });
  try {
    const [, http] = await process_.says(/"port":(\d+)/, 120_000);
    const url = `http://127.0.0.1:${http}/metrics`;
    await pause(20_000);
    const startMs = process_.cpuMs();
    await pause(forMinutes * 60_000);
    const thousandths = forMinutes > 0 ? (process_.cpuMs() - startMs) / (forMinutes * 60) : NaN;
    const text = await (await fetch(url)).text();
    if (!/^net_exporter_peer_up\{.*\} 1$/m.test(text)) throw new Error(`the simulated peers do not answer:\n${text.slice(0, 2000)}`);
    const { resident, anonymous } = process_.memory();
    return { series: text.split('\n').filter((line) => line && !line.startsWith('#')).length, thousandths, memory: resident, anonymous };
  } finally {
    await process_.stop();
  }
}

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
