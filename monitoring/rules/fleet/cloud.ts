/** The clouds under the clusters: what hits many clusters at once has one page, and theirs are hidden behind it. */
import { alertsIn, type Rule } from '../model.ts';

const alert = alertsIn('cloud', { isFleetWide: true, hiddenBy: [], board: 'keelson-fleet' });
/** Fewer clusters with the same trouble are a coincidence. */
const many = 3;
/**
 * What the cloud took away comes back one by one, seen minutes apart: until then the cause goes on hiding it, or its end would
 * be a page for every cluster.
 */
const comesBackWithin = '10m';
const region = '{{ or $labels.region "the cloud" }}';

/** Part of each quota that is used; those of no limit are not there. */
const by = 'organization, project, region, service, resource';
export const quotaUsed = `max by (${by}) (keelson_openstack_quota_used) / (max by (${by}) (keelson_openstack_quota_limit) > 0)`;
const ofWhat = '{{ $labels.resource }} ({{ $labels.service }})';
const project = 'project {{ $labels.project }} of organization {{ $labels.organization }}{{ with $labels.region }} in {{ . }}{{ end }}';

export const cloudAlerts: readonly Rule[] = [
  alert({
    alert: 'CloudZoneDown', for: '1m', detectWithin: '4m', keepFiringFor: comesBackWithin, severity: 'page',
    expr: `count by (region, zone) (keelson:net_zone_blame:ratio > 0.9) >= ${many}`,
    summary: `${region}: {{ $value }} clusters have lost zone {{ $labels.zone }}`,
    description: `In {{ $value }} clusters of ${region} no node of zone {{ $labels.zone }} is reached: the zone is gone, not the clusters. Their own pages about it are hidden.`,
    impact: 'all clusters of the region: a third of their nodes, and one member of each control plane',
  }),
  alert({
    // Before ClusterApiDown of those whose probes failed one scrape earlier.
    alert: 'CloudDown', for: '1m', keepFiringFor: comesBackWithin, severity: 'page',
    expr: `count by (region) (max by (region, cluster_id) (probe_success{job="keelson-readyz"} == bool 0) == 1) >= ${many} and count by (region) (max by (region, cluster_id) (probe_success{job="keelson-readyz"} == bool 0) == 1) / count by (region) (count by (region, cluster_id) (probe_success{job="keelson-readyz"})) > 0.5`,
    summary: `${region}: the API servers of {{ $value }} clusters do not answer`,
    description: `More than half of the clusters of ${region}, {{ $value }} of them, do not answer at their API: the cloud, its network or the way to it is at fault, not the clusters. Their own pages are hidden.`,
    impact: 'everybody who uses a cluster of the region',
  }),
  alert({
    alert: 'CloudApiErrors', for: '10m', severity: 'notify',
    expr: 'sum by (job) (rate(capo_openstack_api_request_errors_total[10m])) / sum by (job) (rate(capo_openstack_api_requests_total[10m])) > 0.2',
    summary: '{{ humanizePercentage $value }} of the calls of {{ $labels.job }} to OpenStack fail',
    description: '{{ humanizePercentage $value }} of what {{ $labels.job }} asks of OpenStack fails: servers, networks and load balancers of clusters are neither made nor repaired.',
  }),
  alert({
    alert: 'CloudQuotaNearEnd', for: '30m', severity: 'ticket', board: 'keelson-lifecycle', expr: `${quotaUsed} > 0.8`,
    summary: `{{ humanizePercentage $value }} of the quota of ${ofWhat} is used: {{ $labels.organization }}`,
    description: `{{ humanizePercentage $value }} of the quota of ${ofWhat} of ${project} is used. What is asked for beyond it is refused: clusters do not grow, and no new one fits.`,
  }),
  alert({
    alert: 'CloudQuotaNearEnd', for: '10m', severity: 'notify', board: 'keelson-lifecycle', expr: `${quotaUsed} > 0.95`,
    summary: `{{ humanizePercentage $value }} of the quota of ${ofWhat} is used: {{ $labels.organization }}`,
    description: `{{ humanizePercentage $value }} of the quota of ${ofWhat} of ${project} is used: there may be no room for the one machine more that every upgrade and repair needs.`,
  }),
  alert({
    alert: 'CloudQuotaNotRead', for: '15m', severity: 'ticket', board: 'keelson-lifecycle',
    expr: 'time() - max by (organization, project, region, service) (keelson_openstack_quota_read_timestamp_seconds) > 1800 or sum by (organization, service, code) (increase(keelson_openstack_quota_errors_total{service="identity"}[30m])) > 2',
    summary: 'quotas of {{ $labels.service }} of organization {{ $labels.organization }} are not known',
    description: 'For half an hour nobody has answered what the project of organization {{ $labels.organization }} may have of {{ $labels.service }}{{ with $labels.code }} ({{ . }}){{ end }}: that a quota ends would not be seen.',
  }),
];
