/** The rules that every cluster evaluates, and the network policies of what is in the chart. */
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

/** What both charts have stands in the other one; named templates carry the name of the chart, because Helm shares them among the parts of a release. */
const shared = (template: string): string => readFileSync(new URL(`../monitoring/templates/${template}`, import.meta.url), 'utf8').replaceAll('"chart.', '"workload-monitoring.');

export function derived(): Record<string, string> {
  return {
    'rules/records.yaml': stringify(renderGroups(groupsFor('workload'), { runbookBase: '' }), { version: '1.1', lineWidth: 0 }),
    'templates/_helpers.tpl': shared('_helpers.tpl'),
    'templates/scrapes.yaml': shared('scrapes.yaml'),
    'templates/network-policies.yaml': chartNetworkPolicies({
      cluster: 'workload',
      components: { prometheus: true, 'keelson-federation': '.Values.federation.enabled' },
      labels: 'include "workload-monitoring.labels" . | fromYaml',
    }),
  };
}
