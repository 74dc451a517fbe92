/** The rules that every cluster evaluates, and the network policies of what is in the chart. */
import { stringify } from 'yaml';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

export function derived(): Record<string, string> {
  return {
    'rules/records.yaml': stringify(renderGroups(groupsFor('workload'), { runbookBase: '' }), { version: '1.1', lineWidth: 0 }),
    'templates/network-policies.yaml': chartNetworkPolicies({
      cluster: 'workload',
      components: { prometheus: true, 'keelson-federation': '.Values.federation.enabled' },
      labels: 'include "workload-monitoring.labels" . | fromYaml',
    }),
  };
}
