/** A round of the mesh as metrics. */
import type { Meter } from '../meter.ts';
import { hostPort } from '../peers/peer.ts';
import type { Probed, RoundReport, Watched } from './mesh.ts';

const peerFamilies = ['up', 'loss_ratio', 'round_trip_seconds', 'jitter_seconds', 'last_success_timestamp_seconds', 'errors_total'].map((name) => `net_exporter_peer_${name}`);
const zoneFamilies = ['zone_round_trip_seconds', 'zone_datagrams_sent_total', 'zone_datagrams_lost_total', 'zone_datagrams_reordered_total', 'peers_known'].map((name) => `net_exporter_${name}`);
const hostFamilies = ['network_latency_seconds', 'network_dial_error_total'];

type Me = RoundReport['me'];

/** @param serviceHost the label of the ClusterIP, whose series stand in the same families */
export function recordMesh(meter: Meter, report: RoundReport, serviceHost: string | undefined): void {
  const { me, probed, watched, known, problem } = report;
  meter.add('network_error_total', {}, problem === undefined ? 0 : 1);
  meter.keep(peerFamilies, 'peer_node', new Set(watched.map(({ peer }) => peer.node)));
  meter.keep(zoneFamilies, 'peer_zone', new Set(watched.map(({ peer }) => peer.zone)));
  meter.keep(hostFamilies, 'host', new Set([...watched.filter(({ isOnRing }) => isOnRing).map(hostOf), ...(serviceHost === undefined ? [] : [serviceHost])]));
  for (const [zone, count] of known) meter.set('net_exporter_peers_known', { peer_zone: zone }, count);
  for (const one of probed) {
    recordPeer(meter, me, one);
    recordZone(meter, me, one);
    recordHost(meter, one);
  }
}

function recordPeer(meter: Meter, me: Me, { watched: { peer, history }, connects }: Probed): void {
  const labels = { source_node: me.node, source_zone: me.zone, peer_node: peer.node, peer_zone: peer.zone };
  const { loss, roundTrip, jitter, lastSuccessMs = 0 } = history;
  meter.set('net_exporter_peer_up', labels, history.isUp ? 1 : 0);
  for (const size of ['small', 'large'] as const) meter.set('net_exporter_peer_loss_ratio', { ...labels, size }, loss[size].sent > 0 ? loss[size].lost / loss[size].sent : undefined);
  meter.set('net_exporter_peer_round_trip_seconds', labels, roundTrip);
  meter.set('net_exporter_peer_jitter_seconds', labels, jitter);
  meter.set('net_exporter_peer_last_success_timestamp_seconds', labels, lastSuccessMs / 1000);
  for (const { probe, result } of connects) if (result.kind === 'failed') meter.add('net_exporter_peer_errors_total', { ...labels, probe, kind: result.error });
}

function recordZone(meter: Meter, me: Me, { watched: { peer }, round }: Probed): void {
  const labels = { source_zone: me.zone, peer_zone: peer.zone };
  for (const train of round.isAbsent ? [] : round.trains) {
    for (const seconds of train.roundTrips) meter.observe('net_exporter_zone_round_trip_seconds', labels, seconds);
    for (const size of ['small', 'large'] as const) {
      if (train[size].sent === 0) continue;
      meter.add('net_exporter_zone_datagrams_sent_total', { ...labels, size }, train[size].sent);
      meter.add('net_exporter_zone_datagrams_lost_total', { ...labels, size }, train[size].lost);
    }
    meter.add('net_exporter_zone_datagrams_reordered_total', labels, train.reordered);
  }
}

/** As the exporter that is replaced has it: the ring only, and the first address. */
function recordHost(meter: Meter, { watched, connects }: Probed): void {
  if (!watched.isOnRing) return;
  const host = hostOf(watched);
  for (const { probe, address, result } of connects) {
    if (probe !== 'tcp' || hostPort(address, watched.peer.port) !== host) continue;
    meter.add('network_dial_error_total', { host }, result.kind === 'failed' ? 1 : 0);
    if (result.kind === 'connected') meter.observe('network_latency_seconds', { host }, result.seconds);
  }
}

const hostOf = ({ peer }: Watched): string => hostPort(peer.addresses[0] ?? '', peer.port);
