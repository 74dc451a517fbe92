/** A cert-exporter on a free port, in the process of the test. */
import { schema, type Config } from '../../../exporters/cert/config.ts';
import { runCertExporter } from '../../../exporters/cert/exporter.ts';
import { systemClock, type Clock } from '../../../exporters/core/clock.ts';
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { FakeClock } from '../core/fake-clock.ts';

/** Module of the thread that opens PKCS#12 files, as the command itself has it. */
export const workerEntry = new URL('../../../exporters/cert/main.ts', import.meta.url);

export interface Running {
  readonly port: number;
  get(path: string, accept?: string): Promise<{ status: number; text: string }>;
  /** Lines of one family, sorted. */
  series(family: string): Promise<string[]>;
  /** Waits until the lines of a family are as wanted. */
  until(family: string, matches: (series: string[]) => boolean): Promise<void>;
  readonly logged: string[];
  stop(): Promise<void>;
}

export interface StartOptions {
  /** As it stands in a file. Files and Secrets are off unless it says otherwise. */
  readonly config: object;
  readonly client?: () => Promise<KubeClient>;
  readonly clock?: Clock;
  /** Whether to wait for /readyz; true by default. */
  readonly isReadyAwaited?: boolean;
}

/** Over one directory, with a clock that stands still. Resolves when its first walk is done. */
export const start = (directory: string): Promise<Running> => startWith({ config: { files: { directories: [directory] } }, clock: new FakeClock() });

export async function startWith({ config, client, clock = systemClock, isReadyAwaited = true }: StartOptions): Promise<Running> {
  const stop = new AbortController();
  const logged: string[] = [];
  const write = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }, (_, value: unknown) => (value instanceof Error ? value.stack : value)));
  let done: Promise<void> | undefined;
  const off = 'files' in config ? {} : { files: { enabled: false } };
  const full: Config = schema.parse({ address: '127.0.0.1:0', secrets: { enabled: false }, ...off, ...config });
  const port = await new Promise<number>((onListening, reject) => {
    done = runCertExporter({
      env: process.env,
      config: full, version: '0.1.0', workerEntry, client: client ?? (() => Promise.reject(new Error('not asked for'))), random: () => 0.5, clock,
      log: { debug: write, info: write, warn: write, error: write }, onListening,
    }, stop.signal);
    done.catch(reject);
  });
  const get: Running['get'] = async (path, accept = 'text/plain') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
    return { status: response.status, text: await response.text() };
  };
  const series: Running['series'] = async (family) => (await get('/metrics')).text.split('\n').filter((line) => line.startsWith(`${family}{`)).sort();
  const until: Running['until'] = async (family, matches) => {
    const endsAt = Date.now() + 120_000;
    for (let found = await series(family); !matches(found); found = await series(family)) {
      if (Date.now() > endsAt) throw new Error(`${family} is\n${found.slice(0, 20).join('\n')}\nlog:\n${logged.slice(-10).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  while (isReadyAwaited && (await get('/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
  return { port, get, series, until, logged, stop: () => (stop.abort(), done!) };
}
