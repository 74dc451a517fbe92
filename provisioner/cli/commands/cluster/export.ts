/** `keelson cluster export` and `keelson cluster import`: the Secrets of a cluster and its objects in one sealed file, and back. */
import { writeFile } from 'node:fs/promises';
import { writeClusterObjects } from '../../../cluster-secrets/cluster-objects.ts';
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
export type ImportOptions = TransferOptions & OutputOptions & { readonly adopt?: boolean };

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

/** Before the Cluster itself is created there, or with it and its machines. @throws CliError, SealedFileError, KubeError */
export async function clusterImport(context: CliContext, file: string, options: ImportOptions): Promise<void> {
  const passphrase = await passphraseOf(context, options);
  const held = parseClusterSecrets(await open(await readText(file, 'the export'), passphrase));
  if (options.adopt && held.objects.length === 0) throw new CliError('CLI_BAD_OPTION', `${file} holds no machines: it was written by an earlier Keelson`);
  if (options.adopt && options.namespace !== undefined && options.namespace !== held.cluster.namespace) throw new CliError('CLI_BAD_OPTION', `machines are adopted in namespace ${held.cluster.namespace} only: what they have in the cloud is named after it`);
  const target = options.namespace === undefined ? held : { ...held, cluster: { ...held.cluster, namespace: options.namespace } };
  await withManagement(context, options, async (client) => {
    const { signal } = context;
    const secrets = (await writeClusterSecrets(client, target, { signal })).map((one) => ({ kind: 'Secret', ...one }));
    const adopted = options.adopt ? (await writeClusterObjects(client, target.objects, target.cluster, signal)).map((one) => ({ ...one, result: 'created' })) : [];
    const written = [...secrets, ...adopted];
    write(context, options.output, written, () => written.map(({ kind, name, result }) => `${kind} ${target.cluster.namespace}/${name} ${result}\n`).join(''));
  });
}

/** From a file or the environment: a command line is seen by everybody on the machine. */
async function passphraseOf(context: CliContext, { passphraseFile }: TransferOptions): Promise<string> {
  const given = passphraseFile === undefined ? context.env['KEELSON_PASSPHRASE'] : (await readText(passphraseFile, '--passphrase-file')).replace(/\r?\n$/, '');
  if (!given) throw new CliError('CLI_BAD_OPTION', 'there is no passphrase; give --passphrase-file FILE or set KEELSON_PASSPHRASE');
  return given;
}
