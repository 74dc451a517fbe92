/** etcd. Thresholds on disks and leaders: https://etcd.io/docs/v3.6/op-guide/hardware/ and etcd's own mixin (contrib/mixin). */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { missing, ownControlPlane } from '../parts.ts';

const alert = alertsIn('etcd', { hiddenBy: ['node', 'zone', 'cloud', 'blindness', 'lifecycle'] });
/** Members of one cluster. */
const members = 7;
const node = '{{ $labels.node }}';

/** Members whose endpoint has been seen within the last quarter of an hour; one that was removed ages out. */
const known = 'count(max by (node) (max_over_time(up{job="etcd"}[15m]) >= 0))';
const alive = '(count(max by (node) (up{job="etcd"}) == 1) or 0 * count(up{job="etcd"}))';
const quantile = (family: string): string => `histogram_quantile(0.99, sum by (node, le) (rate(${family}_bucket{job="etcd"}[5m])))`;

export const etcdRecords: readonly Rule[] = [
  record({ record: 'keelson:etcd_members:count', set: { state: 'known' }, labels: ['state'], maxSeries: 1, expr: known, help: 'Members of etcd that there should be.' }),
  record({ record: 'keelson:etcd_members:count', set: { state: 'up' }, labels: ['state'], maxSeries: 1, expr: alive, help: 'Members of etcd that answer.' }),
  record({ record: 'keelson:etcd_leaderless:count', labels: [], maxSeries: 1, expr: 'count(max by (node) (etcd_server_has_leader) == 0) or 0 * count(etcd_server_has_leader)', help: 'Members of etcd that know no leader.' }),
  record({ record: 'keelson:etcd_leader_changes:increase', labels: [], maxSeries: 1, expr: 'max(increase(etcd_server_leader_changes_seen_total[15m]))', help: 'How often etcd got another leader in a quarter of an hour.' }),
  record({ record: 'keelson:etcd_fsync_seconds:p99', labels: ['node'], maxSeries: members, expr: quantile('etcd_disk_wal_fsync_duration_seconds'), help: 'How long a member takes to put its log on disk, 99th percentile.' }),
  record({ record: 'keelson:etcd_commit_seconds:p99', labels: ['node'], maxSeries: members, expr: quantile('etcd_disk_backend_commit_duration_seconds'), help: 'How long a member takes to commit to its database, 99th percentile.' }),
  record({ record: 'keelson:etcd_peer_seconds:p99', labels: ['node'], maxSeries: members, expr: quantile('etcd_network_peer_round_trip_time_seconds'), help: 'Round trip from a member to its peers, 99th percentile.' }),
  record({ record: 'keelson:etcd_database:ratio', labels: ['node'], maxSeries: members, expr: 'max by (node) (etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes)', help: "Size of a member's database in parts of its quota." }),
  record({ record: 'keelson:etcd_database_used:ratio', labels: ['node'], maxSeries: members, expr: 'min by (node) (etcd_mvcc_db_total_size_in_use_in_bytes / (etcd_mvcc_db_total_size_in_bytes > 200e6))', help: "Part of a member's database that is used, from 200 MB on; the rest comes back with a defragmentation." }),
  record({ record: 'keelson:etcd_proposals_failed:increase', labels: [], maxSeries: 1, expr: 'sum(increase(etcd_server_proposals_failed_total[15m]))', help: 'Writes that etcd refused in a quarter of an hour.' }),
];

const near = (severity: 'notify' | 'page', holds: string, part: number) => alert({
  alert: 'EtcdDatabaseNearQuota', for: holds, severity, expr: `keelson:etcd_database:ratio > ${part}`,
  summary: `${cluster}: etcd on ${node} has used {{ humanizePercentage $value }} of its quota`,
  description: `The database of etcd on ${node} of cluster ${cluster} is {{ humanizePercentage $value }} of its quota. When it is full etcd takes no more writes: nothing in the cluster can be changed, not even deleted.`,
  impact: 'at the quota: everything that writes to the API',
});

