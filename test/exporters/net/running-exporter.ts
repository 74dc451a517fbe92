/** A net-exporter on free ports, in the process of the test. */
import { schema } from '../../../exporters/net/config.ts';
import { runNetExporter } from '../../../exporters/net/exporter.ts';
import { systemClock } from '../../../exporters/core/clock.ts';
import type { KubeClient } from '../../../provisioner/kube/client.ts';

export interface Running {
  readonly http: number;
  readonly udp: number;
  get(path: string): Promise<{ status: number; type: string; text: string }>;
  /** Lines of one family, sorted. */
  series(family: string): Promise<string[]>;
  /** Waits until the lines of a family are as wanted. */
  until(family: string, matches: (series: string[]) => boolean): Promise<string[]>;
  readonly logged: string[];
  stop(): Promise<void>;
}

/** @param config as it stands in a file, settled: what is not named is off */
export async function startWith(config: object, options: { readonly client?: () => Promise<KubeClient> } = {}): Promise<Running> {
  const stop = new AbortController();
  const logged: string[] = [];
  const write = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }, (_, value: unknown) => (value instanceof Error ? value.stack : value)));
  let done: Promise<void> | undefined;
  const full = schema.parse({ address: '127.0.0.1:0', service: { enabled: false }, dns: { enabled: false }, ...config });
  const { http, udp } = await new Promise<{ http: number; udp: number }>((onListening, reject) => {
    done = runNetExporter({
      config: full, version: '0.1.0', apiServer: undefined, client: options.client ?? (() => Promise.reject(new Error('not asked for'))), readFile: () => Promise.reject(new Error('not asked for')),
      random: Math.random, clock: systemClock, log: { debug: write, info: write, warn: write, error: write }, onListening,
    }, stop.signal);
    done.catch(reject);
  });
  const get: Running['get'] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${http}${path}`, { headers: { accept: 'text/plain' } });
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  };
  const series: Running['series'] = async (family) => (await get('/metrics')).text.split('\n').filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `)).sort();
  const until: Running['until'] = async (family, matches) => {
    const endsAt = Date.now() + 60_000;
    for (;;) {
      const found = await series(family);
      if (matches(found)) return found;
      if (Date.now() > endsAt) throw new Error(`${family} is\n${found.slice(0, 20).join('\n')}\nlog:\n${logged.slice(-10).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { http, udp, get, series, until, logged, stop: () => (stop.abort(), done!) };
}
