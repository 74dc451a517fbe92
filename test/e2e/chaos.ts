/**
 * Kills: which process, in which server, at which moment of which phase of a cluster's life. Everything in the fleet is
 * level-based, so whatever dies: the phase ends as it would have, nothing is there twice, nothing is left over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { processesBelow } from '../../sandbox/fleet/usage.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { commandOf, killProgram } from './host-view.ts';
import type { Keelson } from './keelson.ts';
import { serverOf, type Workload } from './machines.ts';
import { worldOf } from './world-of.ts';

/** Where a process runs: the management cluster's server, a server of the cluster at work (of one kind, or whichever has it), or around all of them. */
export type Place = 'management' | 'control plane' | 'worker' | 'node' | 'world';

export interface Victim {
  readonly place: Place;
  readonly program: string;
}

export const phases = ['create', 'scale', 'upgrade', 'delete'] as const;
export type Phase = (typeof phases)[number];

export interface Kill {
  readonly phase: Phase;
  readonly victim: Victim;
  /** After the phase has begun. */
  readonly afterSeconds: number;
}

const theWorld = 'the world';
const loadBalancerRelay = 'load-balancer/main.ts';
/** The first servers of a cluster are gone about so long after its deletion was asked for. */
const goneSoonSeconds = 8;
/** How long a victim is looked for when the phase is over and nobody was hit. */
const lateMs = 30_000;

const at = (place: Place, ...programs: string[]): Victim[] => programs.map((program) => ({ place, program }));

export const victims: readonly Victim[] = [
  ...at('management', 'capi-core-manager', 'capi-kubeadm-bootstrap-manager', 'capi-kubeadm-control-plane-manager', 'capo-manager', 'keelson.mjs operator', 'keelson.mjs topology-extension'),
  ...at('management', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'container-runtime.mjs', 'kube-proxy', 'coredns'),
  ...at('control plane', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'openstack-cloud-controller-manager', 'kubelet', 'container-runtime.mjs', 'kube-proxy'),
  ...at('worker', 'kubelet', 'container-runtime.mjs', 'kube-proxy'),
  ...at('node', 'coredns', 'metrics-server', 'prometheus-operator', 'prometheus', 'kube-state-metrics', 'node_exporter', 'cert-exporter.mjs', 'net-exporter.mjs', 'keelson.mjs metrics-relay'),
  ...at('world', theWorld, loadBalancerRelay),
];

/** From one phase to the next of a life the victim is so many further: another place, and with every life the next one of each. */
const stride = 11;

/**
 * A life of a cluster: one kill in each phase. Which victim: the pairs of victim and phase are gone through in order, so that as many lives one
 * after the other as there are victims, wherever they begin, have every pair once. When: drawn, with the number of the life as seed.
 * @param lasting seconds within which the kill of a phase comes
 */
export function drawLife(life: number, lasting: Readonly<Record<Phase, number>>): Kill[] {
  const random = generator(life);
  return phases.map((phase, i) => {
    const victim = victims[(life + i * stride) % victims.length] as Victim;
    const isGoneSoon = phase === 'delete' && victim.place !== 'management' && victim.place !== 'world';
    return { phase, victim, afterSeconds: Math.round(random() * (isGoneSoon ? Math.min(lasting[phase], goneSoonSeconds) : lasting[phase])) };
  });
}

/** Which pairs these lives have, and which lives go on from there. */
export function coverage(first: number, lives: number): string {
  const all = victims.length * phases.length;
  return `lives ${first} to ${first + lives - 1}: ${Math.min(lives * phases.length, all)} of ${all} pairs of victim and phase; KEELSON_CHAOS_SEED=${first + lives} goes on`;
}

const places: Readonly<Record<Place, string>> = { management: 'in the management cluster', 'control plane': 'in a control plane', worker: 'in a worker', node: 'in a node', world: 'around the servers' };

export const inWords = ({ phase, victim, afterSeconds }: Kill): string => `${phase}: ${victim.program} ${places[victim.place]} after ${afterSeconds} s`;

/**
 * Waits, and kills; when the phase was over sooner, at its end. Where there is no such process yet (no server, no container), it looks again until
 * there is one, or until some time after the phase. @param isOver aborted with the phase @returns how many processes died @throws when none did: a kill that hit nobody proves nothing
 */
export async function strike(keelson: Keelson, workload: Workload, kill: Kill, isOver: AbortSignal): Promise<number> {
  await sleep(kill.afterSeconds * 1000, undefined, { signal: isOver }).catch(() => undefined);
  for (let over: number | undefined; over === undefined || performance.now() < over + lateMs;) {
    if (isOver.aborted) over ??= performance.now();
    const killed = await hit(keelson, workload, kill.victim).catch(() => 0);
    if (killed > 0) return killed;
    await sleep(500);
  }
  throw new Error(`${inWords(kill)}: nobody was hit: there is no such process`);
}

/** What is killed so that the whole world ends; `keelson up` goes on with it. */
export const isWorld = ({ program }: Victim): boolean => program === theWorld;

/** @returns how many died */
async function hit(keelson: Keelson, workload: Workload, { place, program }: Victim): Promise<number> {
  if (program === theWorld) return endWorld(keelson);
  if (program === loadBalancerRelay) return killOne(await relays(keelson));
  for (const server of await serversAt(keelson, workload, place)) {
    const killed = killProgram(server, program).length;
    if (killed > 0) return killed;
  }
  return 0;
}

/** As a power failure of the machine: afterwards `keelson up` goes on from the cloud's records and the servers' disks. */
async function endWorld(keelson: Keelson): Promise<number> {
  process.kill((await worldOf(keelson.state)).process.pid, 'SIGKILL');
  return 1;
}

/** Of the load balancers, the youngest first: that of the cluster at work, once it has one. */
async function relays(keelson: Keelson): Promise<number[]> {
  return (await processesBelow((await worldOf(keelson.state)).process.pid)).filter((pid) => commandOf(pid).includes(`/${loadBalancerRelay}`)).sort((a, b) => b - a);
}

function killOne([pid]: readonly number[]): number {
  if (pid === undefined) return 0;
  process.kill(pid, 'SIGKILL');
  return 1;
}

async function serversAt(keelson: Keelson, workload: Workload, place: Place): Promise<string[]> {
  if (place === 'world') return [];
  if (place === 'management') return [await managementServer(keelson)];
  return (await workload.machines(place === 'node' ? undefined : place)).map(serverOf).filter(Boolean);
}

/** @throws when no world runs or it has no management server */
export async function managementServer(keelson: Keelson): Promise<string> {
  const { servers } = await new WorldClient(keelson.state).status();
  const found = servers.find(({ name }) => name === 'management-1');
  if (!found) throw new Error('the world has no server management-1');
  return found.id;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
