/** `keelson access kubeconfig`: a kubeconfig of a management cluster that takes OIDC tokens, to be given to everybody. */
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { Issuer } from '../../oidc/issuer.ts';
import { readText } from '../cluster/management.ts';
import { oidcKubeconfig } from './exec-kubeconfig.ts';

export interface AccessKubeconfigOptions extends Issuer {
  readonly server: string;
  readonly certificateAuthority?: string;
  readonly name: string;
}

/** @throws CliError CLI_BAD_OPTION, CLI_FILE_UNREADABLE */
export async function accessKubeconfig(context: CliContext, { server, certificateAuthority, ...rest }: AccessKubeconfigOptions): Promise<void> {
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:') throw new CliError('CLI_BAD_OPTION', `--server ${server}: an https URL`);
  const ca = certificateAuthority === undefined ? undefined : await readText(certificateAuthority, '--certificate-authority');
  context.stdout.write(oidcKubeconfig({ ...rest, server, ca }));
}
