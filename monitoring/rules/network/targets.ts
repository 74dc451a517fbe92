/** Targets outside that the configuration of net-exporter names: do they answer, and when do their certificates end? */
import { days } from '../certificates/expiry.ts';
import type { Alert, Rule } from '../model.ts';
import { blamed, clusterText as cluster, most, named } from './views.ts';

/** What a node measures whose own network is at fault says nothing of a target. */
const trusted = `(net_exporter_target_up unless on (node) ${blamed('node', 'unreachable|loss|large_packets|dns')})`;

export const targetRecords: readonly Rule[] = [
  {
    kind: 'record', record: 'keelson:net_target_down:ratio', labels: ['target', 'type'], maxSeries: named, since: '0.1.0',
    expr: `topk(${named}, 1 - avg by (target, type) ${trusted} > 0)`,
    help: `Part of the nodes from which a target outside does not answer as expected, of those that any node misses; without nodes whose network is at fault. At most ${named}.`,
  },
  {
    kind: 'record', record: 'keelson:net_target_not_after_timestamp:soonest', labels: ['target'], maxSeries: named, since: '0.1.0',
    expr: `bottomk(${named}, min by (target) (net_exporter_target_certificate_not_after))`,
    help: `When the certificates that targets outside serve expire, in unix seconds; the ${named} soonest.`,
  },
];

const target = 'target {{ $labels.target }}';

const waits = { page: { for: '5m', detectWithin: '9m' }, notify: { for: '15m', detectWithin: '19m' } } as const;

const expires = (severity: keyof typeof waits): Alert => ({
  kind: 'alert', alert: 'TargetCertificateExpiresSoon', ...waits[severity], severity, area: 'network', team: 'platform',
  hiddenBy: ['blindness'], impact: 'what in the cluster calls the target and verifies its certificate: volumes and nodes for the OpenStack APIs, images for a registry',
  expr: `keelson:net_target_not_after_timestamp:soonest - time() < ${days[severity]} * 86400`,
  summary: `${cluster}: the certificate of ${target} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}`,
  description: `The certificate that ${target} serves to cluster ${cluster} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}. From then on clients in the cluster that verify it get no connection.`,
});

export const targetAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'TargetDown', for: '3m', detectWithin: '7m', severity: 'notify', area: 'network', team: 'platform', hiddenBy: ['cloud', 'blindness', 'lifecycle'],
    expr: `keelson:net_target_down:ratio > ${most}`,
    summary: `${cluster}: ${target} does not answer`,
    description: `From {{ humanizePercentage $value }} of the nodes of cluster ${cluster}, ${target} ({{ $labels.type }}) does not answer as expected: what in the cluster needs it fails.`,
  },
  expires('notify'),
  expires('page'),
];
