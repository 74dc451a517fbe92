/**
 * The API server as its users feel it. The budget is what the kubernetes-mixin takes: 99 % of requests succeed; a page comes
 * when two windows, a long and a short one, burn it so fast that it will not last (https://sre.google/workbook/alerting-on-slos/).
 */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { named, relabel, worst } from '../parts.ts';

const alert = alertsIn('apiserver', { hiddenBy: ['controlPlane', 'zone', 'cloud', 'blindness', 'lifecycle'] });
const windows = ['5m', '30m', '1h', '6h'] as const;
type Window = (typeof windows)[number];
/** Part of the requests that may fail. */
const budget = 0.01;

const errors = (window: Window): string =>
  `(sum(rate(apiserver_request_total{code=~"5.."}[${window}])) or 0 * sum(rate(apiserver_request_total[${window}]))) / sum(rate(apiserver_request_total[${window}]))`;
/** The webhook's name is in a label of its own: `name` says too little on a page. */
const failed = (family: string, effect: string): string => `label_replace(sum by (name) (rate(${family}[10m])) > 0, "effect", "${effect}", "", "")`;
const notStreams = 'verb!~"WATCH|CONNECT|WATCHLIST"';

export const apiserverRecords: readonly Rule[] = [
  ...windows.map((window) => record({ record: 'keelson:apiserver_errors:ratio', set: { window }, labels: ['window'], maxSeries: 1, expr: errors(window), help: `Part of the requests to the API server that it failed, over ${window}.` })),
  record({
    record: 'keelson:apiserver_latency_seconds:p99', labels: ['kind'], maxSeries: 2,
    expr: `histogram_quantile(0.99, sum by (le, kind) (label_replace(label_replace(rate(apiserver_request_sli_duration_seconds_bucket{${notStreams}}[5m]), "kind", "write", "verb", ".*"), "kind", "read", "verb", "GET|LIST")))`,
    help: 'How long the API server takes to answer without webhooks and priorities, 99th percentile, for reads and writes.',
  }),
  record({ record: 'keelson:apiserver_rejected:rate', labels: ['priority_level'], maxSeries: named, expr: worst('sum by (priority_level) (rate(apiserver_flowcontrol_rejected_requests_total[5m])) > 0'), help: `Requests per second that the API server turned away because of their priority; the ${named} most.` }),
  record({
    record: 'keelson:apiserver_webhook_failures:rate', labels: ['webhook', 'effect'], maxSeries: named,
    expr: worst(`max by (webhook, effect) (${relabel(`${failed('apiserver_admission_webhook_rejection_count{error_type!="no_error"}', 'refused')} or ${failed('apiserver_admission_webhook_fail_open_count', 'let through')}`, 'webhook', 'name')})`),
    help: `Requests per second that met an admission webhook which did not answer, and what became of them; the ${named} most.`,
  }),
  record({
    record: 'keelson:apiserver_webhook_seconds:p99', labels: ['webhook'], maxSeries: named,
    expr: worst(`max by (webhook) (${relabel('histogram_quantile(0.99, sum by (name, le) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket[10m])))', 'webhook', 'name')}) > 0.5`),
    help: `How long admission webhooks take, 99th percentile, from half a second on; the ${named} slowest.`,
  }),
  record({ record: 'keelson:aggregated_api_down:info', labels: ['name'], maxSeries: named, expr: worst('max by (name) (aggregator_unavailable_apiservice) == 1'), help: `1 for each aggregated API that does not answer; at most ${named}.` }),
  record({ record: 'keelson:apiserver_audit_errors:increase', labels: [], maxSeries: 1, expr: 'sum(increase(apiserver_audit_error_total[15m]))', help: 'Audit events that the API server could not write, in a quarter of an hour.' }),
  record({ record: 'keelson:apiserver_objects:max', labels: ['resource'], maxSeries: 5, expr: worst('max by (resource) (apiserver_storage_objects or apiserver_resource_objects)', 5), help: 'Objects of the five most frequent resources.', forPeople: 'what fills etcd, for the runbook of EtcdDatabaseNearQuota' }),
];

