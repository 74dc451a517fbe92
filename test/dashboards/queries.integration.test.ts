/** Every query of every board, evaluated by Prometheus over what a cluster records: it answers with data where there is some. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { stringify } from 'yaml';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { clusterNetworkBoard, networkBoard } from '../../dashboards/network.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'boards-'))));
afterAll(() => rm(folder, { recursive: true }));

const recorded = [
  'cert_not_after_timestamp:min{source="files"', 'cert_not_after_timestamp:soonest{source="files",node="a",path="/x"', 'cert_life_left:ratio{source="secrets",namespace="n",secret="s"',
  'cert_never_issued:info{namespace="n",certificate="c"', 'cert_renewal_overdue_seconds:max{namespace="n",certificate="c"', 'cert_endpoint_stale:info{address="a:1"', 'cert_endpoint_untrusted:info{address="a:1"',
  'cert_nodes_unwatched:count{', 'cert_source_up:min{source="files"',
  'net_node_blame:ratio{node="a",fault="slow"', 'net_zone_pair_blame:ratio{source_zone="a",peer_zone="b",fault="slow"', 'net_link_blame:info{source_node="a",peer_node="b",fault="loss"', 'net_round_trip_seconds:p50{source_zone="a",peer_zone="b"', 'net_round_trip_baseline_seconds:p50{source_zone="a",peer_zone="b"',
  'net_dns_errors:ratio{proto="udp"', 'net_dns_latency_seconds:p95{proto="udp"', 'net_dns_server_blame:ratio{server="s",detail="slow"', 'net_clock_offset_seconds:worst{node="a"', 'net_target_down:ratio{target="t",type="http"', 'net_target_not_after_timestamp:soonest{target="t"', 'net_nodes_unwatched:count{', 'net_service_blame:ratio{service="own"',
].map((name) => `keelson:${name}`);
const firing = ['certificates', 'network'].map((area) => `ALERTS{alertstate="firing",alertname="X",severity="page",area="${area}"`);
/** What the board of a single cluster reads of its own net-exporters; counters grow. */
const written = [
  'verdict{verdict="self",subject="a"', 'peer_loss_ratio{source_node="a",peer_node="b"', 'peer_round_trip_seconds{source_node="a",peer_node="b"', 'zone_datagrams_lost_total{source_zone="a",size="small"', 'zone_datagrams_sent_total{source_zone="a",size="small"', 'zone_datagrams_lost_total{source_zone="a",size="large"', 'zone_datagrams_sent_total{source_zone="a",size="large"',
  'zone_round_trip_seconds_bucket{source_zone="a",le="1"', 'zone_round_trip_seconds_bucket{source_zone="a",le="+Inf"', 'dns_results_total{server="s",rcode="SERVFAIL"', 'dns_latency_seconds{server="s"', 'clock_offset_seconds{source_node="a"', 'target_up{target="t"', 'probe_lag_seconds{probe="mesh"', 'peer_errors_total{kind="timeout"',
].map((name) => `net_exporter_${name}`);
const queries = [certificatesBoard(), networkBoard(), clusterNetworkBoard()].flatMap(({ panels }) => panels as Panel[]).flatMap(({ title, targets }) => ((targets ?? []) as unknown as { expr: string }[]).map(({ expr }) => [title ?? '', expr.replaceAll('$cluster', '.*')] as const));

describeWith({ tools: ['promtool'] }, 'the queries of the boards', () => {
  test.each([['with a cluster’s name', ',cluster_id="demo"}'], ['of a single cluster without one', '}']])('answer %s', async (_, end) => {
    // `count(query)` of an empty answer is empty, and promtool would miss the sample.
    const path = join(folder, 'test.yaml');
    const input_series = [...recorded, ...firing, ...written].map((series) => ({ series: `${series}${end}`.replace('{,', '{').replace('{}', ''), values: /_total|_bucket/.test(series) ? '0+60x10' : '1x10' }));
    const promql_expr_test = queries.map(([, expr]) => ({ expr: `count(${expr}) > bool 0`, eval_time: '5m', exp_samples: [{ labels: '{}', value: 1 }] }));
    await writeFile(path, stringify({ evaluation_interval: '1m', tests: [{ interval: '1m', input_series, promql_expr_test }] }, { version: '1.1' }));
    const { status, stdout, stderr } = spawnSync(join(toolsBin, 'promtool'), ['test', 'rules', path], { encoding: 'utf8' });
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    expect(queries.length).toBeGreaterThan(10);
  });
});
