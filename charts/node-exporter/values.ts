/** Values of the chart node-exporter. */
import { z } from 'zod';
import { image, placement, resources, serviceMonitor } from '../render/fragments.ts';

export const values = z.object({
  image: image('quay.io', 'prometheus/node-exporter', 'v1.12.1'),
  port: z.int().min(1024).max(65535).default(9100).describe('Port on every node.'),
  hostRoot: z.boolean().default(true).describe('Mount the root of the node read-only, so that its file systems are measured.'),
  extraArgs: z.array(z.string()).default([]).describe('More arguments, for collectors.'),
  serviceMonitor,
  resources: resources({ cpu: '20m', memory: '24Mi' }, { memory: '128Mi' }),
  ...placement([{ operator: 'Exists' }]),
});
