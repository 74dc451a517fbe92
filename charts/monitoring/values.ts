/** Values of the chart monitoring. */
import { z } from 'zod';
import { keepOf } from '../../monitoring/catalogue/index.ts';
import { defaultRouting } from '../../monitoring/routes/config.ts';
import { boards, image, networkPolicy, placement, resources } from '../render/fragments.ts';
import { duration, fleetPrometheusValues } from './prometheus-values.ts';
import { always, scrape, scrapeValues } from './scrapes.ts';

const webhook = z.string().regex(/^(https?:\/\/.+)?$/);

export const values = z.object({
  prometheus: fleetPrometheusValues({ retention: '15d', requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '4Gi' } }),
  scrape: scrapeValues,
  clusterApi: scrape('the managers of Cluster API', `${always}|${keepOf('cluster-api', 'cluster-api-provider-openstack')}`),
  alertmanager: z
    .object({
      image: image('quay.io', 'prometheus/alertmanager', 'v0.31.1'),
      replicas: z.int().min(1).max(5).default(2).describe('Pods; more than one share silences and what was sent.'),
      retention: duration.default('120h').describe('How long resolved alerts and silences are kept.'),
      config: z.record(z.string(), z.unknown()).default({}).describe('Its whole configuration, as `keelson alerts render` writes it from teams, receivers and hours; empty: pager, notices and heartbeat below.'),
      logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
      resources: resources({ cpu: '10m', memory: '48Mi' }, { memory: '256Mi' }),
    })
    .prefault({})
    .describe('The Alertmanager.'),
  pager: z
    .object({ url: webhook.default('').describe('Webhook of the on-call tool, in Alertmanager\'s format; empty: pages stay in Alertmanager.') })
    .prefault({})
    .describe('Where alerts of severity page go.'),
  notices: z
    .object({ url: webhook.default('').describe('Webhook, in Alertmanager\'s format; empty: notices stay in Alertmanager.') })
    .prefault({})
    .describe('Where alerts of severity notify and ticket go.'),
  heartbeat: z
    .object({ url: webhook.default('').describe('Called every minute; a service outside raises the alarm when that ends. Empty: nobody notices when all of this is gone.') })
    .prefault({})
    .describe("Dead man's switch of the whole chain."),
  routing: z
    .object({
      groupWait: duration.default(defaultRouting.groupWait).describe('How long alerts that belong together are collected before the first message.'),
      groupInterval: duration.default(defaultRouting.groupInterval).describe('How long until a change of a group is sent.'),
      repeatInterval: duration.default(defaultRouting.repeatInterval).describe('How long until an unchanged page is repeated.'),
    })
    .prefault({})
    .describe('Timing of messages.'),
  rules: z
    .object({
      for: z.record(z.string(), z.string().regex(/^(0|([0-9]+(ms|s|m|h|d))+)$/)).default({}).describe('How long an alert\'s condition must hold, by name of the alert, instead of what the rule says: {CertificateExpiresSoon: 10s}.'),
      boardBaseUrl: z.string().default('').describe('Address of Grafana, without the last slash, for links to boards.'),
      runbookBaseUrl: z.string().default('https://github.com/keelson/keelson/blob/main/docs/runbooks').describe('Where runbooks are read, without the last slash.'),
    })
    .prefault({})
    .describe('Rules.'),
  identity: z
    .record(z.string().regex(/^[a-z_]+$/), z.string())
    .default({ cluster_id: 'management', cluster_type: 'management_cluster' })
    .describe('Labels of what this Prometheus records about its own cluster: cluster_id, cluster_type, installation, provider, region, customer, organization, pipeline, service_priority.'),
  serviceMonitor: z.object({ interval: duration.default('60s').describe('How often Prometheus and Alertmanager are read.') }).prefault({}).describe('Metrics of this chart itself.'),
  dashboard: boards('Boards for Grafana.', 'Create a ConfigMap with the boards of the fleet.'),
  networkPolicy: networkPolicy({ scraped: false }),
  ...placement([]),
});
