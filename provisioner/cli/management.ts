/** The management cluster of the processes that run in it. */
import { readFile } from 'node:fs/promises';
import { fromKubeconfig, inCluster, type KubeClient } from '../kube/index.ts';
import type { CliContext } from './context.ts';

/** By a kubeconfig, else as the pod that we are. @throws KubeError KUBE_CONFIG where it is neither */
export async function managementCluster(context: CliContext, kubeconfig: string | undefined, userAgent: string): Promise<KubeClient> {
  if (kubeconfig !== undefined) return fromKubeconfig(await readFile(kubeconfig, 'utf8'), { userAgent });
  return inCluster({ env: context.env, readFile: (path) => readFile(path, 'utf8'), userAgent });
}

/** Whether this process is a pod: the kubelet tells every container where the API server is. */
export const isPod = (context: CliContext): boolean => context.env['KUBERNETES_SERVICE_HOST'] !== undefined;
