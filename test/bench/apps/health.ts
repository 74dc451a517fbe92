/** In place of a controller manager and nodes: every Deployment is told as rolled out as soon as it was made or changed. */
import { type KubeClient, type KubeObject, Reflector, resources } from '../../../provisioner/kube/index.ts';
import { rolledOut } from '../../fixtures/rolled-out.ts';

interface Deployment extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly observedGeneration?: number };
}

/** Until the signal. */
export function playRollouts(client: KubeClient, signal: AbortSignal): void {
  const deployments = new Reflector<Deployment>({ client, resource: resources.deployments, pageSize: 500, transform: kept });
  deployments.onChange(({ type, object: { metadata, spec, status } }) => {
    const { namespace, name, generation = 1 } = metadata;
    if (type === 'deleted' || status?.observedGeneration === generation) return;
    // One that is gone meanwhile needs nothing.
    client.patch(resources.deployments, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: rolledOut(spec?.replicas ?? 1, generation) } }).catch(() => undefined);
  });
  deployments.start(signal);
}

const kept = ({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion, generation }, spec, status }: Deployment): Deployment =>
  ({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion, generation } as Deployment['metadata'], spec: { replicas: spec?.replicas ?? 1 }, status: { observedGeneration: status?.observedGeneration ?? 0 } });
