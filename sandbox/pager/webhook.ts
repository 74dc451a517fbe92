/**
 * Alertmanager's webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config): its schema,
 * and what a notification makes of the pages that are known.
 */
import { maxEpisodes, type Episode, type Page } from './page.ts';

export interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** The year 1 while it fires. */
  readonly endsAt?: string;
  readonly fingerprint: string;
}

export interface Webhook {
  readonly version: '4';
  readonly alerts: readonly WebhookAlert[];
  /** Alerts that `max_alerts` of the receiver cut off. */
  readonly truncatedAlerts?: number;
}

const words = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** What must be there; fields that Alertmanager adds later are let through. */
export const webhookSchema = {
  type: 'object',
  required: ['version', 'alerts'],
  properties: {
    version: { const: '4' },
    truncatedAlerts: { type: 'integer', minimum: 0 },
    alerts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['status', 'labels', 'annotations', 'startsAt', 'fingerprint'],
        properties: {
          status: { enum: ['firing', 'resolved'] },
          labels: words,
          annotations: words,
          startsAt: { type: 'string', format: 'date-time' },
          endsAt: { type: 'string', format: 'date-time' },
          fingerprint: { type: 'string', minLength: 1, maxLength: 64 },
        },
      },
    },
  },
} as const;

/** The pages that a notification changes, as they are after it. @param known looks a page up by fingerprint */
export function pagesAfter(webhook: Webhook, known: (fingerprint: string) => Page | undefined, now: Date): Page[] {
  const changed = new Map<string, Page>();
  for (const alert of webhook.alerts) {
    changed.set(alert.fingerprint, pageAfter(alert, changed.get(alert.fingerprint) ?? known(alert.fingerprint), now));
  }
  return [...changed.values()];
}

function pageAfter(alert: WebhookAlert, known: Page | undefined, now: Date): Page {
  const { labels, annotations, fingerprint, status } = alert;
  const name = labels['alertname'] ?? 'alert without a name';
  const runbook = annotations['runbook_url'];
  return {
    fingerprint, labels, annotations,
    alert: name,
    cluster: labels['cluster_id'] ?? labels['cluster'] ?? '',
    severity: labels['severity'] ?? 'none',
    state: status,
    summary: annotations['summary'] ?? annotations['description'] ?? name,
    ...(runbook !== undefined && { runbook }),
    episodes: episodesAfter(alert, known?.episodes ?? [], now),
    notifications: (known?.notifications ?? 0) + 1,
    notifiedAt: now.toISOString(),
  };
}

/**
 * Repeated notifications carry the same start. An alert that was resolved and fires again with its old start (Prometheus restores
 * it after a restart) goes on with its episode; one with a new start begins another.
 */
function episodesAfter(alert: WebhookAlert, known: readonly Episode[], now: Date): Episode[] {
  const firedAt = new Date(alert.startsAt).toISOString();
  const episode: Episode = alert.status === 'firing' ? { firedAt } : { firedAt, resolvedAt: endOf(alert, now) };
  const [last, ...earlier] = known;
  if (last?.firedAt === firedAt) return [episode, ...earlier];
  // The end of the former episode was never told; it is over when the next one begins.
  const former = last && last.resolvedAt === undefined ? [{ ...last, resolvedAt: firedAt }, ...earlier] : known;
  return [episode, ...former].slice(0, maxEpisodes);
}

function endOf(alert: WebhookAlert, now: Date): string {
  const end = new Date(alert.endsAt ?? 0);
  return end.getTime() > 0 ? end.toISOString() : now.toISOString();
}
