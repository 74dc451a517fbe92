/** Values of the chart kube-state-metrics. */
import { z } from 'zod';
import { image, networkPolicy, placement, resources, serviceMonitor } from '../render/fragments.ts';

/** Kinds read by default: those that rules and boards of Keelson speak of (leases: whether controller manager and scheduler work). Secrets are left out on purpose. */
const kinds = ['daemonsets', 'deployments', 'horizontalpodautoscalers', 'jobs', 'leases', 'namespaces', 'nodes', 'persistentvolumeclaims', 'persistentvolumes', 'poddisruptionbudgets', 'pods', 'resourcequotas', 'services', 'statefulsets'];

export const values = z.object({
  image: image('registry.k8s.io', 'kube-state-metrics/kube-state-metrics', 'v2.18.0'),
  kinds: z.array(z.enum(['cronjobs', ...kinds])).min(1).default(kinds).describe('Kinds whose objects become metrics; the pod gets the right to read exactly these.'),
  serviceMonitor,
  resources: resources({ cpu: '20m', memory: '64Mi' }, { memory: '512Mi' }),
  networkPolicy: networkPolicy(),
  ...placement([]),
});
