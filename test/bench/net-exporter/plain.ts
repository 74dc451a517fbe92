/**
 * What one learns from the same probes without verdicts and without rules that combine the pods' views: every series
 * that is over its threshold, and whom it names. The peers that ours is held against: a ring of two neighbours, and a full mesh.
 */
import type { Prometheus, Series } from '../../exporters/net/field/prometheus.ts';

export interface Plain {
  /** Pods that complain of anything. */
  readonly complain: readonly string[];
  /** Nodes, DNS servers and clocks that they name. */
  readonly named: readonly string[];
}

/** Apart from the names that the recording rules read. */
export const plainPrefix = 'plain_exporter_';

/** The program's own thresholds; a round trip on this network takes less than a millisecond. */
const symptoms = (job: string): string => [
  `${plainPrefix}peer_up{job="${job}"} == 0`,
  `${plainPrefix}peer_loss_ratio{job="${job}"} > 0.02`,
  `${plainPrefix}peer_round_trip_seconds{job="${job}"} > 0.02`,
  `${plainPrefix}dns_up{job="${job}"} == 0`,
  `${plainPrefix}dns_latency_seconds{job="${job}"} > 0.5`,
  `abs(${plainPrefix}clock_offset_seconds{job="${job}"}) > 0.5`,
].map((symptom) => `(${symptom})`).join(' or ');

export async function symptomsOf(prometheus: Prometheus, job: string): Promise<Plain> {
  const found = await prometheus.query(symptoms(job));
  const distinct = (of: (labels: Series['labels']) => string | undefined): readonly string[] => [...new Set(found.flatMap(({ labels }) => of(labels) ?? []))].sort();
  return { complain: distinct((labels) => labels['node']), named: distinct((labels) => labels['peer_node'] ?? labels['server'] ?? labels['source_node']) };
}
