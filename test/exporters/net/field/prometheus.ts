/** The real Prometheus in the field: scrapes all nodes from the middle, evaluates the rules that we ship, and is asked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { toolsBin } from '../../../fixtures/tools-bin.ts';
import type { Field } from './field.ts';
import { exporterPort } from './topology.ts';

export interface Job {
  readonly name: string;
  /** That of the exporter where it is not said. */
  readonly port?: number;
  /** In place of `net_exporter_` in its metrics: the rules are to see one exporter in each node. */
  readonly prefix?: string;
}

export interface PrometheusOptions {
  readonly folder: string;
  readonly jobs: readonly Job[];
  /** Seconds between two scrapes, and between two evaluations. */
  readonly everySeconds: number;
  /** Text of rule files. */
  readonly rules?: readonly string[];
}

export interface Series { readonly labels: Readonly<Record<string, string>>; readonly value: number }

const port = 9090;

export class Prometheus {
  readonly #field: Field;

  private constructor(field: Field) {
    this.#field = field;
  }

  /** Resolves when it answers. */
  static async start(field: Field, { folder, jobs, everySeconds, rules = [] }: PrometheusOptions): Promise<Prometheus> {
    await mkdir(join(folder, 'data'), { recursive: true });
    const ruleFiles = rules.map((_, i) => join(folder, `rules-${i}.yaml`));
    await Promise.all(rules.map((text, i) => writeFile(ruleFiles[i]!, text)));
    const every = `${everySeconds}s`;
    await writeFile(join(folder, 'prometheus.yaml'), stringify({
      global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
      rule_files: ruleFiles,
      scrape_configs: jobs.map((job) => ({
        job_name: job.name,
        metric_relabel_configs: job.prefix === undefined ? [] : [{ source_labels: ['__name__'], regex: 'net_exporter_(.*)', target_label: '__name__', replacement: `${job.prefix}$1` }],
        static_configs: field.nodes.map((node) => ({ targets: [`${node.address}:${job.port ?? exporterPort}`], labels: { node: node.name } })),
      })),
    }));
    await field.world.ask('start', { name: 'prometheus', argv: [join(toolsBin, 'prometheus'), `--config.file=${join(folder, 'prometheus.yaml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`] });
    await field.world.ask('says', { name: 'prometheus', pattern: 'Server is ready to receive web requests' });
    return new Prometheus(field);
  }

  /** An instant query, now. */
  async query(expression: string): Promise<readonly Series[]> {
    const { text } = await this.#field.world.ask('fetch', { url: `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}` });
    const answer = JSON.parse(text) as { status: string; error?: string; data?: { result: { metric: Record<string, string>; value: [number, string] }[] } };
    if (answer.status !== 'success' || !answer.data) throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }
}
