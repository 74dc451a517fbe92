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

/** Names of the series that are written to another store, unless it is told otherwise: a regular expression. */
export const remotelyKept = 'keelson:.*|keelson_cluster_.*|up|ALERTS';

/** What only the one that watches the fleet has. */
const fleet = {
  replicas: z.int().min(1).max(2).default(2).describe('Pods that scrape and evaluate the same, so that nothing is missed when one dies; Alertmanager makes one page of what both say.'),
  shards: z.int().min(1).max(64).default(1).describe('Into how many Prometheuses the clusters are divided, by a hash of cluster_id, where one is too small: each with its replicas, its clusters and all rules. Count about 1,000 clusters for one.'),
  containers: z
    .array(z.looseObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).describe('config-reloader or prometheus, or the name of one more. What else a container has is checked by the API server.') }))
    .default([])
    .describe('Merged by name into the containers that prometheus-operator makes, as in the field of that name of its Prometheus.'),
  remoteWrite: z
    .array(z.object({
      url: z.string().regex(/^https?:\/\/.+$/).describe('Where Thanos Receive, Mimir or a Prometheus takes samples.'),
      name: z.string().regex(/^[a-z0-9-]+$/).default('long-term').describe('Name in metrics and logs.'),
      keep: z.string().default(remotelyKept).describe('Names of the series that are sent, as a regular expression.'),
      headers: z.record(z.string(), z.string()).default({}).describe('Headers, such as X-Scope-OrgID.'),
      tokenSecret: z.object({ name: z.string(), key: z.string() }).optional().describe('Secret of this namespace with a bearer token.'),
    }))
    .default([])
    .describe('Sends what is recorded to a store that keeps it for years. Each sample carries prometheus_replica then, by which the store drops the copy of the other replica.'),
};

const fields = ({ retention, requests, limits }: PrometheusDefaults) => ({
  image: image('quay.io', 'prometheus/prometheus', 'v3.16.0'),
  retention: duration.default(retention).describe('How long samples are kept.'),
  scrapeInterval: duration.default('60s').describe('How often targets are scraped that do not say it themselves.'),
  evaluationInterval: duration.default('60s').describe('How often rules are evaluated.'),
  storage: z.string().regex(/^([0-9]+(\.[0-9]+)?(Mi|Gi|Ti))?$/).default('').describe('Size of its volume; empty: the node\'s disk, and what is stored goes with the pod.'),
  storageClassName: z.string().default('').describe('Class of the volume; empty: the default one.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
  resources: resources(requests, limits),
});

export const prometheusValues = (defaults: PrometheusDefaults) => z.object(fields(defaults)).prefault({}).describe('The Prometheus.');

/** Of the one that watches the fleet. */
export const fleetPrometheusValues = (defaults: PrometheusDefaults) => z.object({ ...fields(defaults), ...fleet }).prefault({}).describe('The Prometheus.');
