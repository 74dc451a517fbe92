/** A Prometheus over many targets, and what it costs: memory, and the time that each group of rules takes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { federationJob } from '../../../monitoring/federation.ts';
import type { RuleGroup } from '../../../monitoring/rules/model.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { Program } from '../../monitoring/pair/processes.ts';
import { query } from '../../monitoring/pair/query.ts';

export interface GroupCost {
  readonly name: string;
  readonly intervalSeconds: number;
  /** Of its evaluations while it was watched, the slowest. */
  readonly seconds: number;
}

export interface Load {
  readonly memoryBytes: number;
  readonly series: number;
  /** Clusters whose scrape answers. */
  readonly isUp: number;
  readonly groups: readonly GroupCost[];
  /** The rules that take longest, slowest first, in seconds. */
  readonly rules: readonly { readonly name: string; readonly seconds: number }[];
  /** Evaluations that were left out because the former had not ended. */
  readonly missed: number;
  /** Name of the alert → how many are pending or fire. */
  readonly active: ReadonlyMap<string, number>;
}

export interface LoadOptions {
  readonly scrapes: readonly object[];
  readonly rules: readonly RuleGroup[];
  /** Until every series has been scraped and every rule evaluated with all of them. */
  readonly warmMs: number;
  /** How long evaluations are watched after that. */
  readonly watchMs: number;
}

/** At the charts' intervals of a minute. */
export async function measureLoad({ scrapes, rules, warmMs, watchMs }: LoadOptions): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'rules.yaml'), stringify(renderGroups(rules, { runbookBase: '' }), { version: '1.1' }));
  await writeFile(join(folder, 'prometheus.yaml'), stringify({ global: { scrape_interval: '60s', scrape_timeout: '30s', evaluation_interval: '60s' }, rule_files: [join(folder, 'rules.yaml')], scrape_configs: scrapes }, { version: '1.1', aliasDuplicateObjects: false }));
  const prometheus = new Program('prometheus', [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, 'prometheus.log'));
  prometheus.start();
  try {
    await sleep(warmMs);
    const slowest = new Map<string, GroupCost>();
    for (const endsAt = Date.now() + watchMs; Date.now() < endsAt; await sleep(10_000)) {
      for (const group of await groupsAt(url)) if (group.seconds > (slowest.get(group.name)?.seconds ?? 0)) slowest.set(group.name, group);
    }
    const [observed] = await query(url, `count(up{job="${federationJob}"} == 1)`);
    const active = await query(url, 'count by (alertname) (ALERTS)');
    return {
      memoryBytes: await residentBytes(prometheus.pid), series: await metric(url, 'prometheus_tsdb_head_series'), isUp: observed?.value ?? 0, groups: [...slowest.values()],
      rules: (await rulesAt(url)).sort((a, b) => b.seconds - a.seconds), missed: await metric(url, 'prometheus_rule_group_iterations_missed_total'), active: new Map(active.map(({ metric: { alertname = '' }, value }) => [alertname, value])),
    };
  } finally {
    await prometheus.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The sum over its labels. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
interface RulesAnswer {
  readonly data: { readonly groups: readonly { readonly name: string; readonly interval: number; readonly evaluationTime: number; readonly rules: readonly { readonly name: string; readonly evaluationTime: number }[] }[] };
}

async function answer(url: string): Promise<RulesAnswer['data']['groups']> {
  return ((await (await fetch(`${url}/api/v1/rules?exclude_alerts=true`)).json()) as RulesAnswer).data.groups;
}

const groupsAt = async (url: string): Promise<GroupCost[]> => (await answer(url)).map(({ name, interval, evaluationTime }) => ({ name, intervalSeconds: interval, seconds: evaluationTime }));
const rulesAt = async (url: string): Promise<{ name: string; seconds: number }[]> => (await answer(url)).flatMap(({ rules }) => rules.map(({ name, evaluationTime }) => ({ name, seconds: evaluationTime })));

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
