/**
 * Names under which CAPO 0.14 looks up what it makes for a cluster: what it finds it takes for its own, whoever made it.
 * pkg/cloud/services/networking and loadbalancer of cluster-api-provider-openstack v0.14.7.
 */
import { capoNetworkName } from '../api/names.ts';

export type NamedKind = 'network' | 'subnet' | 'router' | 'security group' | 'load balancer';

export interface CapoName {
  readonly kind: NamedKind;
  readonly name: string;
}

export function capoNames(cluster: { readonly namespace: string; readonly name: string }): readonly CapoName[] {
  const whole = capoNetworkName(cluster);
  const groups = ['controlplane', 'worker', 'bastion'].map((role) => ({ kind: 'security group', name: `k8s-cluster-${cluster.namespace}-${cluster.name}-secgroup-${role}` }) as const);
  return [
    { kind: 'network', name: whole },
    { kind: 'subnet', name: whole },
    { kind: 'router', name: whole },
    ...groups,
    { kind: 'load balancer', name: `${whole}-kubeapi` },
  ];
}
