/** Cases of the rules on the network: from what nine exporters see to the alerts, and to nothing else. */
import { alertsOf } from '../../monitoring/rules/index.ts';
import { networkAlerts } from '../../monitoring/rules/network/index.ts';
import { down, downThenBack, downThenForgotten, nineNodes, nodes, type Node, type Sight } from './nine-nodes.ts';
import { day, series, type AlertCase, type RecordCase } from './rule-cases.ts';

type Expected = Readonly<Record<string, readonly { readonly labels: Readonly<Record<string, string>>; readonly severity?: 'page'; readonly summary: string; readonly description: string; readonly impact?: string }[]>>;

interface Chain {
  readonly name: string;
  readonly sight?: Sight;
  readonly more?: AlertCase['input_series'];
  /** Minute of the clock; the fault is at 10. */
  readonly when?: number;
  /** Alerts that fire then; all others of the network do not. */
  readonly fire?: Expected;
}

const names = [...new Set(alertsOf([networkAlerts]).map(({ alert }) => alert))];

/** Before the fault nothing fires; then these, and nothing else. */
const chain = ({ name, sight = {}, more = [], when = 20, fire = {} }: Chain): AlertCase => ({
  name, interval: '1m', input_series: [...nineNodes(sight), ...more],
  alert_rule_test: names.flatMap((alertname) => [
    { eval_time: '9m', alertname, exp_alerts: [] },
    {
      eval_time: `${when}m`, alertname,
      exp_alerts: (fire[alertname] ?? []).map(({ labels, severity = 'notify', summary, description, impact }) => ({
        exp_labels: { ...labels, severity, team: 'platform' },
        exp_annotations: { summary, description, runbook_url: `https://runbooks/${alertname}.md`, ...(impact !== undefined && { impact }) },
      })),
    },
  ]),
});

const is = (name: string) => (node: Node): boolean => node.name === name;
const isB2 = is('b2');
const four: readonly Node[] = ['a1', 'a2', 'a3', 'a4'].map((name) => ({ name, zone: 'a' }));
const isCutOff = ({ name }: Node): boolean => name === 'a3' || name === 'a4';
const inZone = (zone: string) => (node: Node): boolean => node.zone === zone;
/** Between the two zones, in both directions. */
const across = (one: string, other: string) => (source: Node, peer: Node): boolean => (source.zone === one && peer.zone === other) || (source.zone === other && peer.zone === one);

const b2Unreachable = {
  labels: { node: 'b2', zone: 'b', fault: 'unreachable' }, severity: 'page', summary: 'this cluster: no node reaches b2 (zone b)',
  description: 'Nothing that the other nodes of cluster this cluster send to b2 (zone b) is answered, from any zone. Its pods are lost to everybody: it is dead, or its network is.',
} as const;
const partitioned = (source_zone: string, peer_zone: string): Expected[string][number] => ({
  labels: { source_zone, peer_zone, fault: 'unreachable' }, severity: 'page', summary: `this cluster: zone ${source_zone} does not reach zone ${peer_zone}`,
  description: `From zone ${source_zone} most nodes of zone ${peer_zone} of cluster this cluster do not answer, and they do from elsewhere. Replicas on both sides do not see each other: etcd and everything with a quorum may stand still.`,
});
/** All others accuse b2; b2 finds the fault everywhere and says that it is itself. */
const b2Is = (verdict: string, detail: string) => (source: Node): { verdict: string; subject: string; detail?: string }[] => [isB2(source) ? { verdict: 'self', subject: 'b2', detail } : { verdict, subject: 'b2' }];
const accuseAcross = (verdict: string) => (source: Node): { verdict: string; subject: string }[] => nodes.filter((peer) => across('a', 'c')(source, peer)).map(({ name }) => ({ verdict, subject: name }));

