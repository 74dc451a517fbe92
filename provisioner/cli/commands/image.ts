/** `keelson image check-script`: the check of a node image, to be run on a server that was booted from it. */
import { checkScript } from '../../topology/image/check-script.ts';
import type { CliContext } from '../context.ts';

export function imageCheckScript(context: CliContext, { kubernetesVersion }: { readonly kubernetesVersion: string }): void {
  context.stdout.write(checkScript(kubernetesVersion));
}
