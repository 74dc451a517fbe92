/** What makes a Kubernetes cluster a management cluster: Keelson, Cluster API, Prometheus, Alertmanager, installed with Helm. */
import { join } from 'node:path';
import { apiVersionOf, resources } from '../../provisioner/kube/index.ts';
import { helmOf, kubeOf, managementName, type FleetContext } from './context.ts';
import { bundleValues, managementValues } from './chart-values.ts';
import { kubeconfigPath } from './places.ts';
import type { Phase } from './phases.ts';
import { notYet, ready, until } from './until.ts';

interface Installation {
  readonly chart: string;
  readonly namespace: string;
  readonly values: Record<string, unknown>;
  /** Wait for its pods. */
  readonly wait: boolean;
}

/**
 * Keelson first: its operator issues the certificates that Cluster API's pods wait for. Nothing but Keelson is waited
 * for here; the class, which needs all of it, is waited for at the end.
 */
const installations: readonly Installation[] = [
  { chart: 'prometheus-operator', namespace: 'keelson-system', values: managementValues['prometheus-operator'], wait: false },
  { chart: 'keelson', namespace: 'keelson-system', values: { ...managementValues.keelson, bundleValues }, wait: false },
  { chart: 'cluster-api', namespace: 'capi-system', values: managementValues['cluster-api'], wait: false },
  { chart: 'monitoring', namespace: 'keelson-system', values: managementValues.monitoring, wait: false },
];

export const platformPhase: Phase<FleetContext> = {
  name: 'platform',
  title: 'Keelson, Cluster API and monitoring in the management cluster',
  async run(context, step) {
    const helm = helmOf(context);
    const kubeconfig = { path: kubeconfigPath(context.places, managementName) };
    for (const { chart, namespace, values, wait } of installations) {
      step(`chart ${chart}`);
      await helm.upgradeInstall({
        release: chart, namespace, chart: join(context.places.repository, 'charts', chart), values, kubeconfig,
        createNamespace: true, wait, forceConflicts: true, timeoutMs: 180_000, signal: context.signal,
      });
    }
    await classReady(context, step);
  },
};

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
