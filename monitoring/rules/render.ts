/** Rules as Prometheus reads them, and as PrometheusRule objects (monitoring.coreos.com/v1). */
import { boardOf, runbookOf, type Alert, type Board, type Rule, type RuleGroup } from './model.ts';

/** https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export interface RenderedRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<{ [label: string]: string }>;
  readonly annotations?: Readonly<{ [annotation: string]: string }>;
}

export interface RenderedGroups {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly RenderedRule[] }[];
}

export interface RenderOptions {
  /** Where runbooks are read, without the last slash; empty leaves the bare file name. */
  readonly runbookBase: string;
  /** Where boards are: the address of Grafana; empty leaves the path. */
  readonly boardBase?: string;
  /** Under which uid a chart brings a board of its own, where that is another one. */
  readonly boards?: Readonly<{ [board in Board]?: string }>;
  /** Labels that every recorded series gets: the identity of the cluster whose Prometheus evaluates the rule. */
  readonly identity?: Readonly<{ [label: string]: string }>;
}

/** A rule file. */
export function renderGroups(groups: readonly RuleGroup[], options: RenderOptions): RenderedGroups {
  return {
    groups: groups.map(({ name, intervalSeconds, rules }) => ({
      name,
      ...(intervalSeconds === undefined ? {} : { interval: `${intervalSeconds}s` }),
      rules: rules.map((rule) => renderRule(rule, options)),
    })),
  };
}

export interface PrometheusRule {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'PrometheusRule';
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Readonly<{ [label: string]: string }> };
  readonly spec: RenderedGroups;
}

export function prometheusRule(metadata: PrometheusRule['metadata'], groups: readonly RuleGroup[], options: RenderOptions): PrometheusRule {
  return { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata, spec: renderGroups(groups, options) };
}

function renderRule(rule: Rule, { runbookBase, boardBase = '', boards = {}, identity }: RenderOptions): RenderedRule {
  if (rule.kind === 'record') {
    const labels = { ...rule.set, ...identity };
    return { record: rule.record, expr: rule.expr, ...(Object.keys(labels).length ? { labels } : {}) };
  }
  return {
    alert: rule.alert,
    expr: rule.expr,
    for: rule.for,
    ...(rule.keepFiringFor ? { keep_firing_for: rule.keepFiringFor } : {}),
    labels: { severity: rule.severity, team: rule.team, area: rule.area, ...(rule.team === 'tenant' ? { contact: contactOfOrganization } : {}) },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      ...(rule.impact === undefined ? {} : { impact: rule.impact }),
      ...(rule.severity === 'none' || rule.isFleetWide ? {} : { changes: changesOfCluster }),
      ...(rule.severity === 'none' ? {} : { silence: silenceCommand(rule), runbook_url: runbookBase ? `${runbookBase}/${runbookOf(rule)}` : runbookOf(rule), board_url: boardBase + boardPath(rule, boards) }),
    },
  };
}

/** Address of the organization whose cluster it is, asked for when the alert fires; without one there is no such label. */
const contactOfOrganization = '{{ with $labels.organization }}{{ with query (printf "max by (email) (keelson_organization_contact_info{organization=%q})" .) }}{{ . | first | label "email" }}{{ end }}{{ end }}';

/** The last five changes of the cluster within two hours, asked for when the alert fires. */
const changesOfCluster = '{{ with $labels.cluster_id }}{{ range $i, $c := query (printf "sort_desc(topk(5, max by (change) (max_over_time(keelson_cluster_change_timestamp_seconds{cluster_id=%q}[2h])) > time() - 7200))" .) }}{{ if $i }}; {{ end }}{{ $c.Labels.change }} at {{ ($c.Value | toTime).UTC.Format "15:04 UTC" }}{{ end }}{{ end }}';

/** What a person types to silence this alert where it fired; Alertmanager's own labels are not there yet. */
function silenceCommand({ alert }: Alert): string {
  const filled = ['cluster_id', 'node'].map((label) => `{{ with $labels.${label} }} ${label}={{ . }}{{ end }}`).join('');
  return `keelson alerts silence alertname=${alert}${filled}{{ with $labels.organization }} -n org-{{ . }}{{ end }} --for 24h --reason '…'`;
}

/** Of Grafana, with the cluster filled in; `orgId` is left to Grafana. */
function boardPath(alert: Alert, boards: NonNullable<RenderOptions['boards']>): string {
  const board = boardOf(alert);
  return `/d/${boards[board] ?? board}?var-cluster={{ $labels.cluster_id | urlquery }}`;
}
