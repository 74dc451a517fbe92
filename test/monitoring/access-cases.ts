import { accessAlerts } from '../../monitoring/rules/access.ts';
import { type AlertCase, series } from './rule-cases.ts';

type Labels = Readonly<Record<string, string>>;

/** What the alert says, with its labels filled in. */
function fired(alert: string, labels: Labels): AlertCase['alert_rule_test'][number]['exp_alerts'] {
  const found = accessAlerts.rules.find((rule) => rule.kind === 'alert' && rule.alert === alert);
  if (found?.kind !== 'alert') throw new Error(`no alert ${alert}`);
  const filled = (text: string): string => text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '');
  return [{ exp_labels: { ...labels, severity: 'notify', team: 'platform' }, exp_annotations: { summary: filled(found.summary), description: filled(found.description), runbook_url: `https://runbooks/${alert}.md` } }];
}

const at = (alertname: string, eval_time: string, labels?: Labels): AlertCase['alert_rule_test'][number] => ({ eval_time, alertname, exp_alerts: labels ? fired(alertname, labels) : [] });
/** So many in each minute, from the sixteenth on. */
const refused = (of: string, perMinute: number): { series: string; values: string } => series(`keelson_cluster_access_refused_total{cluster_namespace="${of}",reason="TooManyOpen",pod="p"}`, `0x15 0+${perMinute}x30`);
const demo = { cluster_namespace: 'org-a', cluster: 'demo' };

export const accessAlertTests: readonly AlertCase[] = [
  {
    name: 'a login as cluster-admin, and one as reader beside it',
    interval: '1m',
    input_series: [series('keelson_cluster_access_open{cluster_namespace="org-a",cluster="demo",role="cluster-admin",pod="p"}', '_x4 1x20 stale'), series('keelson_cluster_access_open{cluster_namespace="org-a",cluster="other",role="reader",pod="p"}', 3)],
    alert_rule_test: [at('ClusterAdminAccess', '3m'), at('ClusterAdminAccess', '6m', demo), at('ClusterAdminAccess', '28m', demo), at('ClusterAdminAccess', '45m')],
  },
  {
    name: 'a login that waits for a while, and one that waits too long',
    interval: '1m',
    input_series: [series('keelson_cluster_access_waiting{cluster_namespace="org-a",cluster="demo",pod="p"}', 1)],
    alert_rule_test: [at('ClusterAccessNotIssued', '10m'), at('ClusterAccessNotIssued', '16m', demo)],
  },
  {
    name: 'a refusal now and then, and a script that does not give up',
    interval: '1m',
    input_series: [series('keelson_cluster_access_refused_total{cluster_namespace="org-a",reason="TooManyOpen",pod="p"}', '0+1x20 20+10x20'), refused('org-more', 2.4), refused('org-less', 1.85)],
    alert_rule_test: [at('ClusterAccessRefusedOften', '15m'), { eval_time: '30m', alertname: 'ClusterAccessRefusedOften', exp_alerts: ['org-a', 'org-more'].flatMap((of) => fired('ClusterAccessRefusedOften', { cluster_namespace: of })) }],
  },
  {
    name: 'rights that cannot be written',
    interval: '1m',
    input_series: [series('keelson_access_rights_applied{cluster_namespace="org-a",cluster="demo",pod="p"}', '1x5 0x20'), series('keelson_access_rights_applied{cluster_namespace="org-a",cluster="other",pod="p"}', 1)],
    alert_rule_test: [at('AccessRightsNotApplied', '10m'), at('AccessRightsNotApplied', '17m', demo)],
  },
];