export const etcdAlerts: readonly Rule[] = [
  alert({
    alert: 'EtcdMemberDown', for: '10m', severity: 'notify', expr: 'keelson:etcd_members:count{state="up"} < ignoring (state) keelson:etcd_members:count{state="known"}',
    summary: `${cluster}: a member of etcd is down, {{ $value }} are left`,
    description: `Of the members of etcd of cluster ${cluster} only {{ $value }} answer. It goes on as long as more than half are there; the next failure may be one too many.`,
  }),
  alert({
    alert: 'EtcdQuorumAtRisk', for: '3m', detectWithin: '7m', severity: 'page',
    expr: 'keelson:etcd_members:count{state="up"} <= ignoring (state) (keelson:etcd_members:count{state="known"} > 1) / 2 + 0.5',
    summary: `${cluster}: etcd has {{ $value }} members left, one more and it stands still`,
    description: `Only {{ $value }} members of etcd of cluster ${cluster} answer. With one less there is no majority: no write is taken and the API server fails.`,
    impact: 'nobody yet; with one member less, everybody who uses the API of the cluster',
  }),
  alert({
    alert: 'EtcdNoLeader', for: '1m', detectWithin: '5m', severity: 'page', expr: 'keelson:etcd_leaderless:count > 0',
    summary: `${cluster}: {{ $value }} members of etcd have no leader`,
    description: `{{ $value }} members of etcd of cluster ${cluster} know no leader: they take no writes, and the API servers beside them fail.`,
    impact: 'everybody who uses the API of the cluster; pods run on',
  }),
  alert({
    alert: 'EtcdLeaderChanges', for: '0s', severity: 'notify', expr: 'keelson:etcd_leader_changes:increase > 4',
    summary: `${cluster}: etcd changed its leader {{ humanize $value }} times in a quarter of an hour`,
    description: `etcd of cluster ${cluster} changed its leader {{ humanize $value }} times in a quarter of an hour. Each time writes stand still for a second or more: the disks or the network between its members are slow.`,
  }),
  alert({
    alert: 'EtcdDiskSlow', for: '10m', severity: 'notify', expr: 'keelson:etcd_fsync_seconds:p99 > 0.25',
    summary: `${cluster}: etcd on ${node} takes {{ humanizeDuration $value }} to write its log`,
    description: `One in a hundred writes of etcd on ${node} of cluster ${cluster} takes {{ humanizeDuration $value }} to reach the disk; 10 ms are healthy. At a second the member loses its leadership.`,
  }),
  alert({
    alert: 'EtcdCommitSlow', for: '15m', severity: 'notify', expr: 'keelson:etcd_commit_seconds:p99 > 0.25',
    summary: `${cluster}: etcd on ${node} takes {{ humanizeDuration $value }} to commit`,
    description: `One in a hundred commits of etcd on ${node} of cluster ${cluster} takes {{ humanizeDuration $value }}; 25 ms are healthy. Every write to the API waits for it.`,
  }),
  alert({
    alert: 'EtcdPeerSlow', for: '15m', severity: 'notify', expr: 'keelson:etcd_peer_seconds:p99 > 0.15',
    summary: `${cluster}: etcd on ${node} is {{ humanizeDuration $value }} away from a peer`,
    description: `One in a hundred messages of etcd on ${node} of cluster ${cluster} to its peers takes {{ humanizeDuration $value }}. Every write waits for a majority of them.`,
  }),
  near('notify', '15m', 0.75), near('page', '5m', 0.92),
  alert({
    alert: 'EtcdFragmented', for: '6h', severity: 'ticket', expr: 'keelson:etcd_database_used:ratio < 0.45',
    summary: `${cluster}: {{ humanizePercentage $value }} of the database of etcd on ${node} are in use`,
    description: `Only {{ humanizePercentage $value }} of the database file of etcd on ${node} of cluster ${cluster} hold data; the rest counts against the quota and comes back with a defragmentation.`,
  }),
  alert({
    alert: 'EtcdProposalsFail', for: '5m', severity: 'notify', expr: 'keelson:etcd_proposals_failed:increase > 10',
    summary: `${cluster}: etcd refused {{ humanize $value }} writes in a quarter of an hour`,
    description: `etcd of cluster ${cluster} refused {{ humanize $value }} writes in a quarter of an hour, because it lost its leader or its majority while they were under way.`,
  }),
  alert({
    alert: 'EtcdNotWatched', for: '30m', severity: 'notify', hiddenBy: ['blindness', 'lifecycle'], expr: missing('keelson:etcd_members:count', ownControlPlane),
    summary: `${cluster}: nothing reports on etcd`,
    description: `Cluster ${cluster} runs and reports nothing on its etcd. A lost member or a full database there is noticed when the API fails.`,
  }),
];