const loss = (between: string): { summary: string; description: string } => ({
  summary: `this cluster: packets are lost ${between}`,
  description: `Part of the datagrams ${between} of cluster this cluster do not arrive. TCP repeats what it loses: everything there is slow before anything fails.`,
});
const slow = (way: string): { summary: string; description: string } => ({
  summary: `this cluster: the way ${way} is far slower than it was`,
  description: `Round trips ${way} of cluster this cluster take several times what they took before. etcd elects new leaders when its members are slow to each other.`,
});
const link = (from: string, to: string): Expected[string][number] => ({
  labels: { source_node: from, peer_node: to, fault: 'unreachable' }, summary: `this cluster: ${from} does not reach ${to}`,
  description: `Between ${from} and ${to} of cluster this cluster packets are lost (unreachable), while both are well seen from elsewhere: a route, a rule or a tunnel between the two.`,
});

const lossy = (from: string, to: string): Expected[string][number] => ({
  labels: { source_node: from, peer_node: to, fault: 'loss' }, summary: `this cluster: ${from} loses packets to ${to}`,
  description: `Between ${from} and ${to} of cluster this cluster packets are lost (loss), while both are well seen from elsewhere: a route, a rule or a tunnel between the two.`,
});

/** Round trips of a pair of zones: half a millisecond, and from minute 40 on twenty. */
const roundTrips = (source: string, peer: string, isSlowLater: boolean): AlertCase['input_series'] => {
  const labels = `source_zone="${source}",peer_zone="${peer}"`;
  const counted = (le: string, values: string): { series: string; values: string } => series(`net_exporter_zone_round_trip_seconds_bucket{${labels},le="${le}"}`, values);
  return [counted('0.0005', isSlowLater ? '0+100x39 4000x30' : '0+100x69'), counted('0.05', '0+100x69'), counted('+Inf', '0+100x69')];
};
const answers = (proto: string, rcode: string, perMinute: number): { series: string; values: string } => series(`net_exporter_dns_results_total{job="net-exporter",node="a1",server="10.96.0.10",role="service",proto="${proto}",rcode="${rcode}"}`, `0+${perMinute}x60`);
const times = (proto: string, le: string, perMinute: number): { series: string; values: string } => series(`dns_${proto}_latency_seconds_bucket{job="net-exporter",node="a1",host="kubernetes.default.svc.cluster.local.",le="${le}"}`, `0+${perMinute}x60`);
const offset = (node: string, seconds: number): { series: string; values: string } => series(`net_exporter_clock_offset_seconds{job="net-exporter",node="${node}",source_node="${node}"}`, seconds);

const clockText = (off: string): { summary: string; description: string } => ({
  summary: `this cluster: the clock of b2 is off by ${off}`,
  description: `The clock of node b2 of cluster this cluster differs from its NTP servers by ${off}. Leases, tokens and certificates are judged by it, and logs are in the wrong order.`,
});

const targetUp = (target: string, node: string, values: string): { series: string; values: string } => series(`net_exporter_target_up{job="net-exporter",instance="${node}:8000",node="${node}",target="${target}",type="http"}`, values);
const targetEnd = (node: string, values: string, target = 'registry'): { series: string; values: string } => series(`net_exporter_target_certificate_not_after{job="net-exporter",instance="${node}:8000",node="${node}",target="${target}"}`, values);
const targetCertificate = (state: string, target = 'registry'): { summary: string; description: string; impact: string } => ({
  impact: 'what in the cluster calls the target and verifies its certificate: volumes and nodes for the OpenStack APIs, images for a registry',
  summary: `this cluster: the certificate of target ${target} ${state}`,
  description: `The certificate that target ${target} serves to cluster this cluster ${state}. From then on clients in the cluster that verify it get no connection.`,
});

