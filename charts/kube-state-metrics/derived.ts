/** The network policy of kube-state-metrics, from its contract. */
import { chartNetworkPolicies } from '../render/network-policies.ts';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'workload', components: { 'kube-state-metrics': true }, labels: 'include "kube-state-metrics.labels" . | fromYaml' }),
});
