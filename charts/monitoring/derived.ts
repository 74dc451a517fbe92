/** The rules of the management side, Alertmanager's routes and the boards of the fleet, as files that the templates fill with values. */
import { stringify } from 'yaml';
import { boardJson } from '../../dashboards/board.ts';
import { fleetBoards } from '../../dashboards/boards.ts';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

const yaml = (content: unknown): string => stringify(content, { version: '1.1', lineWidth: 0 });

export function derived(): Record<string, string> {
  return {
    'rules/rules.yaml': yaml(renderGroups(groupsFor('management'), { runbookBase: '' })),
    'routes/alertmanager.yaml': yaml(alertmanagerConfig(defaultRouting)),
    ...Object.fromEntries(fleetBoards.map((board) => board()).map((built) => [`boards/${built.uid ?? ''}.json`, boardJson(built)])),
    'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'management', components: { prometheus: true, alertmanager: true }, labels: 'include "chart.labels" . | fromYaml' }),
  };
}
