/** Finds what a person named; a name that nothing has is answered with those there are. */
import { nearest } from '../../exporters/core/config.ts';
import { FaultError } from './errors.ts';
import type { Ground, Peer, Server } from './ground.ts';

/** By id, name, or the beginning of a name that only one has. @throws FaultError FAULT_UNKNOWN_TARGET, FAULT_AMBIGUOUS_TARGET */
export function serverNamed(text: string, ground: Ground): Server {
  const servers = ground.servers();
  const exact = servers.find((server) => server.id === text || server.name === text);
  if (exact) return exact;
  const [first, ...others] = servers.filter((server) => server.name.startsWith(text));
  if (first && others.length === 0) return first;
  if (first) throw new FaultError('FAULT_AMBIGUOUS_TARGET', `several servers begin with "${text}": ${[first, ...others].map((server) => server.name).join(', ')}; give more of the name`);
  throw unknown('server', text, servers.map((server) => server.name));
}

/** @throws FaultError FAULT_UNKNOWN_TARGET */
export function zoneNamed(text: string, ground: Ground): string {
  if (!ground.zones().includes(text)) throw unknown('zone', text, ground.zones());
  return text;
}

/** @throws FaultError FAULT_UNKNOWN_TARGET */
export function clusterNamed(text: string, ground: Ground): string {
  const clusters = [...new Set(ground.servers().flatMap((server) => server.cluster ?? []))].sort();
  if (!clusters.includes(text)) throw unknown('cluster', text, clusters);
  return text;
}

/** The servers a request speaks of: one, those of a cluster, or all that run. @throws FaultError FAULT_UNKNOWN_TARGET */
export function serversOf({ node, cluster }: { readonly node?: string | undefined; readonly cluster?: string | undefined }, ground: Ground): Server[] {
  if (node !== undefined) {
    const server = serverNamed(node, ground);
    if (cluster !== undefined && server.cluster !== clusterNamed(cluster, ground)) throw new FaultError('FAULT_UNKNOWN_TARGET', `server ${server.name} is of cluster ${server.cluster ?? '(none)'}, not of ${cluster}; leave one of the two out`);
    return [server];
  }
  const wanted = cluster === undefined ? undefined : clusterNamed(cluster, ground);
  return ground.servers().filter((server) => server.isRunning && (wanted === undefined || server.cluster === wanted));
}

/** One end of a link: a server, another known thing, or an IPv4 address or range. @throws FaultError FAULT_UNKNOWN_TARGET */
export function endNamed(text: string, ground: Ground): Server | Peer {
  if (/^\d+(\.\d+){3}(\/\d+)?$/.test(text)) return { name: text, addresses: [text] };
  const peer = ground.peers().find((known) => known.name === text);
  if (peer) return peer;
  try {
    return serverNamed(text, ground);
  } catch (error) {
    if (!(error instanceof FaultError) || error.code !== 'FAULT_UNKNOWN_TARGET') throw error;
    throw unknown('server or peer', text, [...ground.servers(), ...ground.peers()].map((known) => known.name));
  }
}

export function isServer(end: Server | Peer): end is Server {
  return 'ports' in end;
}

/** "there is no zone az9; did you mean az1? there are az1, az2, az3" */
export function unknown(kind: string, text: string, known: readonly string[]): FaultError {
  const near = nearest(text, known);
  return new FaultError('FAULT_UNKNOWN_TARGET', `there is no ${kind} ${text}; ${near ? `did you mean ${near}? ` : ''}there ${known.length === 0 ? 'are none' : `are ${[...known].sort().join(', ')}`}`);
}
