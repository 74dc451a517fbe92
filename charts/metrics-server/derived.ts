/** The network policy of metrics-server, from its contract. */
import { chartNetworkPolicies } from '../render/network-policies.ts';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'workload', components: { 'metrics-server': true }, labels: 'include "metrics-server.labels" . | fromYaml' }),
});
