/** cert-exporter and net-exporter side by side: when one ends, for whatever reason, so does the other. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../core/clock.ts';
import { jsonLog, type Log } from '../core/log.ts';
import type { Config as CertConfig } from '../cert/config.ts';
import { runCertExporter } from '../cert/exporter.ts';
import type { Config as NetConfig } from '../net/config.ts';
import { apiServerOf } from '../net/environment.ts';
import { runNetExporter } from '../net/exporter.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';

/** Checked, and settled with the environment. */
export interface Both {
  readonly cert: CertConfig;
  readonly net: NetConfig;
}

export interface BothOptions {
  readonly configs: Both;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Module of the thread that opens PKCS#12 files. */
  readonly workerEntry: URL;
  readonly write: (line: string) => void;
}

/** Resolves after the signal has aborted and both have stopped. @throws what the first one throws, after the other has stopped */
export async function runBoth({ configs: { cert, net }, version, env, workerEntry, write }: BothOptions, signal: AbortSignal): Promise<void> {
  const log = (name: string, level: CertConfig['logLevel']): Log => jsonLog({ name, level, write, now: () => new Date() });
  const common = { version, clock: systemClock, random: Math.random };
  const client = (name: string, kubeconfig: string | undefined) => () => clientOf({ kubeconfig, userAgent: `${name}/${version}`, env });
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const runs = [
    runCertExporter({ ...common, config: cert, workerEntry, client: client('cert-exporter', cert.kubeconfig), log: log('cert-exporter', cert.logLevel) }, either),
    runNetExporter({ ...common, config: net, apiServer: apiServerOf(env), client: client('net-exporter', net.kubeconfig), readFile: (path) => readFile(path, 'utf8'), log: log('net-exporter', net.logLevel) }, either),
  ];
  const results = await Promise.allSettled(runs.map((run) => run.finally(() => ended.abort())));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** What the second life may need beside this module, so that it is compiled in the first. */
export function load(): Promise<unknown> {
  return Promise.all([import('../net/peers/slice-source.ts'), import('../net/ntp/round.ts'), import('../net/targets/round.ts'), import('../cert/kube-sources.ts'), import('../../provisioner/kube/in-cluster.ts')]);
}

async function clientOf({ kubeconfig, userAgent, env }: { readonly kubeconfig: string | undefined; readonly userAgent: string; readonly env: NodeJS.ProcessEnv }): Promise<KubeClient> {
  if (kubeconfig !== undefined) {
    const [{ fromKubeconfig }, { dirname }] = await Promise.all([import('../../provisioner/kube/kubeconfig.ts'), import('node:path')]);
    return fromKubeconfig(await readFile(kubeconfig, 'utf8'), { userAgent, folder: dirname(kubeconfig) });
  }
  const { inCluster } = await import('../../provisioner/kube/in-cluster.ts');
  return inCluster({ readFile: (path) => readFile(path, 'utf8'), env, userAgent });
}
