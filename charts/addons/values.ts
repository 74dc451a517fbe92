/** Values of the chart addons: what of it is installed, and what differs from the defaults of its charts because they stand together. */
import { z } from 'zod';

const part = (what: string) => z.boolean().default(true).describe(`Install ${what}.`);
/** Values of one chart: its own schema judges them. */
const valuesOf = (chart: string, defaults: Record<string, unknown> = {}) => z.looseObject({}).default(defaults).describe(`Values of the chart ${chart}; see its page.`);

const monitored = { serviceMonitor: { enabled: true } };

export const values = z.object({
  install: z
    .object({
      prometheusOperator: part('prometheus-operator. Off where the cluster has one; its kinds must then be there'),
      kubeStateMetrics: part('kube-state-metrics'),
      nodeExporter: part('node-exporter'),
      certExporter: part('cert-exporter'),
      netExporter: part('net-exporter'),
      workloadMonitoring: part('Prometheus with the rules that record'),
      policies: part('policies: pod security in audit mode, roles, priorities'),
    })
    .prefault({})
    .describe('The parts.'),
  global: z
    .object({ imageRegistry: z.string().min(1).optional().describe('Registry, or registry and path, that takes the place of the registry of every image: a mirror.') })
    .prefault({})
    .describe('For all parts.'),
  // Its kinds stand in crds/ of this chart: Helm looks up every kind before it installs what is in templates.
  'prometheus-operator': valuesOf('prometheus-operator', { crds: { enabled: false } }),
  'kube-state-metrics': valuesOf('kube-state-metrics', monitored),
  'node-exporter': valuesOf('node-exporter', monitored),
  'cert-exporter': valuesOf('cert-exporter', monitored),
  'net-exporter': valuesOf('net-exporter', monitored),
  // Nobody reads from outside: there is no management cluster. Nor need there be an OpenStack.
  'workload-monitoring': valuesOf('workload-monitoring', { federation: { enabled: false }, controlPlaneMetrics: { cloudController: false } }),
  policies: valuesOf('policies'),
});
