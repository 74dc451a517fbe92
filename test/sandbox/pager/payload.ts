/** A webhook as Alertmanager 0.31 sends it (captured, then shortened), with fields that tests may change. */
import type { WebhookAlert } from '../../../sandbox/pager/webhook.ts';

export const alert: WebhookAlert & { generatorURL: string } = {
  status: 'firing',
  labels: { alertname: 'CertificateExpiresSoon', cluster: 'demo', severity: 'warning', node: 'demo-md-0-abc' },
  annotations: { summary: 'kubelet-client.crt on demo-md-0-abc expires in 23 h', runbook_url: 'https://keelson.dev/runbooks/certificate-expires-soon.md' },
  startsAt: '2026-11-25T10:00:00.123Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus-k8s-0:9090/graph?g0.expr=x',
  fingerprint: 'c3a1f9e0b2d45566',
};

export function webhook(...alerts: unknown[]): Record<string, unknown> {
  return {
    receiver: 'pager', status: 'firing', alerts, version: '4', truncatedAlerts: 0,
    groupLabels: { alertname: 'CertificateExpiresSoon' }, commonLabels: {}, commonAnnotations: {},
    externalURL: 'http://alertmanager:9093', groupKey: '{}:{alertname="CertificateExpiresSoon"}',
  };
}
