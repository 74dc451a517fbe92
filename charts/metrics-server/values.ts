/** Values of the chart metrics-server. */
import { z } from 'zod';
import { image, networkPolicy, placement, resources, serviceMonitor } from '../render/fragments.ts';

export const values = z.object({
  image: image('registry.k8s.io', 'metrics-server/metrics-server', 'v0.9.0'),
  replicas: z.int().min(1).max(5).default(1).describe('Pods.'),
  metricResolution: z.string().regex(/^(1[2-9]|[2-9][0-9]|[1-9][0-9]{2,})s$/).default('15s').describe('How often kubelets are read; nine tenths of it must be more than the 10s that a kubelet has to answer, or metrics-server exits.'),
  kubeletInsecureTls: z.boolean().default(true).describe("Do not verify the kubelets' serving certificates. They are self-signed unless serverTLSBootstrap is on and their requests are approved."),
  verbosity: z.int().min(0).max(10).default(2).describe('Log level, 0 to 10.'),
  serviceMonitor,
  resources: resources({ cpu: '50m', memory: '64Mi' }, { memory: '256Mi' }),
  networkPolicy: networkPolicy({ scraperNamespace: 'keelson-system' }),
  ...placement([]),
});
