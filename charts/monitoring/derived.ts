/** The rules of the management side and Alertmanager's routes, as files that the templates fill with values; and the page of all alerts. */
import { stringify } from 'yaml';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import { alertsOf, groupsFor, recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import { runbookOf } from '../../monitoring/rules/model.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

const yaml = (content: unknown): string => stringify(content, { version: '1.1', lineWidth: 0 });

export function derived(): Record<string, string> {
  return {
    'rules/rules.yaml': yaml(renderGroups(groupsFor('management'), { runbookBase: '' })),
    'routes/alertmanager.yaml': yaml(alertmanagerConfig(defaultRouting)),
    'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'management', components: { prometheus: true, alertmanager: true }, labels: 'include "chart.labels" . | fromYaml' }),
  };
}

export function pages(): Record<string, string> {
  const alerts = alertsOf(ruleGroups).map(({ alert, severity, team, for: holds, detectWithin = '', expr }) => `| [${alert}](../runbooks/${runbookOf({ alert })}) | ${severity} | ${team} | ${holds} | ${detectWithin} | \`${cell(expr)}\` |`);
  const records = recordsOf(ruleGroups).map(({ record, set, labels, help, maxSeries }) =>
    `| \`${record}\`${set ? ` ${cell(Object.entries(set).map(([label, value]) => `${label}="${value}"`).join(', '))}` : ''} | ${labels.join(', ')} | ${maxSeries} | ${cell(help)} |`);
  return {
    'alerts.md': ['# Alerts', '', 'Detected within: the longest time from the fault to the alert, with the intervals of the charts\' defaults.', '', '| alert | severity | owner | holds for | detected within | expression |', '|---|---|---|---|---|---|', ...alerts].join('\n'),
    'recorded-family.md': ['# The recorded family keelson:*', '', 'What every cluster records, and all that leaves it. The management side adds the identity labels.', '', '| series | labels | at most | meaning |', '|---|---|---|---|', ...records].join('\n'),
  };
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
