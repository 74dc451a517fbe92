/** What the pods of the field say and whom the recording rules blame, as text, asked of Prometheus in one query. */
import type { Prometheus, Series } from './prometheus.ts';

export interface Sight {
  /** `node-a1: peer_down node-b2`, sorted. */
  readonly says: readonly string[];
  /** `node node-b2 unreachable`, `zones b→c large_packets`, `dns dns-1 silent`, sorted. */
  readonly blame: readonly string[];
}

/** More than half of those who look, as the alerts have it (monitoring/rules/network). */
const blames = '{__name__=~"keelson:net_(node|zone|zone_pair|service|dns_server|resolver)_blame:ratio|keelson:net_link_blame:info|keelson:net_clock_offset_seconds:worst"} > 0.5';
/** The pods' own conclusions. */
const verdicts = 'net_exporter_verdict{subject!=""} == 1';

export async function look(prometheus: Prometheus): Promise<Sight> {
  const found = await prometheus.query(`${verdicts} or ${blames}`);
  return { says: texts(found, statement), blame: texts(found, blame) };
}

const texts = (all: readonly Series[], text: (labels: Series['labels']) => string | undefined): readonly string[] => all.flatMap(({ labels }) => text(labels) ?? []).sort();

function statement(labels: Series['labels']): string | undefined {
  if (labels['__name__'] !== 'net_exporter_verdict') return undefined;
  return `${labels['source_node']}: ${words(labels['verdict'], labels['subject'], labels['detail'])}`;
}

function blame(labels: Series['labels']): string | undefined {
  switch (labels['__name__']) {
    case 'keelson:net_node_blame:ratio': return words('node', labels['node'], labels['fault']);
    case 'keelson:net_zone_blame:ratio': return words('zone', labels['zone']);
    case 'keelson:net_zone_pair_blame:ratio': return words('zones', `${labels['source_zone']}→${labels['peer_zone']}`, labels['fault']);
    case 'keelson:net_link_blame:info': return words('link', `${labels['source_node']}→${labels['peer_node']}`, labels['fault']);
    case 'keelson:net_dns_server_blame:ratio': return words('dns', labels['server'], labels['detail']);
    case 'keelson:net_resolver_blame:ratio': return words('resolver', labels['server'], labels['detail']);
    case 'keelson:net_service_blame:ratio': return words('service', labels['service']);
    case 'keelson:net_clock_offset_seconds:worst': return words('node', labels['node'], 'clock');
    default: return undefined;
  }
}

const words = (...all: readonly (string | undefined)[]): string => all.filter((word) => word !== undefined && word !== '').join(' ');
