/** Clocks of nodes against NTP servers. */
import type { Alert, Rule } from '../model.ts';
import { relabel } from '../parts.ts';
import { clusterText as cluster, named } from './views.ts';

/** From here on tokens are not valid yet, and certificates of an hour ago are from the future. */
const pageSeconds = 10;

export const clockRecords: readonly Rule[] = [
  {
    kind: 'record', record: 'keelson:net_clock_offset_seconds:worst', labels: ['node'], maxSeries: named, since: '0.1.0',
    expr: `topk(${named}, max by (node) (${relabel('abs(net_exporter_clock_offset_seconds) and on (source_node) net_exporter_verdict{verdict="clock_off",subject=""} == 1', 'node', 'source_node')}))`,
    help: `By how much the clock of each node differs from the median of its NTP servers, where that is too much; the ${named} worst.`,
  },
];

const text = {
  summary: `${cluster}: the clock of {{ $labels.node }} is off by {{ humanizeDuration $value }}`,
  description: `The clock of node {{ $labels.node }} of cluster ${cluster} differs from its NTP servers by {{ humanizeDuration $value }}. Leases, tokens and certificates are judged by it, and logs are in the wrong order.`,
};

export const clockAlerts: readonly Alert[] = [
  { kind: 'alert', alert: 'ClockOff', for: '3m', detectWithin: '7m', severity: 'notify', area: 'clock', team: 'platform', expr: 'keelson:net_clock_offset_seconds:worst > 0', ...text },
  { kind: 'alert', alert: 'ClockOff', for: '1m', detectWithin: '5m', severity: 'page', area: 'clock', team: 'platform', expr: `keelson:net_clock_offset_seconds:worst > ${pageSeconds}`, ...text },
];
