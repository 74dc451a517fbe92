/**
 * What a Prometheus of ours scrapes beside the ServiceMonitors and PodMonitors of a cluster: what has none of its own. Both
 * charts have it, so that the management cluster is watched as every other.
 */
import { z } from 'zod';
import { readingOf } from '../../monitoring/promql.ts';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { duration } from './prometheus-values.ts';

const read = new Set(groupsFor('workload').flatMap(({ rules }) => rules.flatMap(({ expr }) => readingOf(expr).selectors.flatMap(({ metric }) => metric ?? []))));

/** The series that the rules read and that begin so, as one regular expression: what a scrape keeps is what is read. */
const readOf = (...prefixes: readonly string[]): string => [...read].filter((name) => prefixes.some((prefix) => name.startsWith(prefix))).sort().join('|');

/** Of every program: what it costs, and since when it runs. */
export const always = 'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)';

/** One component: whether, how often, what is kept. */
export const scrape = (what: string, keep: string) =>
  z
    .object({
      enabled: z.boolean().default(true).describe(`Scrape ${what}.`),
      interval: duration.default('60s').describe('How often.'),
      keep: z.string().default(keep).describe('Names of the series that are kept, as a regular expression; the others are dropped before they are stored. The default is what the rules read.'),
    })
    .prefault({})
    .describe(`Metrics of ${what}.`);

export const scrapeValues = z
  .object({
    apiserver: scrape('the API server', `${always}|${readOf('apiserver_', 'aggregator_', 'etcd_request', 'kubernetes_build_info', 'rest_client_')}`),
    kubelet: scrape('the kubelets', `${always}|kubernetes_build_info|kubelet_running_containers|kubelet_node_name|${readOf('kubelet_', 'rest_client_')}`),
    coredns: scrape('CoreDNS', `${always}|${readOf('coredns_')}`),
  })
  .prefault({})
  .describe('What is scraped beside the ServiceMonitors and PodMonitors of all namespaces.');
