/** A client of the management cluster for the commands about one cluster. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromKubeconfig, type KubeClient } from '../../../kube/index.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';

export interface ManagementOptions {
  readonly kubeconfig?: string;
  readonly namespace?: string;
}

/** @throws CliError CLI_BAD_OPTION, CLI_FILE_UNREADABLE */
export async function withManagement(context: CliContext, { kubeconfig = context.env['KUBECONFIG'] }: ManagementOptions, run: (client: KubeClient) => Promise<void>): Promise<void> {
  if (kubeconfig === undefined) throw new CliError('CLI_BAD_OPTION', 'which management cluster? give --kubeconfig FILE or set KUBECONFIG');
  const client = await fromKubeconfig(await readText(kubeconfig, '--kubeconfig'), { folder: dirname(kubeconfig), userAgent: 'keelson-cluster' });
  try {
    await run(client);
  } finally {
    client.close();
  }
}

export const readText = (path: string, what: string): Promise<string> => readFile(path, 'utf8').catch((cause: unknown) => Promise.reject(new CliError('CLI_FILE_UNREADABLE', `cannot read ${what} ${path}`, { cause })));