export const networkAlertTests: readonly AlertCase[] = [
  {
    name: 'a node in a zone of which a fifth is still reached has a page of its own', interval: '1m', alert_rule_test: [],
    input_series: [series('keelson:net_node_blame:ratio{cluster_id="demo",node="b2",zone="b",fault="unreachable"}', 1), series('keelson:net_zone_blame:ratio{cluster_id="demo",zone="b"}', 0.8)],
    promql_expr_test: [{ expr: 'count(ALERTS{alertname="NodeUnreachable",alertstate="firing"})', eval_time: '5m', exp_samples: [{ labels: '{}', value: 1 }] }],
  },
  chain({ name: 'nine nodes that see each other', when: 40 }),
  chain({ name: 'nine nodes, one dies: its name and nobody else', sight: { silent: isB2, peerUp: (_, peer) => (isB2(peer) ? downThenForgotten : undefined) }, when: 14, fire: { NodeUnreachable: [b2Unreachable] } }),
  chain({ name: 'it stays so for as long as it is silent, although nobody looks at it any more', sight: { silent: isB2, peerUp: (_, peer) => (isB2(peer) ? downThenForgotten : undefined) }, when: 50, fire: { NodeUnreachable: [b2Unreachable] } }),
  chain({ name: 'a node that comes back is not blamed any more, though it was not scraped yet', sight: { silent: isB2, peerUp: (_, peer) => (isB2(peer) ? downThenBack : undefined) }, when: 45 }),
  chain({ name: 'a node that is gone is not blamed any more', sight: { silent: isB2, removed: isB2, peerUp: (_, peer) => (isB2(peer) ? downThenForgotten : undefined) }, when: 25 }),
  chain({ name: 'an exporter that is not ready is no node that is gone', sight: { silent: isB2, peerUp: (_, peer) => (isB2(peer) ? 'stale' : undefined) }, when: 20 }),
  chain({ name: 'a node that is cut off and still scraped blames nobody', sight: { peerUp: (source, peer) => (isB2(source) || isB2(peer) ? down : undefined), verdicts: (source) => (isB2(source) ? [{ verdict: 'self', subject: 'b2', detail: 'unreachable' }] : [{ verdict: 'peer_down', subject: 'b2' }]) }, fire: { NodeUnreachable: [b2Unreachable] } }),
  chain({
    name: 'half of a small cluster is cut off and still scraped: the other half is not blamed',
    sight: { of: four, peerUp: (source, peer) => (isCutOff(source) || isCutOff(peer) ? down : undefined) },
    fire: { NodeUnreachable: ['a3', 'a4'].map((node) => ({ labels: { node, zone: 'a', fault: 'unreachable' }, severity: 'page', summary: `this cluster: no node reaches ${node} (zone a)`, description: b2Unreachable.description.replace('b2 (zone b)', `${node} (zone a)`) })) },
  }),
  chain({ name: 'two zones that do not see each other, and no node', sight: { peerUp: (source, peer) => (across('a', 'b')(source, peer) ? down : undefined) }, fire: { ZonePartitioned: [partitioned('a', 'b'), partitioned('b', 'a')] } }),
  chain({
    name: 'a zone that nobody reaches is named instead of its nodes', sight: { silent: inZone('b'), peerUp: (source, peer) => (peer.zone === 'b' ? downThenForgotten : undefined) },
    fire: { ZonePartitioned: [{ labels: { zone: 'b' }, severity: 'page', summary: 'this cluster: no node of zone b is reached', description: 'Nothing in zone b of cluster this cluster answers. Replicas on both sides do not see each other: etcd and everything with a quorum may stand still.' }] },
  }),
  chain({ name: 'two nodes that do not see each other, while all others see both', sight: { peerUp: (source, peer) => (['a1 b2', 'b2 a1'].includes(`${source.name} ${peer.name}`) ? down : undefined), verdicts: (source) => (source.name === 'a1' ? [{ verdict: 'one_way_loss', subject: 'b2', detail: 'out' }] : isB2(source) ? [{ verdict: 'peer_down', subject: 'a1' }] : []) }, fire: { LinkBroken: [link('a1', 'b2'), link('b2', 'a1')] } }),
  chain({ name: 'a node that loses packets', sight: { verdicts: b2Is('packet_loss', 'loss') }, fire: { PacketLoss: [{ labels: { node: 'b2', zone: 'b', fault: 'loss' }, ...loss('to and from node b2 (zone b)') }] } }),
  chain({
    name: 'half of a small cluster loses packets and says so',
    sight: { of: four, verdicts: (source) => (isCutOff(source) ? [{ verdict: 'self', subject: source.name, detail: 'loss' }, ...four.map(({ name }) => ({ verdict: 'packet_loss', subject: name }))] : [{ verdict: 'packet_loss', subject: 'a3' }, { verdict: 'packet_loss', subject: 'a4' }]) },
    fire: { PacketLoss: ['a3', 'a4'].map((node) => ({ labels: { node, zone: 'a', fault: 'loss' }, ...loss(`to and from node ${node} (zone a)`) })) },
  }),
  chain({
    name: 'a node that loses packets and does not know that it is itself', sight: { verdicts: (source) => (isB2(source) ? nodes.filter((peer) => !isB2(peer)).map(({ name }) => ({ verdict: 'packet_loss', subject: name })) : [{ verdict: 'packet_loss', subject: 'b2' }]) },
    fire: { PacketLoss: [{ labels: { node: 'b2', zone: 'b', fault: 'loss' }, ...loss('to and from node b2 (zone b)') }] },
  }),
  chain({
    name: 'a node that loses packets to its own zone only is not the zone', sight: { verdicts: (source) => (isB2(source) ? ['b1', 'b3'] : source.zone === 'b' ? ['b2'] : []).map((subject) => ({ verdict: 'packet_loss', subject })) },
    fire: { LinkBroken: [['b1', 'b2'], ['b3', 'b2'], ['b2', 'b1'], ['b2', 'b3']].map(([from = '', to = '']) => lossy(from, to)) },
  }),
  chain({ name: 'one direction counts as well', sight: { verdicts: b2Is('one_way_loss', 'loss') }, fire: { PacketLoss: [{ labels: { node: 'b2', zone: 'b', fault: 'loss' }, ...loss('to and from node b2 (zone b)') }] } }),
  chain({
    name: 'zones between which packets are lost', sight: { verdicts: accuseAcross('packet_loss') },
    fire: { PacketLoss: [['a', 'c'], ['c', 'a']].map(([source_zone = '', peer_zone = '']) => ({ labels: { source_zone, peer_zone, fault: 'loss' }, ...loss(`between zones ${source_zone} and ${peer_zone}`) })) },
  }),
  chain({
    name: 'a node behind a smaller MTU', sight: { verdicts: b2Is('large_packets_lost', 'large_packets') },
    fire: {
      LargePacketsLost: [{
        labels: { node: 'b2', zone: 'b', fault: 'large_packets' }, severity: 'page', summary: 'this cluster: large packets are lost to and from node b2 (zone b)',
        description: 'Small packets to and from node b2 (zone b) of cluster this cluster arrive, those near the MTU do not. Connections open, and hang as soon as they carry data: TLS handshakes, image pulls, answers of the API server.',
      }],
    },
  }),
  chain({ name: 'a node that became slow', sight: { verdicts: b2Is('slow_peer', 'slow') }, fire: { NetworkSlow: [{ labels: { node: 'b2', zone: 'b', fault: 'slow' }, ...slow('to b2') }] } }),
  chain({
    name: 'zones that became slow to each other; the others are as they were', more: [...roundTrips('a', 'b', true), ...roundTrips('b', 'a', false), ...roundTrips('a', 'a', false)], when: 55,
    fire: { NetworkSlow: [{ labels: { source_zone: 'a', peer_zone: 'b', fault: 'slow' }, ...slow('from zone a to zone b') }] },
  }),
  chain({ name: 'a slow node explains its zones', sight: { verdicts: b2Is('slow_peer', 'slow') }, more: roundTrips('a', 'b', true), when: 55, fire: { NetworkSlow: [{ labels: { node: 'b2', zone: 'b', fault: 'slow' }, ...slow('to b2') }] } }),
  chain({
    name: 'every tenth query over UDP fails, none over TCP', more: [answers('udp', 'NOERROR', 90), answers('udp', 'SERVFAIL', 10), answers('tcp', 'NOERROR', 100)].map(({ series: name, values }) => ({ series: name, values: `_x10 ${values}` })),
    fire: { DnsErrors: [{ labels: { proto: 'udp' }, severity: 'page', summary: 'this cluster: 10% of DNS queries over UDP fail', description: 'The DNS Service of cluster this cluster does not answer 10% of the queries over UDP, from nodes whose network is well. Whatever looks up a name there waits or fails.' }] },
  }),
  chain({ name: 'one query in a hundred is what a network loses', more: [answers('udp', 'NOERROR', 99), answers('udp', 'TIMEOUT', 1)] }),
  chain({
    name: 'DNS over TCP takes a second, over UDP a millisecond', more: [times('udp', '0.001', 100), times('udp', '+Inf', 100), times('tcp', '0.256', 0), times('tcp', '1.024', 100), times('tcp', '+Inf', 100)].map(({ series: name, values }) => ({ series: name, values: `_x10 ${values}` })), when: 25,
    fire: { DnsSlow: [{ labels: { proto: 'tcp' }, summary: 'this cluster: DNS over TCP takes 985.6ms', description: 'One in twenty queries to the DNS Service of cluster this cluster over TCP takes 985.6ms or longer. Clients ask again after a second or five: their users feel it.' }] },
  }),
  chain({
    name: 'a DNS pod that is silent for all who ask it', sight: { verdicts: () => [{ verdict: 'dns_server_bad', subject: '10.0.0.53', detail: 'silent' }] },
    more: nodes.map(({ name }) => series(`net_exporter_dns_up{job="net-exporter",node="${name}",instance="${name}:8000",server="10.0.0.53",role="pod"}`, 0)),
    fire: { DnsServerBad: [{ labels: { server: '10.0.0.53', detail: 'silent' }, summary: 'this cluster: DNS server 10.0.0.53 does not answer', description: '100% of the nodes of cluster this cluster that ask DNS server 10.0.0.53 find it silent, while another one is well. Queries that the Service sends there are lost.' }] },
  }),
  chain({ name: 'a DNS pod that one node does not like', sight: { verdicts: (source) => (isB2(source) ? [{ verdict: 'dns_server_bad', subject: '10.0.0.53', detail: 'slow' }] : []) }, more: nodes.map(({ name }) => series(`net_exporter_dns_up{node="${name}",server="10.0.0.53",role="pod"}`, 1)) }),
  chain({
    name: 'a node on which names are not resolved', sight: { verdicts: (source) => (isB2(source) ? [{ verdict: 'dns_path_bad', subject: '10.96.0.10', detail: 'silent' }] : []) },
    fire: {
      ServicePathBroken: [{
        labels: { node: 'b2', zone: 'b', fault: 'dns' }, summary: 'this cluster: names are not resolved on b2',
        description: 'On node b2 of cluster this cluster DNS does not answer, while its peers do and other nodes have no such trouble: kube-proxy, or what stands in its place there.',
      }],
    },
  }),
  chain({
    name: 'a Service that most nodes do not reach', sight: { verdicts: (source) => (source.zone === 'a' ? [] : [{ verdict: 'service_path_bad', subject: 'kubernetes' }]) },
    fire: { ServicePathBroken: [{ labels: { service: 'kubernetes' }, summary: 'this cluster: most nodes do not reach the Service kubernetes', description: 'From most nodes of cluster this cluster the address of the Service kubernetes does not answer, while peers do.' }] },
  }),
  chain({
    name: 'a clock that is two seconds behind is a notice', sight: { verdicts: (source) => (isB2(source) ? [{ verdict: 'clock_off', subject: 'b2' }] : []) }, more: [offset('b2', 2), offset('a1', 0.2)],
    fire: { ClockOff: [{ labels: { node: 'b2' }, ...clockText('2s') }] },
  }),
  chain({
    name: 'a clock that is a quarter of a minute ahead is a page as well', sight: { verdicts: (source) => (isB2(source) ? [{ verdict: 'clock_off', subject: 'b2' }] : []) }, more: [offset('b2', -15)],
    fire: { ClockOff: [{ labels: { node: 'b2' }, ...clockText('15s') }, { labels: { node: 'b2' }, severity: 'page', ...clockText('15s') }] },
  }),
  chain({
    name: 'a registry that seven of nine nodes miss from the fault on', more: nodes.map(({ name }) => targetUp('registry', name, ['a1', 'c3'].includes(name) ? '1x60' : '1x9 0x50')),
    fire: { TargetDown: [{ labels: { target: 'registry', type: 'http' }, summary: 'this cluster: target registry does not answer', description: 'From 77.78% of the nodes of cluster this cluster, target registry (http) does not answer as expected: what in the cluster needs it fails.' }] },
  }),
  chain({ name: 'a target that a third of the nodes miss is a matter of theirs', more: nodes.map(({ name, zone }) => targetUp('registry', name, zone === 'b' ? '1x9 0x50' : '1x60')) }),
  chain({
    name: 'a node whose own network is at fault says nothing of a target', sight: { verdicts: b2Is('packet_loss', 'loss') }, more: [targetUp('registry', 'b2', '1x9 0x50')],
    fire: { PacketLoss: [{ labels: { node: 'b2', zone: 'b', fault: 'loss' }, ...loss('to and from node b2 (zone b)') }] },
  }),
  chain({
    name: 'the certificate of a target ends in ten days for the node that sees it worst', more: [targetEnd('a1', `_x9 ${400 * day}x50`), targetEnd('b2', `_x9 ${10 * day + 1800}x50`)], when: 30,
    fire: { TargetCertificateExpiresSoon: [{ labels: { target: 'registry' }, ...targetCertificate('expires in 10d 0h 0m 0s') }] },
  }),
  chain({
    name: 'a day before it ends, and after it has ended, it is a page as well', more: [targetEnd('a1', `_x9 ${day + 1800}x50`), targetEnd('a1', `_x9 ${1800 - day}x50`, 'keystone')], when: 30,
    fire: {
      TargetCertificateExpiresSoon: (['notify', 'page'] as const).flatMap((severity) => [
        { labels: { target: 'registry' }, ...(severity === 'page' && { severity }), ...targetCertificate('expires in 1d 0h 0m 0s') },
        { labels: { target: 'keystone' }, ...(severity === 'page' && { severity }), ...targetCertificate('has expired', 'keystone') },
      ]),
    },
  }),
  chain({
    name: 'nodes from which nobody looks: without an exporter, and without peers', more: [series('up{job="kubelet",node="d1"}', `_x9 1x50`), series('net_exporter_source_up{node="a1",source="peers"}', `1x9 0x50`), series('up{job="node-exporter",cluster_id="other"}', 1)], when: 30,
    fire: { NetworkNotWatched: [{ labels: {}, summary: 'this cluster: the network is not watched from 2 nodes', description: 'In cluster this cluster 2 nodes have no net-exporter that looks at its peers. A fault there is noticed by users first.' }] },
  }),
  ...([
    ['a management cluster that has no net-exporter, and none is meant to be there', 'management_cluster', '_x60', 30, false],
    ['a management cluster that lost its net-exporter', 'management_cluster', '1x9 _x90', 60, true],
    ['a cluster of ours, watched from a management cluster that has no net-exporter', 'workload_cluster', '_x60', 30, true],
  ] as const).map(([name, cluster_type, up, minute, fires]): AlertCase => ({
    name, interval: '1m',
    input_series: [series(`keelson:net_nodes_unwatched:count{cluster_id="c",cluster_type="${cluster_type}"}`, 3, 90), series('up{job="net-exporter",instance="m1:8000"}', up)],
    alert_rule_test: [{
      eval_time: `${minute}m`, alertname: 'NetworkNotWatched',
      exp_alerts: fires ? [{
        exp_labels: { cluster_id: 'c', cluster_type, severity: 'notify', team: 'platform' },
        exp_annotations: { summary: 'c: the network is not watched from 3 nodes', description: 'In cluster c 3 nodes have no net-exporter that looks at its peers. A fault there is noticed by users first.', runbook_url: 'https://runbooks/NetworkNotWatched.md' },
      }] : [],
    }],
  })),
];

