/** The cluster's DNS servers as they see themselves; how names resolve from the nodes is in rules/network/dns.ts. From CoreDNS. */
import type { Record, RuleGroup } from '../rules/model.ts';
import { orZero, recorded } from './expressions.ts';

const board = 'board: cluster';
const one = (record: `keelson:${string}:${string}`, expr: string, help: string): Record => recorded({ record, expr, maxSeries: 1, forPeople: board, help });

export const dnsServerRecords: RuleGroup = {
  name: 'keelson-dns-servers',
  place: 'workload',
  rules: [
    one('keelson:coredns_requests:rate5m', 'sum(rate(coredns_dns_requests_total[5m]))', 'Queries a second to CoreDNS.'),
    one('keelson:coredns_servfail:ratio5m', `(${orZero('sum(rate(coredns_dns_responses_total{rcode="SERVFAIL"}[5m]))', 'coredns_build_info')}) / (sum(rate(coredns_dns_responses_total[5m])) > 0)`, 'Part of them answered with SERVFAIL.'),
    one('keelson:coredns_request_seconds:p99', 'histogram_quantile(0.99, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket[5m])))', 'How long CoreDNS takes for a query.'),
    one('keelson:coredns_cache_hits:ratio5m', `(${orZero('sum(rate(coredns_cache_hits_total[5m]))', 'coredns_build_info')}) / (sum(rate(coredns_cache_requests_total[5m])) > 0)`, 'Part of the queries that its cache answers.'),
  ],
};
