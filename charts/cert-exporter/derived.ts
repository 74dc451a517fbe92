/** What the chart takes from the sources: policies, rules, board. */
import { stringify } from 'yaml';
import { boardJson } from '../../dashboards/board.ts';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { certificateGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

/** Its own id: the chart monitoring may bring the fleet's board to the same Grafana. */
const board = 'cert-exporter';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({
    cluster: 'workload',
    components: { 'cert-exporter-files': '.Values.files.enabled', 'cert-exporter-cluster': 'include "cert-exporter.watchesCluster" .' },
    labels: 'include "cert-exporter.labels" . | fromYaml',
  }),
  'boards/cert-exporter.json': boardJson(certificatesBoard({ uid: board, title: 'cert-exporter / Certificates' })),
  'rules/certificates.yaml': stringify(renderGroups(certificateGroups, { runbookBase: '', boards: { 'keelson-certificates': board } }), { version: '1.1', lineWidth: 0 }),
});