export const networkRecordTests: readonly RecordCase[] = [
  {
    name: 'however many targets are down or have certificates, twenty are named; those that answer are not',
    interval: '1m',
    input_series: Array.from({ length: 30 }, (_, i) => [targetUp(`t${i}`, 'a1', '0x60'), targetUp(`well${i}`, 'a1', '1x60'), targetEnd('a1', `${(i + 1) * day}x60`, `t${i}`)]).flat(),
    promql_expr_test: [
      { expr: 'count(keelson:net_target_down:ratio == 1)', eval_time: '5m', exp_samples: [{ labels: '{}', value: 20 }] },
      { expr: 'count(keelson:net_target_down:ratio{target=~"well.*"})', eval_time: '5m', exp_samples: [] },
      { expr: 'max(keelson:net_target_not_after_timestamp:soonest)', eval_time: '5m', exp_samples: [{ labels: '{}', value: 20 * day }] },
    ],
  },
  {
    name: 'a resolver that is slow over TCP from six of nine nodes',
    interval: '1m',
    input_series: nineNodes({ verdicts: (source) => (source.zone === 'a' ? [] : [{ verdict: 'dns_path_bad', subject: 'kube-dns', detail: 'tcp' }]) }),
    promql_expr_test: [
      { expr: 'keelson:net_resolver_blame:ratio', eval_time: '8m', exp_samples: [] },
      { expr: 'round(keelson:net_resolver_blame:ratio, 0.01)', eval_time: '15m', exp_samples: [{ labels: '{server="kube-dns",detail="tcp"}', value: 0.67 }] },
    ],
  },
  {
    name: 'records of other clusters that are federated do not mix with the own ones',
    interval: '1m',
    input_series: [...nineNodes(), series('keelson:net_node_blame:ratio{cluster_id="demo",job="keelson-federation",instance="i",node="d9",zone="b",fault="unreachable"}', 1), series('up{job="net-exporter",node="d9",instance="d9:8000"}', 0)],
    promql_expr_test: [
      { expr: 'keelson:net_node_blame:ratio{job=""}', eval_time: '10m', exp_samples: [] },
      { expr: 'keelson:net_zone_blame:ratio{job=""}', eval_time: '10m', exp_samples: [] },
      { expr: 'count(keelson:net_zone_pair_blame:ratio{fault="unreachable",job=""} == 0)', eval_time: '10m', exp_samples: [{ labels: '{}', value: 9 }] },
    ],
  },
  {
    name: 'one broken node is in nobody else’s figures: pairs of zones count without it',
    interval: '1m',
    input_series: nineNodes({ peerUp: (source, peer) => (isB2(source) || isB2(peer) ? down : undefined) }),
    promql_expr_test: [
      { expr: 'keelson:net_node_blame:ratio', eval_time: '15m', exp_samples: [{ labels: 'keelson:net_node_blame:ratio{fault="unreachable",node="b2",zone="b"}', value: 1 }] },
      { expr: 'max(keelson:net_zone_pair_blame:ratio)', eval_time: '15m', exp_samples: [{ labels: '{}', value: 0 }] },
      { expr: 'count(keelson:net_link_blame:info)', eval_time: '15m', exp_samples: [] },
    ],
  },
];
