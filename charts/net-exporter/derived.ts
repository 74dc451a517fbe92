/** What the chart takes from the sources: policies, rules, boards. */
import { stringify } from 'yaml';
import { boardJson } from '../../dashboards/board.ts';
import { clusterNetworkBoard, networkBoard } from '../../dashboards/network.ts';
import { networkGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

/** Its own id: the chart monitoring may bring the fleet's board to the same Grafana. */
const board = 'net-exporter';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'workload', components: { 'net-exporter': true }, labels: 'include "net-exporter.labels" . | fromYaml' }),
  'boards/net-exporter.json': boardJson(networkBoard({ uid: board, title: 'net-exporter / Network' })),
  'boards/keelson-network-cluster.json': boardJson(clusterNetworkBoard()),
  'rules/network.yaml': stringify(renderGroups(networkGroups, { runbookBase: '', boards: { 'keelson-network': board } }), { version: '1.1', lineWidth: 0 }),
});
