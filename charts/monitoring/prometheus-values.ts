/** Values of a Prometheus, for both charts that have one. */
import { z } from 'zod';
import { image, resources } from '../render/fragments.ts';

/** Prometheus duration. */
export const duration = z.string().regex(/^([0-9]+(ms|s|m|h|d|w|y))+$/);

export interface PrometheusDefaults {
  readonly retention: string;
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
}

export const prometheusValues = ({ retention, requests, limits }: PrometheusDefaults) =>
  z
    .object({
      image: image('quay.io', 'prometheus/prometheus', 'v3.16.0'),
      retention: duration.default(retention).describe('How long samples are kept.'),
      scrapeInterval: duration.default('60s').describe('How often targets are scraped that do not say it themselves.'),
      evaluationInterval: duration.default('60s').describe('How often rules are evaluated.'),
      storage: z.string().regex(/^([0-9]+(\.[0-9]+)?(Mi|Gi|Ti))?$/).default('').describe('Size of its volume; empty: the node\'s disk, and what is stored goes with the pod.'),
      storageClassName: z.string().default('').describe('Class of the volume; empty: the default one.'),
      logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
      resources: resources(requests, limits),
    })
    .prefault({})
    .describe('The Prometheus.');
