/**
 * Panels that are empty in the deep test of the boards, by board and title, and why: nothing of the kind is wrong there, or
 * nobody there writes it.
 */

const well = 'nothing of the kind is wrong';
const away = (who: string): string => `${who} does not run there`;

export const emptyHere: Readonly<Record<string, string>> = {
  'keelson-certificates: Endpoints that serve an old certificate': well,
  'keelson-certificates: Renewal overdue': away('cert-manager'),
  'keelson-certificates: Short-lived: least life left': 'all live longer than six weeks',
  'keelson-cluster: Calls to OpenStack that fail': away('the cloud controller manager'),
  'keelson-cluster: Calls to the volume driver that fail': away('the CSI driver of Cinder'),
  'keelson-cluster: Containers that restart': 'containers have restarted, and not within the hour',
  'keelson-cluster: Jobs of the platform that failed': well,
  'keelson-cluster: Nodes that Cilium does not reach': away('Cilium'),
  'keelson-cluster: Pods of the platform that cannot run': 'only pods of tenants cannot',
  'keelson-cluster: Tables of Cilium': away('Cilium'),
  'keelson-cluster: What policies cannot judge': well,
  'keelson-cluster: What policies refuse': well,
  'keelson-control-plane: Aggregated APIs that do not answer': well,
  'keelson-control-plane: Between members': 'etcd has one member',
  'keelson-control-plane: Keys that wait': away('the controller manager'),
  'keelson-control-plane: Requests of components that fail': well,
  'keelson-control-plane: Turned away': well,
  'keelson-control-plane: Webhooks': 'there is none',
  'keelson-control-plane: Webhooks that fail': 'there is none',
  'keelson-fleet: Cloud API errors': away('the cloud controller manager'),
  'keelson-fleet: Zones that do not answer': 'a zone is one when two of its nodes are gone',
  'keelson-lifecycle: Answers of the topology extension': away('the extension'),
  'keelson-lifecycle: Calls to OpenStack that fail': away('the cloud controller manager'),
  'keelson-monitoring: Reconciles of prometheus-operator that fail': away('prometheus-operator'),
  'keelson-monitoring: Targets that do not answer': well,
  'keelson-monitoring: Tokens': 'the test writes the scrape of the cluster, not the operator',
  'keelson-monitoring: Waiting to be stored for long': 'remote write is not set up',
  'keelson-monitoring: Why the API does not answer': well,
  'keelson-network-cluster: Clocks': 'no NTP server is asked',
  'keelson-network-cluster: DNS by result': well,
  'keelson-network-cluster: Targets that answer': 'no target is configured',
  'keelson-network: Clocks': well,
  'keelson-network: DNS servers': well,
  'keelson-network: Round trip against before': 'there is no hour before',
  'keelson-network: Services from most nodes': well,
  'keelson-network: Single connections': well,
  'keelson-nodes: Connections that are tracked': 'the table is nearly empty',
  'keelson-nodes: Errors of network cards': well,
  'keelson-nodes: File handles': 'most are free',
  'keelson-nodes: File systems that became read-only': well,
  'keelson-nodes: Inodes that are left': 'most are',
  'keelson-nodes: Killed for memory': well,
  'keelson-nodes: Kubelets that are silent': well,
  'keelson-nodes: Nodes that come and go': well,
};
