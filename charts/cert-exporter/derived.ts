/** What the chart takes from the sources: policies, rules, board. */
import { stringify } from 'yaml';
import { boardJson } from '../../dashboards/board.ts';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { certificateGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({
    cluster: 'workload',
    components: { 'cert-exporter-files': '.Values.files.enabled', 'cert-exporter-cluster': 'include "cert-exporter.watchesCluster" .' },
    labels: 'include "cert-exporter.labels" . | fromYaml',
  }),
  'boards/keelson-certificates.json': boardJson(certificatesBoard()),
  'rules/certificates.yaml': stringify(renderGroups(certificateGroups, { runbookBase: '' }), { version: '1.1', lineWidth: 0 }),
});
