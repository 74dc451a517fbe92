/** What nine exporters in three zones write about each other, as input of promtool: each looks at all others, minute by minute. */
import { series, type AlertCase } from './rule-cases.ts';

export interface Node {
  readonly name: string;
  readonly zone: string;
}
export const nodes: readonly Node[] = ['a', 'b', 'c'].flatMap((zone) => [1, 2, 3].map((i) => ({ name: `${zone}${i}`, zone })));

/** Until `at` all is well, then what a fault makes of it, for so many minutes. */
export interface Sight {
  /** Values of net_exporter_peer_up from the minute of the fault on; healthy when undefined. */
  readonly peerUp?: (source: Node, peer: Node) => string | undefined;
  /** Verdicts of a pod that hold from then on. */
  readonly verdicts?: (source: Node) => readonly { readonly verdict: string; readonly subject: string; readonly detail?: string }[];
  /** Nodes whose exporter cannot be scraped from then on. */
  readonly silent?: (node: Node) => boolean;
  /** Nodes that are not there any more ten minutes later. */
  readonly removed?: (node: Node) => boolean;
  /** Another cluster than the nine. */
  readonly of?: readonly Node[];
}

export const at = 10;
const lasts = 50;
const healthy = (value: number): string => `${value}x${at - 1}`;
const always = (value: number): string => `${value}x${lasts}`;
/** The families whose last values rules ask for by an empty subject. */
const states = ['peer_down', 'self', 'packet_loss', 'large_packets_lost', 'slow_peer', 'dns_path_bad', 'dns_server_bad', 'service_path_bad', 'clock_off'];

export function nineNodes({ peerUp = () => undefined, verdicts = () => [], silent = () => false, removed = () => false, of: all = nodes }: Sight = {}): AlertCase['input_series'] {
  return all.flatMap((source) => {
    const target = `job="net-exporter",instance="${source.name}:8000",node="${source.name}"`;
    const me = `${target},source_node="${source.name}",source_zone="${source.zone}"`;
    const until = (after: string): string => (silent(source) ? 'stale' : after);
    const mine = verdicts(source);
    const isUp = removed(source) ? '0x10 stale' : always(silent(source) ? 0 : 1);
    return [
      series(`up{${target}}`, `${healthy(1)} ${isUp}`),
      series(`up{job="kubelet",node="${source.name}"}`, `${healthy(1)} ${isUp}`),
      series(`net_exporter_probe_last_round_timestamp_seconds{${target},probe="mesh"}`, `0+60x${at - 1} ${until(`${at * 60}+60x${lasts}`)}`),
      ...all.filter((peer) => peer !== source).map((peer) => series(`net_exporter_peer_up{${me},peer_node="${peer.name}",peer_zone="${peer.zone}"}`, `${healthy(1)} ${until(peerUp(source, peer) ?? always(1))}`)),
      ...states.map((verdict) => series(`net_exporter_verdict{${me},verdict="${verdict}",subject="",detail=""}`, `${healthy(0)} ${until(always(mine.some((one) => one.verdict === verdict) ? 1 : 0))}`)),
      ...mine.map(({ verdict, subject, detail = '' }) => series(`net_exporter_verdict{${me},verdict="${verdict}",subject="${subject}",detail="${detail}"}`, `_x${at - 1} ${until(always(1))}`)),
    ];
  });
}

/** Down for good. */
export const down = always(0);
/** Seen once without an answer; then its endpoint is not ready, and nobody looks any more. */
export const downThenForgotten = '0 stale';
/** Forgotten, and back after half an hour. */
export const downThenBack = `0 stale _x28 1x20`;
