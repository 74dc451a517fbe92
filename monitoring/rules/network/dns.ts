/** Name resolution: how much fails and how long it takes per protocol, and which server is to blame. */
import type { Alert, Rule } from '../model.ts';
import { relabel } from '../parts.ts';
import { blamed, clusterText as cluster, most } from './views.ts';

const protocols = ['udp', 'tcp'] as const;
/** Servers that are named at most. */
const servers = 10;
/** Part of the queries that fail, and seconds; a resolver in the same room answers from its cache in less than one. */
const limits = { errors: 0.05, seconds: 0.25 } as const;

/** What nodes measure whose own network is at fault says nothing of DNS. */
const trusted = (vector: string): string => `(${vector} unless on (node) ${blamed('node', 'unreachable|loss|large_packets|dns')})`;
const queries = (matcher = ''): string => `sum by (proto) ${trusted(`rate(net_exporter_dns_results_total{role="service"${matcher}}[2m])`)}`;
const accusers = `count by (server, detail) (${relabel('net_exporter_verdict{verdict="dns_server_bad",subject!=""}', 'server', 'subject')})`;
const sufferers = `count by (server, detail) (${relabel('net_exporter_verdict{verdict="dns_path_bad",subject!=""}', 'server', 'subject')})`;

export const dnsRecords: readonly Rule[] = [
  {
    kind: 'record', record: 'keelson:net_dns_errors:ratio', labels: ['proto'], maxSeries: protocols.length, since: '0.1.0',
    expr: `(${queries(',rcode!="NOERROR"')} or 0 * ${queries()}) / ${queries()}`,
    help: 'Part of the queries to the DNS Service that were not answered with an address, by protocol; without nodes whose network is at fault.',
  },
  ...protocols.map((proto): Rule => ({
    kind: 'record', record: 'keelson:net_dns_latency_seconds:p95', set: { proto }, labels: ['proto'], maxSeries: 1, since: '0.1.0',
    expr: `histogram_quantile(0.95, sum by (le) ${trusted(`rate(dns_${proto}_latency_seconds_bucket[5m])`)})`,
    help: `95th percentile of the time that the DNS Service takes to answer over ${proto.toUpperCase()}.`,
  })),
  {
    kind: 'record', record: 'keelson:net_dns_server_blame:ratio', labels: ['server', 'detail'], maxSeries: servers, since: '0.1.0',
    expr: `topk(${servers}, ${accusers} / on (server) group_left () count by (server) (net_exporter_dns_up))`,
    help: 'Part of those who ask this DNS server and find it silent, failing or slow while another one is well.',
  },
  {
    kind: 'record', record: 'keelson:net_resolver_blame:ratio', labels: ['server', 'detail'], forPeople: 'runbook DnsSlow: from how many nodes, over which protocol', maxSeries: servers, since: '0.1.0',
    expr: `topk(${servers}, ${sufferers} / on () group_left () count(count by (source_node) (net_exporter_verdict)))`,
    help: 'Part of the nodes on which names are not resolved, or slowly, whichever server answers: silent, errors, slow, or the one protocol that is bad.',
  },
];

const overProtocol = 'over {{ $labels.proto | toUpper }}';

export const dnsAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'DnsErrors', for: '2m', detectWithin: '6m', severity: 'page', area: 'dns', team: 'platform', expr: `keelson:net_dns_errors:ratio > ${limits.errors}`,
    summary: `${cluster}: {{ humanizePercentage $value }} of DNS queries ${overProtocol} fail`,
    description: `The DNS Service of cluster ${cluster} does not answer {{ humanizePercentage $value }} of the queries ${overProtocol}, from nodes whose network is well. Whatever looks up a name there waits or fails.`,
  },
  {
    kind: 'alert', alert: 'DnsSlow', for: '5m', keepFiringFor: '5m', detectWithin: '9m', severity: 'notify', area: 'dns', team: 'platform', expr: `keelson:net_dns_latency_seconds:p95 > ${limits.seconds}`,
    summary: `${cluster}: DNS ${overProtocol} takes {{ humanizeDuration $value }}`,
    description: `One in twenty queries to the DNS Service of cluster ${cluster} ${overProtocol} takes {{ humanizeDuration $value }} or longer. Clients ask again after a second or five: their users feel it.`,
  },
  {
    kind: 'alert', alert: 'DnsServerBad', for: '3m', detectWithin: '7m', severity: 'notify', area: 'dns', team: 'platform', expr: `keelson:net_dns_server_blame:ratio > ${most}`,
    summary: `${cluster}: DNS server {{ $labels.server }} {{ if eq $labels.detail "silent" }}does not answer{{ else if eq $labels.detail "slow" }}is slow{{ else }}answers with errors{{ end }}`,
    description: `{{ humanizePercentage $value }} of the nodes of cluster ${cluster} that ask DNS server {{ $labels.server }} find it {{ if eq $labels.detail "errors" }}failing{{ else }}{{ $labels.detail }}{{ end }}, while another one is well. Queries that the Service sends there are lost.`,
  },
];
