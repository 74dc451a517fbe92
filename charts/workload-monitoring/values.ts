/** Values of the chart workload-monitoring. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { image, networkPolicy, placement, resources } from '../render/fragments.ts';
import { duration, prometheusValues } from '../monitoring/prometheus-values.ts';

const scrape = (what: string, keep: string) =>
  z
    .object({
      enabled: z.boolean().default(true).describe(`Scrape ${what}.`),
      interval: duration.default('60s').describe('How often.'),
      keep: z.string().default(keep).describe('Names of the series that are kept, as a regular expression; the others are dropped before they are stored.'),
    })
    .prefault({})
    .describe(`Metrics of ${what}.`);

export const values = z.object({
  prometheus: prometheusValues({ retention: '6h', requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } }),
  scrape: z
    .object({
      apiserver: scrape('the API server', 'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)|kubernetes_build_info|apiserver_current_inflight_requests|apiserver_storage_objects'),
      kubelet: scrape('the kubelets', 'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)|kubernetes_build_info|kubelet_running_(pods|containers)|kubelet_node_name'),
    })
    .prefault({})
    .describe('What is scraped beside the ServiceMonitors and PodMonitors of all namespaces.'),
  federation: z
    .object({
      enabled: z.boolean().default(true).describe('Let the management cluster read the recorded family keelson:*, and nothing else.'),
      image: image('ghcr.io', 'keelson/keelson', packageJson.version),
      resources: resources({ cpu: '10m', memory: '48Mi' }, { memory: '128Mi' }),
    })
    .prefault({})
    .describe('The federation proxy.'),
  serviceMonitor: z.object({ interval: duration.default('60s').describe('How often Prometheus and the federation proxy are read.') }).prefault({}).describe('Metrics of this chart itself.'),
  networkPolicy: networkPolicy({ scraped: false }),
  ...placement([]),
});
