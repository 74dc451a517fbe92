/** The rules of the management side and Alertmanager's routes, as files that the templates fill with values. */
import { stringify } from 'yaml';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import { groupsFor } from '../../monitoring/rules/index.ts';
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
