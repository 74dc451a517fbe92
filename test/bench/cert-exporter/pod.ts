/** Starts `node exporters/cert/main.ts` as a pod would: with the files of a service account, in a mount namespace of its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { Measured } from './process.ts';

export interface PodOptions {
  readonly folder: string;
  readonly config: object;
  /** Absent: the exporter needs no API server. */
  readonly api?: ApiServer;
  /** Say for how long the event loop is blocked. */
  readonly isLoopProbed?: boolean;
}

const main = join(import.meta.dirname, '../../../exporters/cert/main.ts');

export interface Pod {
  readonly process: Measured;
  readonly port: number;
}

/** Resolves when it listens. */
export async function startPod({ folder, config, api, isLoopProbed = false }: PodOptions): Promise<Pod> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'config.yaml');
  await writeFile(path, stringify({ address: '127.0.0.1:0', ...config }));
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  if (isLoopProbed) env['NODE_OPTIONS'] = `--import=${join(import.meta.dirname, 'loop-probe.mjs')}`;
  let command = [process.execPath, main, '--config', path];
  if (api) {
    const account = join(folder, 'serviceaccount');
    await mkdir(account, { recursive: true });
    await writeFile(join(account, 'token'), api.adminToken);
    await writeFile(join(account, 'ca.crt'), api.ca.cert);
    Object.assign(env, { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) });
    const mounts = `mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && cp -r ${account} /run/secrets/kubernetes.io/serviceaccount && exec "$@"`;
    command = ['unshare', '--mount', 'sh', '-c', mounts, 'sh', ...command];
  }
  const [program = '', ...args] = command;
  const pod = new Measured(program, args, env);
  const [, port] = await pod.says(/"port":(\d+)/, 60_000);
  return { process: pod, port: Number(port) };
}