/** @param factor how many times faster than what lasts 30 days */
const burns = (severity: 'page' | 'ticket', holds: string, [long, short, factor]: [Window, Window, number]) => alert({
  alert: 'ApiServerErrorsBurnBudget', for: holds, severity,
  expr: `keelson:apiserver_errors:ratio{window="${long}"} > ${factor} * ${budget} and ignoring (window) keelson:apiserver_errors:ratio{window="${short}"} > ${factor} * ${budget}`,
  summary: `${cluster}: the API server fails {{ humanizePercentage $value }} of its requests`,
  description: `Over {{ $labels.window }} the API server of cluster ${cluster} has failed {{ humanizePercentage $value }} of its requests, and it goes on. At this rate the errors of a month are used up in ${severity === 'page' ? 'two days' : 'five days'}.`,
  impact: 'everybody who uses the API of the cluster, its controllers first',
});

export const apiserverAlerts: readonly Rule[] = [
  burns('page', '2m', ['1h', '5m', 14.4]), burns('ticket', '15m', ['6h', '30m', 6]),
  alert({
    alert: 'ApiServerSlow', for: '15m', severity: 'notify', expr: 'keelson:apiserver_latency_seconds:p99 > 1',
    summary: `${cluster}: the API server takes {{ humanizeDuration $value }} for a {{ $labels.kind }}`,
    description: `One in a hundred {{ $labels.kind }}s of the API of cluster ${cluster} takes {{ humanizeDuration $value }}, webhooks apart. Controllers fall behind, and kubectl feels it.`,
  }),
  alert({
    alert: 'ApiServerRejectsRequests', for: '10m', severity: 'notify', expr: 'keelson:apiserver_rejected:rate > 0.5',
    summary: `${cluster}: the API server turns away {{ humanize $value }} requests a second of {{ $labels.priority_level }}`,
    description: `The API server of cluster ${cluster} answers {{ humanize $value }} requests a second of priority level {{ $labels.priority_level }} with 429: somebody asks for more than its share, or the server is too small.`,
  }),
  alert({
    alert: 'WebhookFails', for: '5m', severity: 'page', expr: 'keelson:apiserver_webhook_failures:rate{effect="refused"} > 0.02',
    summary: `${cluster}: webhook {{ $labels.webhook }} does not answer, and requests are refused for it`,
    description: `The admission webhook {{ $labels.webhook }} of cluster ${cluster} does not answer, and its failurePolicy is Fail: {{ humanize $value }} requests a second are refused, pods that should be replaced among them.`,
    impact: 'whoever creates or changes what the webhook judges',
  }),
  alert({
    alert: 'WebhookBypassed', for: '15m', severity: 'notify', expr: 'keelson:apiserver_webhook_failures:rate{effect="let through"} > 0.02',
    summary: `${cluster}: webhook {{ $labels.webhook }} does not answer, and requests pass without it`,
    description: `The admission webhook {{ $labels.webhook }} of cluster ${cluster} does not answer, and its failurePolicy is Ignore: {{ humanize $value }} requests a second are let through that nobody judged.`,
  }),
  alert({
    alert: 'WebhookSlow', for: '15m', severity: 'notify', expr: 'keelson:apiserver_webhook_seconds:p99 > 5',
    summary: `${cluster}: webhook {{ $labels.webhook }} takes {{ humanizeDuration $value }}`,
    description: `One in a hundred requests waits {{ humanizeDuration $value }} for the admission webhook {{ $labels.webhook }} of cluster ${cluster}. At its timeout, ten seconds by default, it fails.`,
  }),
  alert({
    alert: 'AggregatedApiDown', for: '10m', severity: 'notify', expr: 'keelson:aggregated_api_down:info == 1',
    summary: `${cluster}: the aggregated API {{ $labels.name }} does not answer`,
    description: `The API server of cluster ${cluster} cannot reach what serves {{ $labels.name }}. kubectl is slow for everybody, namespaces cannot be deleted, and what needs this API (autoscalers need metrics.k8s.io) stands still.`,
  }),
  alert({
    alert: 'AuditLogFails', for: '5m', severity: 'notify', expr: 'keelson:apiserver_audit_errors:increase > 1',
    summary: `${cluster}: the API server could not write {{ humanize $value }} audit events`,
    description: `The API server of cluster ${cluster} could not write {{ humanize $value }} audit events in a quarter of an hour: who did what cannot be told for that time.`,
  }),
];
