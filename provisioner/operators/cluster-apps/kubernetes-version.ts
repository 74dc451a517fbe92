/** The minor of Kubernetes that a cluster runs, asked of its own API server. */
import { isKubeError, type KubeClient } from '../../kube/index.ts';

/** "1.36"; undefined where the API server does not answer. */
export async function kubernetesMinor(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { status, body } = await client.request({ method: 'GET', path: '/version', signal });
    return status === 200 ? minorOf((JSON.parse(body.toString('utf8')) as { gitVersion?: string }).gitVersion) : undefined;
  } catch (error) {
    if (signal.aborted || !isKubeError(error)) throw error;
    return undefined;
  }
}

/** "v1.36.3" → "1.36" */
export function minorOf(version: string | undefined): string | undefined {
  return /^v?(1\.\d+)\./.exec(version ?? '')?.[1];
}
