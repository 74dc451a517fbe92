/** The operator as a process of its own, and what it takes of the machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeBundle } from '../../fixtures/bundled.ts';

const metricsPort = 19_405;
/** charts/keelson/templates/operator.yaml */
const asInPods = { options: '--max-semi-space-size=2', malloc: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '16384' } };

/** The command as the image has it: modules without types. @param folder that of `BenchOperator` */
export async function writeCommand(folder: string): Promise<void> {
  await writeBundle(join(folder, 'app'), { keelson: 'provisioner/cli/main.ts' });
}

export class BenchOperator {
  readonly #child: ChildProcess;

  /** @param folder with `kubeconfig`, the commands `helm` and `app`, and the charts */
  constructor(folder: string, workers: number) {
    const args = ['operator', `--kubeconfig=${folder}/kubeconfig`, `--charts-dir=${folder}`, `--helm=${folder}/helm`, `--metrics-port=${metricsPort}`, '--health-port=0', '--no-leader-election', `--workers=${workers}`];
    const { PATH, OPERATOR_NODE_OPTIONS = '' } = process.env;
    const NODE_OPTIONS = `${asInPods.options} ${OPERATOR_NODE_OPTIONS}`.trim();
    this.#child = spawn(process.execPath, [join(folder, 'app/keelson.mjs'), ...args], { env: { PATH, KEELSON_LOG_LEVEL: 'error', NODE_OPTIONS, ...asInPods.malloc }, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await Promise.race([ended, sleep(30_000)]);
    this.#child.kill('SIGKILL');
  }

  /** /proc/PID/stat, utime and stime in ticks of 10 ms; its children, the runs of Helm, are not in them. */
  async cpuSeconds(): Promise<number> {
    const fields = (await readFile(`/proc/${this.#child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async residentMb(): Promise<number> {
    return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  }

  /** Since it began: the first minute, in which it reads the whole fleet, is its hardest. */
  async peakMb(): Promise<number> {
    return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  }

  /** The value of one series; undefined while there is none, or no answer. @param series as it is written: `workqueue_depth{name="app"}` */
  async metric(series: string): Promise<number | undefined> {
    const line = (await this.scrape().catch(() => '')).split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  }

  /** As Prometheus does. @throws Error where it does not answer */
  async scrape(): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    if (!answer.ok) throw new Error(`the operator's metrics: HTTP ${answer.status}`);
    return await answer.text();
  }
}
