/** A cert-exporter on a free port, over one directory. */
import { schema } from '../../../exporters/cert/config.ts';
import { runCertExporter } from '../../../exporters/cert/exporter.ts';
import { FakeClock } from '../core/fake-clock.ts';

export interface Running {
  get(path: string, accept?: string): Promise<{ status: number; text: string }>;
  readonly logged: string[];
  stop(): Promise<void>;
}

/** Resolves when its first walk is done. */
export async function start(directory: string): Promise<Running> {
  const stop = new AbortController();
  const logged: string[] = [];
  const write = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }));
  let done: Promise<void> | undefined;
  const port = await new Promise<number>((onListening, reject) => {
    done = runCertExporter({
      config: schema.parse({ address: '127.0.0.1:0', files: { directories: [directory] }, secrets: { enabled: false } }),
      version: '0.1.0', client: () => Promise.reject(new Error('not asked for')), random: () => 0.5, clock: new FakeClock(),
      log: { debug: write, info: write, warn: write, error: write }, onListening,
    }, stop.signal);
    done.catch(reject);
  });
  const get: Running['get'] = async (path, accept = 'text/plain') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
    return { status: response.status, text: await response.text() };
  };
  const isReady = async (): Promise<boolean> => (await get('/readyz')).status === 200;
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 10));
  return { get, logged, stop: () => (stop.abort(), done!) };
}
