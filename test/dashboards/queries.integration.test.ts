/** Every query of every board, evaluated by Prometheus over what a cluster records: it answers with data where there is some. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { stringify } from 'yaml';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'boards-'))));
afterAll(() => rm(folder, { recursive: true }));

const recorded = [
  'cert_not_after_timestamp:min{source="files"', 'cert_not_after_timestamp:soonest{source="files",node="a",path="/x"', 'cert_life_left:ratio{source="secrets",namespace="n",secret="s"',
  'cert_never_issued:info{namespace="n",certificate="c"', 'cert_renewal_overdue_seconds:max{namespace="n",certificate="c"', 'cert_endpoint_stale:info{address="a:1"', 'cert_endpoint_untrusted:info{address="a:1"',
  'cert_nodes_unwatched:count{', 'cert_source_up:min{source="files"',
];
const queries = (certificatesBoard().panels as Panel[]).flatMap(({ title, targets }) => ((targets ?? []) as unknown as { expr: string }[]).map(({ expr }) => [title ?? '', expr.replaceAll('$cluster', '.*')] as const));

describeWith({ tools: ['promtool'] }, 'the queries of the boards', () => {
  test.each([['with a cluster’s name', ',cluster_id="demo"}'], ['of a single cluster without one', '}']])('answer %s', async (_, end) => {
    // `count(query)` of an empty answer is empty, and promtool would miss the sample.
    const path = join(folder, 'test.yaml');
    const input_series = recorded.map((series) => ({ series: `keelson:${series}${end}`.replace('{,', '{').replace('{}', ''), values: '1x10' }));
    const promql_expr_test = queries.map(([, expr]) => ({ expr: `count(${expr}) > bool 0`, eval_time: '5m', exp_samples: [{ labels: '{}', value: 1 }] }));
    await writeFile(path, stringify({ evaluation_interval: '1m', tests: [{ interval: '1m', input_series, promql_expr_test }] }, { version: '1.1' }));
    const { status, stdout, stderr } = spawnSync(join(toolsBin, 'promtool'), ['test', 'rules', path], { encoding: 'utf8' });
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    expect(queries.length).toBeGreaterThan(10);
  });
});
