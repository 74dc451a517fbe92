import { readFile } from 'node:fs/promises';
import { FleetError } from '../../../sandbox/fleet/errors.ts';
import { kubeconfigPath } from '../../../sandbox/fleet/places.ts';
import { placesFor } from '../places.ts';
import type { CliContext } from '../context.ts';

/** Prints a kubeconfig of the running fleet: `keelson cluster kubeconfig demo > ~/.kube/demo`. */
export async function clusterKubeconfig(context: CliContext, cluster: string): Promise<void> {
  if (!/^[a-z0-9-]+$/.test(cluster)) throw new FleetError('FLEET_BAD_OPTION', `cluster name "${cluster}" is no DNS label`);
  const path = kubeconfigPath(placesFor(context), cluster);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FleetError('FLEET_NOT_RUNNING', `no kubeconfig of cluster ${cluster} at ${path}; "keelson up" writes it`, { cause });
  });
  context.stdout.write(text);
}
