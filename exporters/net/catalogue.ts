/**
 * Every metric family of net-exporter. Pure data: rules, boards and the reference page are checked against it.
 * Families with `compatibleWith` keep the name, labels and meaning of the exporter they replace.
 *
 * How much a pod writes is bounded by its configuration: per peer 6 series, per peer zone 17, per DNS server 5, and
 * none of these counts grows with the cluster. `source_*` is the node that measures, `peer_*` the one it measures to.
 */
import { sourceFamilies, type MetricFamily } from '../core/catalogue.ts';

/** What the exporter learns from others; the value of the label `source`. */
export const netSources = ['peers', 'dns_endpoints'] as const;
export type NetSource = (typeof netSources)[number];

/** Why an endpoint was left out, or a watch did not answer. */
export const skipReasons = {
  list_or_watch_failed: 'the API server did not answer, or refused; the log says why',
  no_node_name: 'a ready endpoint says no node, so it cannot be named as a peer',
  bad_address: 'an address of an endpoint is not an IP address',
} as const;
export type SkipReason = keyof typeof skipReasons;

/** Groups of probes, each on a timer of its own. */
export const probes = ['mesh', 'service', 'dns', 'ntp', 'targets'] as const;
export type Probe = (typeof probes)[number];

/** How a connection fails. `refused` and `reset` came from the other side: the way there and back works. */
export const connectErrors = {
  refused: 'the other side answered that nothing listens there: the network works',
  reset: 'the connection was ended by the other side while it was made',
  timeout: 'nothing came back in time',
  unreachable: 'a router or the other node says that the host cannot be reached',
  no_route: 'this node has no route to the network, or no address of its family',
  protocol: 'connected, and then no TLS handshake, no HTTP answer or a status that is not expected',
  other: 'anything else; the log says what',
} as const;
export type ConnectError = keyof typeof connectErrors;

/** What became of a DNS query: a response code (RFC 6895) or what went wrong before one could be read. */
export const dnsResults = {
  NOERROR: 'answered, with an address', EMPTY: 'answered without an error and without an address of either family',
  FORMERR: 'response code 1', SERVFAIL: 'response code 2', NXDOMAIN: 'response code 3', NOTIMP: 'response code 4', REFUSED: 'response code 5', OTHER: 'another response code',
  TRUNCATED: 'an answer over UDP that asks for TCP', WRONG_ID: 'only answers to a question that was not asked: wrong id or wrong name', MALFORMED: 'bytes that are no DNS message',
  TIMEOUT: 'nothing came back in time', UNREACHABLE: 'refused, reset or no route to the server',
} as const;
export type DnsResult = keyof typeof dnsResults;

/** Where a DNS server stands. */
export const dnsRoles = ['service', 'pod', 'node_local'] as const;
export type DnsRole = (typeof dnsRoles)[number];

/** What became of a query to an NTP server (RFC 5905). */
export const ntpResults = {
  ok: 'answered, with a time', timeout: 'nothing came back in time', unreachable: 'refused, no route, or its name has no address',
  kiss_of_death: 'asked to stop or to slow down (stratum 0); it is asked an eighth as often for an hour', unsynchronized: 'says itself that its clock is not set (leap indicator 3 or stratum 16)', malformed: 'bytes that are no answer to the query',
} as const;
export type NtpResult = keyof typeof ntpResults;

