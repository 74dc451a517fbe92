import { readFile } from 'node:fs/promises';
import { FleetError } from '../../../sandbox/fleet/errors.ts';
import { kubeconfigPath } from '../../../sandbox/fleet/places.ts';
import { placesFor } from '../places.ts';
import type { CliContext } from '../context.ts';
import { clusterLogin, type LoginOptions } from './cluster/login.ts';

/**
 * `keelson cluster kubeconfig demo > ~/.kube/demo`: of a cluster that a management cluster knows, or of the user's own sandbox.
 * Whoever says anything about a login means the first; else the sandbox goes first, whose clusters have no people to tell apart.
 */
export async function clusterKubeconfig(context: CliContext, cluster: string, options: LoginOptions): Promise<void> {
  if (!/^[a-z0-9-]+$/.test(cluster)) throw new FleetError('FLEET_BAD_OPTION', `cluster name "${cluster}" is no DNS label`);
  const path = kubeconfigPath(placesFor(context), cluster);
  const isLogin = [options.kubeconfig, options.namespace, options.role, options.namespaces, options.reason, options.admin].some((option) => option !== undefined);
  const ofSandbox = isLogin ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (ofSandbox !== undefined) return void context.stdout.write(ofSandbox);
  if (isLogin || context.env['KUBECONFIG']) return await clusterLogin(context, cluster, options);
  throw new FleetError('FLEET_NOT_RUNNING', `no kubeconfig of cluster ${cluster} at ${path}; "keelson up" writes it, or give --kubeconfig FILE of a management cluster`);
}
