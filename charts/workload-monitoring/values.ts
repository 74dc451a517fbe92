/** Values of the chart workload-monitoring. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { keepOf } from '../../monitoring/catalogue/index.ts';
import { image, networkPolicy, placement, resources } from '../render/fragments.ts';
import { duration, prometheusValues } from '../monitoring/prometheus-values.ts';
import { always, scrapeValues } from '../monitoring/scrapes.ts';

const keep = (names: string) => z.string().default(names).describe('A regular expression.');

export const values = z.object({
  prometheus: prometheusValues({ retention: '6h', requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } }),
  scrape: scrapeValues,
  controlPlaneMetrics: z
    .object({
      enabled: z.boolean().default(true).describe('Run the relay on control plane nodes and scrape through it.'),
      port: z.int().min(1024).max(65535).default(10270).describe('Port on control plane nodes; the security groups of class openstack-v1 let nodes in on 10270.'),
      interval: duration.default('60s').describe('How often.'),
      cloudController: z.boolean().default(true).describe("Whether OpenStack's cloud controller manager runs there; what never answers would be told as down."),
      keep: z
        .object({
          etcd: keep(`${always}|etcd_server_is_leader|${keepOf('etcd')}`),
          scheduler: keep(`${always}|kubernetes_build_info|rest_client_requests_total|scheduler_schedule_attempts_total|${keepOf('kube-scheduler')}`),
          cloudController: keep(`${always}|${keepOf('openstack-cloud-controller-manager')}`),
          controllerManager: keep(`${always}|kubernetes_build_info|node_collector_(zone_health|unhealthy_nodes_in_zone)|workqueue_(adds|retries)_total|${keepOf('kube-controller-manager')}`),
        })
        .prefault({})
        .describe('Names of the series that are kept, as regular expressions; the others are dropped before they are stored.'),
      image: image('ghcr.io', 'keelson/keelson', packageJson.version),
      resources: resources({ cpu: '10m', memory: '64Mi' }, { memory: '128Mi' }),
    })
    .prefault({})
    .describe('Metrics of etcd, scheduler, controller manager and the cloud controller manager, which listen on the loopback address of control plane nodes.'),
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
