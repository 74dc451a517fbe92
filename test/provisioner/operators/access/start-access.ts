/** The controllers of access as the operator starts them, without the rest of it. */
import type { Registry } from 'prom-client';
import type { AccessBinding } from '../../../../provisioner/api/access-binding.ts';
import type { ClusterAccess } from '../../../../provisioner/api/cluster-access.ts';
import { type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import { accessControllers } from '../../../../provisioner/operators/access/index.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import { startControllers, type TestContext } from '../surroundings.ts';

/** Gives back how to stop them. */
export function startAccess(context: TestContext, registry: Registry): () => Promise<void> {
  const seams = { client: context.client, log: context.log };
  const kubeconfigs = kubeconfigSecrets(context);
  const remotes = new RemoteClusters({ secrets: kubeconfigs });
  const { controllers, close } = accessControllers({
    context, registry, remotes, kubeconfigs,
    clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
    accesses: new Reflector<ClusterAccess & KubeObject>({ ...seams, resource: resources.clusterAccesses }),
    bindings: new Reflector<AccessBinding & KubeObject>({ ...seams, resource: resources.accessBindings }),
  });
  const stop = startControllers(controllers);
  return async () => {
    await stop();
    close();
    remotes.close();
  };
}
