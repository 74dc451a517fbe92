/** What makes a Kubernetes cluster a management cluster: Keelson, Cluster API, Prometheus, Alertmanager, installed with Helm. */
import { join } from 'node:path';
import { apiVersionOf, KubeError, resources } from '../../provisioner/kube/index.ts';
import { helmOf, kubeOf, managementName, type FleetContext } from './context.ts';
import { managementValues, type ManagementChart } from './chart-values.ts';
import { clusterCount } from './shape.ts';
import { kubeconfigPath } from './places.ts';
import type { Phase } from './phases.ts';
import { notYet, ready, until } from './until.ts';
import { hasVolumes } from './volumes.ts';

/**
 * Two lanes side by side; within a lane each chart needs kinds of the one before. Pods are not waited for: Cluster API's
 * wait for certificates that Keelson's operator issues. The class, which needs all of it, is waited for at the end.
 */
const lanes: readonly (readonly { readonly chart: ManagementChart; readonly namespace: string }[])[] = [
  [
    { chart: 'prometheus-operator', namespace: 'keelson-system' },
    { chart: 'keelson', namespace: 'keelson-system' },
    { chart: 'monitoring', namespace: 'keelson-system' },
  ],
  [{ chart: 'cluster-api', namespace: 'capi-system' }],
];

export const platformPhase: Phase<FleetContext> = {
  name: 'platform',
  title: 'Keelson, Cluster API and monitoring in the management cluster',
  async run(context, step) {
    const values = managementValues(Math.max(clusterCount(context.shape ?? {}), await clustersThere(context)), { hasVolumes: await hasVolumes(context) });
    await Promise.all(lanes.map((lane) => install(context, lane, values, step)));
    await classReady(context, step);
  },
};

/** Of an earlier start, whoever made them; none before Cluster API is there. */
async function clustersThere(context: FleetContext): Promise<number> {
  const kube = await kubeOf(context, managementName);
  try {
    return (await kube.list(resources.clusters, { signal: context.signal })).items.length;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'KUBE_NOT_FOUND') return 0;
    throw error;
  } finally {
    kube.close();
  }
}

async function install(context: FleetContext, lane: (typeof lanes)[number], values: ReturnType<typeof managementValues>, step: (what: string) => void): Promise<void> {
  const helm = helmOf(context);
  const kubeconfig = { path: kubeconfigPath(context.places, managementName) };
  for (const { chart, namespace } of lane) {
    step(`chart ${chart}`);
    await helm.upgradeInstall({
      release: chart, namespace, chart: join(context.places.repository, 'charts', chart), values: values[chart], kubeconfig,
      createNamespace: true, forceConflicts: true, timeoutMs: 180_000, signal: context.signal,
    });
  }
}

/** The class can be used once the core manager reconciled its variables, which it asks the extension for. */
async function classReady(context: FleetContext, step: (what: string) => void): Promise<void> {
  const kube = await kubeOf(context, managementName);
  try {
    await until('ClusterClass openstack-v1', async () => {
      const found = await kube.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' }, { signal: context.signal });
      if (!found) return notYet(`not applied yet (${apiVersionOf(resources.clusterClasses)})`);
      const status = found['status'] as { observedGeneration?: number; conditions?: { type: string; status: string; message?: string }[] } | undefined;
      const reconciled = status?.conditions?.find((c) => c.type === 'VariablesReady');
      return reconciled?.status === 'True' && status?.observedGeneration === found.metadata.generation ? ready(true) : notYet(reconciled?.message || 'variables are not read yet');
    }, { signal: context.signal, timeoutMs: 300_000, step });
  } finally {
    kube.close();
  }
}
