/**
 * Kills: which process, in which server, at which moment of which phase of a cluster's life. Everything in the fleet is
 * level-based, so whatever dies: the phase ends as it would have, nothing is there twice, nothing is left over.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorldClient } from '../../sandbox/world/client.ts';
import { killProgram } from './host-view.ts';
import type { Keelson } from './keelson.ts';
import { serverOf, type Workload } from './machines.ts';

/** Where a process runs: the management cluster's server, a server of the cluster at work, or around all of them. */
export type Place = 'management' | 'control plane' | 'worker' | 'world';

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

const at = (place: Place, ...programs: string[]): Victim[] => programs.map((program) => ({ place, program }));

export const victims: readonly Victim[] = [
  ...at('management', 'capi-core-manager', 'capi-kubeadm-bootstrap-manager', 'capi-kubeadm-control-plane-manager', 'capo-manager', 'keelson.mjs operator', 'keelson.mjs topology-extension'),
  ...at('management', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kubelet', 'container-runtime.mjs'),
  ...at('control plane', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'openstack-cloud-controller-manager', 'kubelet', 'container-runtime.mjs'),
  ...at('worker', 'kubelet', 'container-runtime.mjs', 'kube-proxy'),
  ...at('world', 'the world'),
];

/** A life of a cluster: one kill in each phase, drawn by a seed. @param lasting seconds within which the kill of a phase comes */
export function drawLife(seed: number, lasting: Readonly<Record<Phase, number>>): Kill[] {
  const random = generator(seed);
  return phases.map((phase) => ({ phase, victim: victims[Math.floor(random() * victims.length)] as Victim, afterSeconds: Math.round(random() * lasting[phase]) }));
}

const places: Readonly<Record<Place, string>> = { management: 'in the management cluster', 'control plane': 'in a control plane', worker: 'in a worker', world: 'with everything in it' };

export const inWords = ({ phase, victim, afterSeconds }: Kill): string => `${phase}: ${victim.program} ${places[victim.place]} after ${afterSeconds} s`;

/**
 * Waits and kills; returns how many processes died. Where there is no such process yet (no server, no container), it looks
 * again until there is one, for as long as the phase lasts.
 */
export async function strike(keelson: Keelson, workload: Workload, kill: Kill, signal: AbortSignal): Promise<number> {
  await sleep(kill.afterSeconds * 1000, undefined, { signal }).catch(() => undefined);
  if (kill.victim.place === 'world') return signal.aborted ? 0 : endWorld(keelson);
  while (!signal.aborted) {
    for (const server of await serversAt(keelson, workload, kill.victim.place).catch(() => [])) {
      const killed = killProgram(server, kill.victim.program).length;
      if (killed > 0) return killed;
    }
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
  return 0;
}

/** As a power failure of the machine: afterwards `keelson up` goes on from the cloud's records and the servers' disks. */
async function endWorld(keelson: Keelson): Promise<number> {
  const { process: world } = JSON.parse(await readFile(join(keelson.state, 'world.json'), 'utf8')) as { process: { pid: number } };
  process.kill(world.pid, 'SIGKILL');
  return 1;
}

async function serversAt(keelson: Keelson, workload: Workload, place: Place): Promise<string[]> {
  if (place === 'world') return [];
  if (place === 'management') return [await managementServer(keelson)];
  return (await workload.machines(place)).map(serverOf).filter(Boolean);
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