/** What a pod concludes from its last rounds. `subject` and the values of `detail` are said for each. */
export const verdicts = {
  peer_down: { subject: 'node', details: [], meaning: 'nothing comes back from the peer, over TCP nor UDP, while other peers answer' },
  zone_unreachable: { subject: 'zone', details: [], meaning: 'no peer of the zone answers, of at least two that were asked, while peers elsewhere do' },
  self: { subject: 'node', details: ['unreachable', 'loss', 'slow', 'large_packets'], meaning: 'most peers, and most of those in the own zone, show the same fault: it is this node; nobody else is blamed for it' },
  one_way_loss: { subject: 'node', details: ['out', 'in'], meaning: 'datagrams are lost in one direction only: "out" from here to the peer, "in" from the peer to here' },
  packet_loss: { subject: 'node', details: [], meaning: 'part of the datagrams to the peer and back are lost' },
  slow_peer: { subject: 'node', details: [], meaning: 'the round trip to the peer is far above what it was in the last hour' },
  large_packets_lost: { subject: 'node', details: [], meaning: 'small datagrams arrive, those near the MTU do not: a black hole of large packets' },
  service_path_bad: { subject: 'service', details: [], meaning: 'a Service address does not answer while peers do: "own" is the ClusterIP of the exporter, "kubernetes" that of the API' },
  dns_server_bad: { subject: 'server', details: ['silent', 'errors', 'slow', 'udp', 'tcp'], meaning: 'one DNS server fails or is slow while another answers well' },
  dns_path_bad: { subject: 'server', details: ['silent', 'errors', 'slow', 'udp', 'tcp'], meaning: 'names are not resolved, or slowly, through the Service address (or any server) as a whole, or over one protocol only' },
  clock_off: { subject: 'node', details: [], meaning: 'the clock of this node differs from the median of the NTP servers' },
} as const;
export type VerdictName = keyof typeof verdicts;

const beta = { stability: 'beta', since: '0.1.0' } as const;
const giantswarm = { stability: 'stable', since: '0.1.0', compatibleWith: 'giantswarm/net-exporter 1.23' } as const;
const pair = ['source_node', 'source_zone', 'peer_node', 'peer_zone'] as const;
const zonePair = ['source_zone', 'peer_zone'] as const;
const sizes = ['small', 'large'];

/** The first five are those of the exporter that is replaced, whose last is 16 ms; alerts ask for 0.5 s. */
const connectBuckets = [0.001, 0.002, 0.004, 0.008, 0.016, 0.064, 0.25, 1, 5];
const roundTripBuckets = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.02, 0.05, 0.1, 0.5];
const dnsBuckets = [0.001, 0.002, 0.004, 0.008, 0.016, 0.064, 0.256, 1.024, 4.096, 16.384];
const ntpBuckets = [0.001, 0.004, 0.016, 0.064, 0.256, 1.024];

/** Families that rules and boards written for giantswarm/net-exporter read. */
const compatibleFamilies: readonly MetricFamily[] = [
  { ...giantswarm, name: 'network_latency_seconds', type: 'histogram', labels: ['host'], unit: 'seconds', buckets: connectBuckets, help: 'Time of a TCP connection to a peer on the ring or to the ClusterIP of the exporter, as address:port. Peers that only a full mesh adds are in the net_exporter_ families.' },
  { ...giantswarm, name: 'network_dial_error_total', type: 'counter', labels: ['host'], help: 'TCP connections that failed, to the same hosts.' },
  { ...giantswarm, name: 'network_error_total', type: 'counter', labels: [], help: 'Rounds of the mesh that could not be made: no peers known, or this node is not among them.' },
  { ...giantswarm, name: 'dns_udp_latency_seconds', type: 'histogram', labels: ['host'], unit: 'seconds', buckets: dnsBuckets, help: 'Time of an answer over UDP by the DNS Service, by the name that was asked for.' },
  { ...giantswarm, name: 'dns_tcp_latency_seconds', type: 'histogram', labels: ['host'], unit: 'seconds', buckets: dnsBuckets, help: 'Time of an answer over TCP by the DNS Service, the connection included, by the name that was asked for.' },
  { ...giantswarm, name: 'dns_resolve_error_total', type: 'counter', labels: ['proto', 'host'], values: { proto: ['udp', 'tcp'] }, help: 'Names that the DNS Service did not resolve: no answer, a wrong one, an error code, or no address.' },
  { ...giantswarm, name: 'dns_error_total', type: 'counter', labels: [], help: 'Rounds of DNS that could not be made: no server is known.' },
  { ...giantswarm, name: 'ntp_latency_seconds', type: 'histogram', labels: ['server'], unit: 'seconds', buckets: ntpBuckets, help: 'Round trip of an NTP query.' },
  { ...giantswarm, name: 'ntp_sync_error_total', type: 'counter', labels: ['server'], help: 'NTP queries without a usable answer.' },
  { ...giantswarm, name: 'ntp_error_total', type: 'counter', labels: [], help: 'Rounds of NTP that could not be made: no server has an address.' },
];

