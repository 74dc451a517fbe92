/** Every component of the workload clusters Ready, and the first federated series of each in the management cluster's Prometheus. */
import { annotations } from '../../provisioner/api/labels.ts';
import { resources, type KubeClient } from '../../provisioner/kube/index.ts';
import type { ClusterName } from './cluster-object.ts';
import { wantedClusters } from './clusters.ts';
import { kubeOf, managementName, type FleetContext } from './context.ts';
import { isTrue } from './conditions.ts';
import type { Phase } from './phases.ts';
import { query } from './prometheus.ts';
import { notYet, ready, until, type Look } from './until.ts';

export const componentsPhase: Phase<FleetContext> = {
  name: 'components',
  title: 'Components of the workload clusters',
  run: (context, step) => ofEach(context, { timeoutMs: 600_000, step, what: 'components' }, (kube, { name, namespace }) => async () => {
    const { items: declared } = await kube.list(resources.apps, { namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${name}`, signal: context.signal });
    const items = declared.filter((app) => app.metadata.annotations?.[annotations.leftOut] === undefined);
    const waiting = items.filter((app) => !isTrue(app, 'Ready'));
    if (items.length === 0) return notYet('none is declared yet');
    return waiting.length === 0 ? ready(items.length) : notYet(`${items.length - waiting.length} of ${items.length} ready; waiting for ${waiting.map((app) => app.metadata.name).join(', ')}`);
  }),
};

export const observationPhase: Phase<FleetContext> = {
  name: 'observation',
  title: 'Metrics of the workload clusters in the management Prometheus',
  run: (context, step) => ofEach(context, { timeoutMs: 300_000, step, what: 'federated series' }, (kube, { name }) => async () => {
    const series = await query(kube, `count({__name__=~"keelson:.*", cluster_id="${name}"})`, context.signal);
    return series.length > 0 ? ready(series) : notYet('none yet');
  }),
};

interface Waiting {
  /** For one cluster; each further one gets a fifth more, since all share the machine. */
  readonly timeoutMs: number;
  readonly step: (what: string) => void;
  readonly what: string;
}

async function ofEach<T>(context: FleetContext, { timeoutMs, step, what }: Waiting, look: (kube: KubeClient, cluster: ClusterName) => () => Promise<Look<T>>): Promise<void> {
  const kube = await kubeOf(context, managementName);
  const clusters = wantedClusters(context.shape);
  try {
    await Promise.all(clusters.map((cluster) => until(`${cluster.name}: ${what}`, look(kube, cluster), { signal: context.signal, timeoutMs: timeoutMs * (1 + (clusters.length - 1) / 5), step })));
  } finally {
    kube.close();
  }
}
