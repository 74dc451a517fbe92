/** Every component of the workload cluster Ready, and the first federated series in the management cluster's Prometheus. */
import { resources } from '../../provisioner/kube/index.ts';
import { demoCluster, kubeOf, managementName, type FleetContext } from './context.ts';
import { isTrue } from './conditions.ts';
import type { Phase } from './phases.ts';
import { query } from './prometheus.ts';
import { notYet, ready, until } from './until.ts';

export const componentsPhase: Phase<FleetContext> = {
  name: 'components',
  title: `Components of ${demoCluster.name}`,
  async run(context, step) {
    const kube = await kubeOf(context, managementName);
    try {
      await until('components', async () => {
        const { items } = await kube.list(resources.apps, { namespace: demoCluster.namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${demoCluster.name}`, signal: context.signal });
        const waiting = items.filter((app) => !isTrue(app, 'Ready'));
        if (items.length === 0) return notYet('none is declared yet');
        return waiting.length === 0 ? ready(items.length) : notYet(`${items.length - waiting.length} of ${items.length} ready; waiting for ${waiting.map((app) => app.metadata.name).join(', ')}`);
      }, { signal: context.signal, timeoutMs: 600_000, step });
    } finally {
      kube.close();
    }
  },
};

export const observationPhase: Phase<FleetContext> = {
  name: 'observation',
  title: 'Metrics of the workload cluster in the management Prometheus',
  async run(context, step) {
    const kube = await kubeOf(context, managementName);
    try {
      await until('federated series', async () => {
        const series = await query(kube, `count({__name__=~"keelson:.*", cluster_id="${demoCluster.name}"})`, context.signal);
        return series.length > 0 ? ready(series) : notYet('none yet');
      }, { signal: context.signal, timeoutMs: 300_000, step });
    } finally {
      kube.close();
    }
  },
};
