/** `keelson cluster export` and `keelson cluster import`: the Secrets of a cluster in one sealed file, and back. */
import { writeFile } from 'node:fs/promises';
import { parseClusterSecrets, readClusterSecrets, writeClusterSecrets } from '../../../cluster-secrets/cluster-secrets.ts';
import { open, seal } from '../../../cluster-secrets/sealed.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { type ManagementOptions, readText, withManagement } from './management.ts';

export interface TransferOptions extends ManagementOptions {
  readonly passphraseFile?: string;
}
export type ExportOptions = TransferOptions & { readonly file: string };
export type ImportOptions = TransferOptions & OutputOptions;

/** Writes a file of mode 0600 that only the passphrase opens. @throws CliError, SealedFileError, KubeError */
export async function clusterExport(context: CliContext, name: string, options: ExportOptions): Promise<void> {
  const passphrase = await passphraseOf(context, options);
  await withManagement(context, options, async (client) => {
    const secrets = await readClusterSecrets(client, { namespace: options.namespace ?? 'default', name }, { now: new Date(), signal: context.signal });
    await writeFile(options.file, await seal(JSON.stringify(secrets), passphrase), { mode: 0o600, flag: 'wx' }).catch((cause: unknown) => {
      throw new CliError('CLI_BAD_OPTION', `cannot write ${options.file}; it must not be there yet`, { cause });
    });
    context.stdout.write(`${options.file}: ${secrets.secrets.map((secret) => secret.name).join(', ')}\n`);
  });
}

/** Before the Cluster itself is created there. @throws CliError, SealedFileError, KubeError */
export async function clusterImport(context: CliContext, file: string, options: ImportOptions): Promise<void> {
  const passphrase = await passphraseOf(context, options);
  const secrets = parseClusterSecrets(await open(await readText(file, 'the export'), passphrase));
  const target = options.namespace === undefined ? secrets : { ...secrets, cluster: { ...secrets.cluster, namespace: options.namespace } };
  await withManagement(context, options, async (client) => {
    const written = await writeClusterSecrets(client, target, { signal: context.signal });
    write(context, options.output, written, () => written.map(({ name, result }) => `Secret ${target.cluster.namespace}/${name} ${result}\n`).join(''));
  });
}

/** From a file or the environment: a command line is seen by everybody on the machine. */
async function passphraseOf(context: CliContext, { passphraseFile }: TransferOptions): Promise<string> {
  const given = passphraseFile === undefined ? context.env['KEELSON_PASSPHRASE'] : (await readText(passphraseFile, '--passphrase-file')).replace(/\r?\n$/, '');
  if (!given) throw new CliError('CLI_BAD_OPTION', 'there is no passphrase; give --passphrase-file FILE or set KEELSON_PASSPHRASE');
  return given;
}
