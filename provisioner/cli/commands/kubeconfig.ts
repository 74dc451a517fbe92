import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FleetError } from '../../../sandbox/fleet/errors.ts';
import { throughRelay } from '../../../sandbox/fleet/kubeconfig.ts';
import { kubeconfigPath, type Places } from '../../../sandbox/fleet/places.ts';
import { WorldClient } from '../../../sandbox/world/client.ts';
import { placesFor } from '../places.ts';
import type { CliContext } from '../context.ts';
import { clusterLogin, type LoginOptions } from './cluster/login.ts';

/**
 * `keelson cluster kubeconfig demo > ~/.kube/demo`: of a cluster that a management cluster knows, or of the user's own sandbox.
 * Whoever says anything about a login means the first; else the sandbox goes first, whose clusters have no people to tell apart.
 */
export async function clusterKubeconfig(context: CliContext, cluster: string, options: LoginOptions): Promise<void> {
  if (!/^[a-z0-9-]+$/.test(cluster)) throw new FleetError('FLEET_BAD_OPTION', `cluster name "${cluster}" is no DNS label`);
  const places = placesFor(context);
  const path = kubeconfigPath(places, cluster);
  const isLogin = [options.kubeconfig, options.namespace, options.role, options.namespaces, options.reason, options.admin].some((option) => option !== undefined);
  const ofSandbox = isLogin ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (ofSandbox !== undefined) return void context.stdout.write(ofSandbox);
  const management = options.kubeconfig ?? context.env['KUBECONFIG'];
  const isOfSandbox = management !== undefined && dirname(resolve(management)) === places.state;
  if (isLogin || management) return await clusterLogin(context, cluster, isOfSandbox ? { ...options, printed: await relayed(context, places, cluster) } : options);
  throw new FleetError('FLEET_NOT_RUNNING', `no kubeconfig of cluster ${cluster} at ${path}; "keelson up" writes it, or give --kubeconfig FILE of a management cluster`);
}

/** A sandbox's clusters are reached by its relays: their own addresses are in its world. */
async function relayed(context: CliContext, places: Places, cluster: string): Promise<(kubeconfig: string) => string> {
  const { relays } = await new WorldClient(places.state).status(context.signal);
  const relay = relays.find(({ name }) => name === `kubernetes-${cluster}`);
  return (kubeconfig) => (relay ? throughRelay(kubeconfig, { cluster, port: relay.port, user: `${cluster}-login` }) : kubeconfig);
}
