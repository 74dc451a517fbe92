/**
 * Who outside the cluster may reach its API server, as a host policy. It denies and allows nothing: other host policies, or
 * none, stay as they are (enableDefaultDeny). Nodes and pods of the cluster are no CIDRs to Cilium unless it is told so
 * (policy-cidr-match-mode): https://docs.cilium.io/en/stable/security/policy/language/#cidr-based
 */
import { isIPv6 } from 'node:net';
import { labels } from '../../api/labels.ts';
import type { KubeObject } from '../../kube/index.ts';

export const policyName = 'keelson-api-access';

export interface ApiAccess {
  readonly port: number;
  /** CIDRs of both families; those of a family that is not named are all turned away. */
  readonly allowed: readonly string[];
}

export function apiAccessPolicy({ port, allowed }: ApiAccess): KubeObject {
  const [v6, v4] = [allowed.filter(isV6), allowed.filter((cidr) => !isV6(cidr))];
  return {
    apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy', metadata: { name: policyName, labels: { [labels.managedBy]: 'keelson' } },
    spec: {
      description: 'api.loadBalancer.allowedCidrs of the Cluster: nobody else outside of it reaches the API server',
      nodeSelector: { matchLabels: { 'node-role.kubernetes.io/control-plane': '' } },
      enableDefaultDeny: { ingress: false, egress: false },
      ingressDeny: [{
        fromCIDRSet: [{ cidr: '0.0.0.0/0', except: [...v4].sort() }, { cidr: '::/0', except: [...v6].sort() }],
        toPorts: [{ ports: [{ port: String(port), protocol: 'TCP' }] }],
      }],
    },
  };
}

const isV6 = (cidr: string): boolean => isIPv6(cidr.split('/')[0] ?? '');
