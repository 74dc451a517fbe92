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

/** One component: whether, how often, what is kept. @param off why it is not scraped unless somebody says so */
export const scrape = (what: string, keep: string, off?: string) =>
  z
    .object({
      enabled: z.boolean().default(off === undefined).describe(off === undefined ? `Scrape ${what}.` : `Scrape ${what}; ${off}.`),
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
    prometheusOperator: scrape('prometheus-operator', `${always}|${readOf('prometheus_operator_')}`),
    cinderCsi: scrape('the controller of Cinder CSI and its sidecars', `${always}|${readOf('csi_', 'openstack_')}`),
    kyverno: scrape('the controllers of Kyverno', `${always}|${readOf('kyverno_')}`),
    cilium: scrape('the agents of Cilium', `${always}|${readOf('cilium_')}`, 'needs port 9962/TCP from node to node, which the security groups of class openstack-v1 do not open'),
  })
  .prefault({})
  .describe('What is scraped beside the ServiceMonitors and PodMonitors of all namespaces.');
