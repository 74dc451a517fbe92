/**
 * Does every cluster report? Three things can be broken, and each has a page of its own: the cluster's API, the way from
 * here to its Prometheus, and that Prometheus. What should report is what the operator knows (`keelson_cluster_info`).
 */
import { federationJob, federationLimits } from '../../federation.ts';
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { missing } from '../parts.ts';

const alert = alertsIn('federation', { hiddenBy: ['cloud', 'lifecycle'] });
const heartbeat = 'keelson:heartbeat_timestamp:max';
/** Two intervals of federation and one of evaluation, and clocks that differ as much as TLS bears. */
const silentSeconds = 300;

const apiDown = 'probe_success{job="keelson-readyz"} == 0';
const noScrape = `up{job="${federationJob}"} == 0`;

export const federationRecords: readonly Rule[] = [
  record({ record: heartbeat, labels: [], maxSeries: 1, expr: 'vector(time())', help: "When the cluster's Prometheus last evaluated its rules, in unix seconds: it beats, or it is frozen." }),
];

export const federationAlerts: readonly Rule[] = [
  alert({
    // What was not seen meanwhile arrives within three minutes.
    alert: 'ClusterApiDown', for: '3m', keepFiringFor: '3m', severity: 'page', expr: `max by (cluster_id, organization, region) (${apiDown})`,
    summary: `${cluster}: the API server does not answer`,
    description: `The API server of cluster ${cluster} has not answered /readyz for three minutes, asked from the management cluster. What runs in the cluster goes on; nothing there can be changed, seen or repaired.`,
    impact: 'everybody who uses the API of the cluster: its people, and its controllers',
  }),
  alert({
    alert: 'FederationPathDown', for: '10m', severity: 'page', hiddenBy: ['cloud', 'lifecycle', 'controlPlane'],
    expr: `max by (cluster_id, organization, region) (${noScrape} unless on (cluster_id) ${apiDown})`,
    summary: `${cluster}: its API answers, its metrics do not arrive`,
    description: `The API server of cluster ${cluster} answers, but what its Prometheus recorded does not come through it: the proxy there, the token or the rights. Until this is mended none of the cluster's alerts can fire.`,
    impact: 'nobody yet; the cluster is not watched',
  }),
  alert({
    alert: 'ClusterPrometheusDown', for: '10m', severity: 'page', hiddenBy: ['cloud', 'lifecycle', 'controlPlane'],
    expr: 'max by (cluster_id, organization, region) (keelson:prometheus_up:bool) == 0',
    summary: `${cluster}: its Prometheus does not answer`,
    description: `The federation proxy of cluster ${cluster} answers, and the Prometheus behind it does not. Until this is mended none of the cluster's alerts can fire.`,
    impact: 'nobody yet; the cluster is not watched',
  }),
  alert({
    alert: 'ClusterHeartbeatMissing', for: '5m', severity: 'page', hiddenBy: ['cloud', 'lifecycle', 'controlPlane', 'blindness'],
    expr: `time() - max by (cluster_id, organization, region) (${heartbeat}) > ${silentSeconds}`,
    summary: `${cluster}: what it reports is {{ humanizeDuration $value }} old`,
    description: `The Prometheus of cluster ${cluster} answers with what it recorded {{ humanizeDuration $value }} ago: it evaluates nothing, or its clock is wrong. None of the cluster's alerts can be trusted.`,
    impact: 'nobody yet; the cluster is not watched',
  }),
  alert({
    alert: 'ClusterNotFederated', for: '15m', severity: 'page', hiddenBy: ['cloud', 'lifecycle', 'controlPlane'], expr: missing(`up{job="${federationJob}"}`),
    summary: `${cluster} runs, and nobody asks it for its metrics`,
    description: `Cluster ${cluster} of {{ $labels.organization }} runs, and the management Prometheus has no scrape for it: its monitoring was never Ready, or what should write its ScrapeConfig does not.`,
    impact: 'nobody yet; the cluster is not watched',
  }),
  alert({
    alert: 'ClusterRecordsMissing', for: '20m', severity: 'notify', hiddenBy: ['cloud', 'lifecycle', 'controlPlane', 'blindness'], expr: missing('keelson:nodes:count'),
    summary: `${cluster}: nothing reports on its nodes and pods`,
    description: `Cluster ${cluster} of {{ $labels.organization }} reports, and nothing on its nodes: kube-state-metrics there is not scraped. Alerts on nodes, components and volumes cannot fire.`,
  }),
  alert({
    alert: 'FederationNearLimit', for: '30m', severity: 'ticket', expr: `max by (cluster_id, organization, region) (scrape_samples_post_metric_relabeling{job="${federationJob}"}) > ${0.8 * federationLimits.samples}`,
    summary: `${cluster} reports {{ $value }} series of the ${federationLimits.samples} it may`,
    description: `Cluster ${cluster} sends {{ $value }} series. Beyond ${federationLimits.samples} the scrape as a whole is refused, and the cluster is not watched at all.`,
  }),
];