const meshFamilies: readonly MetricFamily[] = [
  { ...beta, name: 'net_exporter_peer_up', type: 'gauge', labels: pair, help: 'Whether anything came back from the peer in the last round (1), a refusal too, or nothing (0).' },
  { ...beta, name: 'net_exporter_peer_loss_ratio', type: 'gauge', unit: 'ratio', labels: [...pair, 'size'], values: { size: sizes }, help: 'Part of the datagrams of the last four rounds that did not come back, of small ones and of those near the MTU.' },
  { ...beta, name: 'net_exporter_peer_round_trip_seconds', type: 'gauge', unit: 'seconds', labels: pair, help: 'Median round trip of the small datagrams of the last round.' },
  { ...beta, name: 'net_exporter_peer_jitter_seconds', type: 'gauge', unit: 'seconds', labels: pair, help: 'Mean difference between the round trips of consecutive small datagrams of the last round.' },
  { ...beta, name: 'net_exporter_peer_last_success_timestamp_seconds', type: 'gauge', unit: 'seconds', labels: pair, help: 'When anything last came back from the peer, in unix seconds; 0 for never.' },
  { ...beta, name: 'net_exporter_peer_errors_total', type: 'counter', labels: [...pair, 'probe', 'kind'], values: { probe: ['tcp', 'http'], kind: Object.keys(connectErrors) }, help: 'Connections to the peer that failed, by kind. A series appears with its first failure.' },
  { ...beta, name: 'net_exporter_zone_round_trip_seconds', type: 'histogram', unit: 'seconds', buckets: roundTripBuckets, labels: zonePair, help: 'Round trips of small datagrams to all peers of a zone.' },
  { ...beta, name: 'net_exporter_zone_datagrams_sent_total', type: 'counter', labels: [...zonePair, 'size'], values: { size: sizes }, help: 'Datagrams sent to peers of a zone.' },
  { ...beta, name: 'net_exporter_zone_datagrams_lost_total', type: 'counter', labels: [...zonePair, 'size'], values: { size: sizes }, help: 'Datagrams to peers of a zone that did not come back in time.' },
  { ...beta, name: 'net_exporter_zone_datagrams_reordered_total', type: 'counter', labels: zonePair, help: 'Datagrams to peers of a zone that came back after one that was sent later.' },
  { ...beta, name: 'net_exporter_peers_known', type: 'gauge', labels: ['peer_zone'], help: 'Peers that are ready, by zone, this node not counted; of the zones in which any is watched.' },
  { ...beta, name: 'net_exporter_large_datagram_bytes', type: 'gauge', unit: 'bytes', labels: [], help: 'Payload of the large datagrams: the MTU of the own interface without the headers of IP and UDP.' },
];

