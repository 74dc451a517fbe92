/** Everything a pod concludes from its last rounds, as a pure function. */
import { dnsFindings, type DnsView } from './dns.ts';
import { finding, type Finding } from './finding.ts';
import { meshFindings, type MeshView, type Thresholds } from './mesh.ts';

export interface View {
  readonly mesh: MeshView;
  readonly dns: readonly DnsView[];
  readonly services: readonly { readonly service: 'own' | 'kubernetes'; readonly isUp: boolean }[];
  /** Seconds by which this node is behind the median of the NTP servers; undefined where none answered. */
  readonly clockOffset: number | undefined;
}

export interface VerdictOptions {
  readonly thresholds: Thresholds;
  readonly slowSeconds: number;
  readonly maxOffsetSeconds: number;
}

export function judge({ mesh, dns, services, clockOffset }: View, { thresholds, slowSeconds, maxOffsetSeconds }: VerdictOptions): readonly Finding[] {
  const seen = meshFindings(mesh, thresholds);
  const clock = clockOffset !== undefined && Math.abs(clockOffset) >= maxOffsetSeconds ? [finding('clock_off', mesh.me.node)] : [];
  // Who reaches nobody can say nothing of servers.
  if (seen.some(({ verdict, detail }) => verdict === 'self' && detail === 'unreachable')) return [...seen, ...clock];
  const silent = new Set(seen.filter(({ verdict }) => verdict === 'peer_down' || verdict === 'one_way_loss').map(({ subject }) => subject));
  const lostZones = new Set(seen.filter(({ verdict }) => verdict === 'zone_unreachable').map(({ subject }) => subject));
  const isExplained = ({ node, zone }: { node?: string | undefined; zone?: string | undefined }): boolean => (node !== undefined && silent.has(node)) || (zone !== undefined && lostZones.has(zone));
  // The ClusterIP of the exporter leads to any of its pods, those on silent nodes too.
  const isAnyoneSilent = silent.size + lostZones.size > 0;
  return [
    ...seen,
    ...dnsFindings(dns, { slowSeconds, isExplained }),
    ...services.filter(({ service, isUp }) => !isUp && !(service === 'own' && isAnyoneSilent)).map(({ service }) => finding('service_path_bad', service)),
    ...clock,
  ];
}
