/**
 * What a person reads, per kind of receiver: what, where, since when, who feels it, links to the runbook and the board, and the
 * command of a silence, filled in. Go templates over Alertmanager's data (https://prometheus.io/docs/alerting/latest/notifications/).
 */
import type { Receiver } from './model.ts';
import type { ReceiverSpec } from './routing.ts';

const title = '[{{ .Status | toUpper }}{{ if gt (len .Alerts.Firing) 1 }}:{{ .Alerts.Firing | len }}{{ end }}] {{ with .CommonAnnotations.summary }}{{ . }}{{ else }}{{ .GroupLabels.alertname }}{{ with .GroupLabels.cluster_id }} in {{ . }}{{ end }}{{ end }}';

const each = '{{ range .Alerts }}{{ .Annotations.description }}\nSince {{ .StartsAt.UTC.Format "2006-01-02 15:04 UTC" }}{{ with .Annotations.impact }}; felt by: {{ . }}{{ end }}\n{{ with .Annotations.changes }}Changes of the last two hours: {{ . }}\n{{ end }}{{ end }}';

const runbook = '{{ .CommonAnnotations.runbook_url }}';
const board = '{{ .CommonAnnotations.board_url }}';
/** The section of the runbook that says how; `sections.ts` has its heading. */
export const silenceLink = `${runbook}#is-it-over-silence-it`;
/** The command that writes a Silence for exactly these alerts; where a message tells of several that differ, the link has to do. */
const silence = `{{ with .CommonAnnotations.silence }}{{ . }}{{ else }}${silenceLink}{{ end }}`;
const text = `${each}Runbook: ${runbook}\nBoard: ${board}\nSilence: ${silence}`;
const isPage = '{{ if eq .CommonLabels.severity "page" }}';

/** One receiver of Alertmanager. A webhook without an address has none: its alerts stay in Alertmanager. */
export function receiverOf(name: string, spec: ReceiverSpec): Receiver {
  switch (spec.kind) {
    case 'webhook': {
      if (spec.urlFile !== undefined) return { name, webhook_configs: [{ url_file: spec.urlFile, send_resolved: true }] };
      return spec.url ? { name, webhook_configs: [{ url: spec.url, send_resolved: true }] } : { name };
    }
    case 'pagerduty':
      return {
        name,
        pagerduty_configs: [{
          send_resolved: true, routing_key_file: spec.routingKeyFile, ...(spec.url ? { url: spec.url } : {}),
          description: title, severity: `${isPage}critical{{ else }}warning{{ end }}`, class: '{{ .CommonLabels.area }}', component: '{{ .CommonLabels.cluster_id }}', group: '{{ .CommonLabels.organization }}',
          details: { text, alertname: '{{ .GroupLabels.alertname }}', cluster: '{{ .CommonLabels.cluster_id }}', firing: '{{ .Alerts.Firing | len }}' },
          links: [{ href: runbook, text: 'Runbook' }, { href: board, text: 'Board' }, { href: silenceLink, text: 'Silence' }],
        }],
      };
    case 'opsgenie':
      return {
        name,
        opsgenie_configs: [{
          send_resolved: true, api_key_file: spec.apiKeyFile, ...(spec.apiUrl ? { api_url: spec.apiUrl } : {}),
          message: title, description: text, priority: `${isPage}P1{{ else }}P3{{ end }}`, source: '{{ .CommonLabels.cluster_id }}', tags: '{{ .CommonLabels.area }},{{ .CommonLabels.severity }}',
          details: { runbook, board, silence },
        }],
      };
    case 'slack':
      return {
        name,
        slack_configs: [{
          send_resolved: true, api_url_file: spec.apiUrlFile, channel: spec.channel, title, title_link: runbook, text: each,
          color: `{{ if eq .Status "resolved" }}good{{ else }}${isPage}danger{{ else }}warning{{ end }}{{ end }}`,
          actions: [{ type: 'button', text: 'Runbook', url: runbook }, { type: 'button', text: 'Board', url: board }, { type: 'button', text: 'Silence', url: silenceLink }],
        }],
      };
    case 'email':
      return {
        name,
        email_configs: [{
          send_resolved: true, to: spec.to, from: spec.from, smarthost: spec.smarthost, require_tls: spec.requireTls,
          ...(spec.username === undefined ? {} : { auth_username: spec.username }), ...(spec.passwordFile === undefined ? {} : { auth_password_file: spec.passwordFile }),
          headers: { Subject: title }, text, html: '',
        }],
      };
  }
}