const otherFamilies: readonly MetricFamily[] = [
  { ...beta, name: 'net_exporter_service_up', type: 'gauge', labels: ['service'], values: { service: ['own', 'kubernetes'] }, help: 'Whether the Service address took a TCP connection in the last round: the ClusterIP of the exporter itself, and that of the Kubernetes API.' },
  { ...beta, name: 'net_exporter_service_connect_seconds', type: 'gauge', unit: 'seconds', labels: ['service'], values: { service: ['own', 'kubernetes'] }, help: 'Time of that connection.' },
  { ...beta, name: 'net_exporter_service_errors_total', type: 'counter', labels: ['service', 'kind'], values: { service: ['own', 'kubernetes'], kind: Object.keys(connectErrors) }, help: 'Connections to the Service address that failed, by kind. A series appears with its first failure.' },
  { ...beta, name: 'net_exporter_dns_up', type: 'gauge', labels: ['server', 'role'], values: { role: dnsRoles }, help: 'Whether the server resolved all names over all protocols in the last round (1) or not (0).' },
  { ...beta, name: 'net_exporter_dns_latency_seconds', type: 'gauge', unit: 'seconds', labels: ['server', 'role', 'proto'], values: { role: dnsRoles, proto: ['udp', 'tcp'] }, help: 'Slowest answer of the server in the last round.' },
  { ...beta, name: 'net_exporter_dns_results_total', type: 'counter', labels: ['server', 'role', 'proto', 'rcode'], values: { role: dnsRoles, proto: ['udp', 'tcp'], rcode: Object.keys(dnsResults) }, help: 'What became of queries, by server, protocol and response code. A series appears with its first result.' },
  { ...beta, name: 'net_exporter_ntp_offset_seconds', type: 'gauge', unit: 'seconds', labels: ['server'], help: 'By how much the clock of the server is ahead of that of this node, in the sample with the shortest round trip of the last round.' },
  { ...beta, name: 'net_exporter_ntp_stratum', type: 'gauge', labels: ['server'], help: 'Stratum that the server says of itself.' },
  { ...beta, name: 'net_exporter_ntp_leap_indicator', type: 'gauge', labels: ['server'], help: 'Leap indicator of the server: 0 none, 1 a second is inserted at the end of the day, 2 removed, 3 clock not set.' },
  { ...beta, name: 'net_exporter_ntp_results_total', type: 'counter', labels: ['server', 'result'], values: { result: Object.keys(ntpResults) }, help: 'What became of NTP queries. A series appears with its first result.' },
  { ...beta, name: 'net_exporter_clock_offset_seconds', type: 'gauge', unit: 'seconds', labels: ['source_node'], help: 'Median of the offsets of all servers that answered in the last round; positive where this node is behind. Absent where none did.' },
  { ...beta, name: 'net_exporter_target_up', type: 'gauge', labels: ['target', 'type'], values: { type: ['tcp', 'http', 'dns'] }, help: 'Whether the configured target answered as expected in the last round (1) or not (0).' },
  { ...beta, name: 'net_exporter_target_duration_seconds', type: 'gauge', unit: 'seconds', labels: ['target', 'type'], values: { type: ['tcp', 'http', 'dns'] }, help: 'How long the last answer of the target took, the connection included.' },
  { ...beta, name: 'net_exporter_target_errors_total', type: 'counter', labels: ['target', 'type', 'kind'], values: { type: ['tcp', 'http', 'dns'], kind: [...Object.keys(connectErrors), ...Object.keys(dnsResults)] }, help: 'Probes of the target that failed, by kind: of a connection, or a result of DNS. A series appears with its first failure.' },
  { ...beta, name: 'net_exporter_target_certificate_not_after', type: 'gauge', labels: ['target'], help: 'Timestamp after which the certificate that the target serves is invalid, in unix seconds.' },
  { ...beta, name: 'net_exporter_verdict', type: 'gauge', labels: ['source_node', 'source_zone', 'verdict', 'subject', 'detail'], values: { verdict: Object.keys(verdicts) }, help: 'State set of what this pod concludes. With an empty subject: whether the verdict holds for anything (1) or not (0), always there. With a subject: 1 while it holds for that node, zone, service or server.' },
  { ...beta, name: 'net_exporter_probe_lag_seconds', type: 'gauge', unit: 'seconds', labels: ['probe'], values: { probe: probes }, help: 'How much later than planned the last round began.' },
  { ...beta, name: 'net_exporter_probe_duration_seconds', type: 'gauge', unit: 'seconds', labels: ['probe'], values: { probe: probes }, help: 'How long the last round took.' },
  { ...beta, name: 'net_exporter_probe_last_round_timestamp_seconds', type: 'gauge', unit: 'seconds', labels: ['probe'], values: { probe: probes }, help: 'When the last round ended, in unix seconds.' },
];

/** Families whose samples come from probes. */
export const measuredFamilies: readonly MetricFamily[] = [...compatibleFamilies, ...meshFamilies, ...otherFamilies];

/** Families about the exporter itself. */
export const healthFamilies: readonly MetricFamily[] = [
  ...sourceFamilies('net_exporter', netSources, Object.keys(skipReasons)),
  { name: 'net_exporter_echo_dropped_total', type: 'counter', labels: ['reason'], values: { reason: ['not_ours', 'rate'] }, ...beta, help: 'Datagrams that the echo server did not answer: not of this program, or more than the bound on answers a second allows.' },
  { name: 'net_exporter_build_info', type: 'gauge', labels: ['version'], stability: 'stable', since: '0.1.0', help: 'Always 1; the version is in the label.' },
];

export const catalogue: readonly MetricFamily[] = [...measuredFamilies, ...healthFamilies];
