/** What the verdict looks at, taken from what the probes remember. */
import type { DnsServerRound } from './dns/round.ts';
import { viewOf } from './dns/round.ts';
import type { RoundReport, Watched } from './mesh/mesh.ts';
import { clockOffset, type NtpServerRound } from './ntp/round.ts';
import { isUp, type ServiceRound } from './service.ts';
import type { TargetRound } from './targets/round.ts';
import type { PeerView } from './verdict/mesh.ts';
import type { View } from './verdict/verdict.ts';

/** The last round of each kind of probe; empty before the first. */
export interface LastRounds {
  readonly mesh: RoundReport | undefined;
  readonly services: readonly ServiceRound[];
  readonly dns: readonly DnsServerRound[];
  readonly ntp: readonly NtpServerRound[];
  readonly targets: readonly TargetRound[];
}

export function viewFrom({ mesh, services, dns, ntp }: LastRounds, me: { readonly node: string; readonly zone: string }): View {
  return {
    mesh: { me, peers: (mesh?.watched ?? []).map(peerView), witnesses: mesh?.witnesses ?? [] },
    dns: dns.map(viewOf),
    services: services.map((round) => ({ service: round.service.service, isUp: isUp(round) })),
    clockOffset: clockOffset(ntp),
  };
}

function peerView({ peer: { node, zone }, history, isHeard }: Watched): PeerView {
  const trains = history.last?.isAbsent ? [] : (history.last?.trains ?? []);
  const count = (size: 'small' | 'large'): { sent: number; lost: number } => ({ sent: sum(trains.map((train) => train[size].sent)), lost: sum(trains.map((train) => train[size].lost)) });
  return { node, zone, isUp: history.isUp, isHeard, loss: history.loss.small, last: { small: count('small'), large: count('large') }, roundTrip: history.leastRoundTrip, usual: history.usual };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
