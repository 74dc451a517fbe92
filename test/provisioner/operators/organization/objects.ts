/** Organizations and Clusters as people write them. */
import { roleNames } from '../../../../policies/tenancy/roles.ts';
import type { KubeObject } from '../../../../provisioner/kube/index.ts';

export interface OrganizationOptions {
  readonly members?: readonly object[];
  readonly project?: string;
  readonly quota?: object;
  readonly defaults?: object;
  readonly allowedClasses?: readonly object[];
}

/** A group per role: `oidc:<organization>-<role>`. */
export function organizationOf(name: string, o: OrganizationOptions = {}): KubeObject {
  return {
    apiVersion: 'keelson.dev/v1alpha1', kind: 'Organization', metadata: { name },
    spec: {
      members: o.members ?? roleNames.map((role) => ({ kind: 'Group', name: `oidc:${name}-${role}`, role })),
      identities: [{ name: 'cloud', project: o.project ?? `project-of-${name}`.slice(0, 64) }],
      ...(o.quota ? { quota: o.quota } : {}),
      ...(o.defaults ? { defaults: o.defaults } : {}),
      ...(o.allowedClasses ? { allowedClasses: o.allowedClasses } : {}),
    },
  };
}

/** One control plane of k.small, one group of workers. */
export function clusterOf(name: string, namespace: string, o: { workers?: number; flavor?: string; className?: string } = {}) {
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, namespace },
    spec: {
      clusterNetwork: { pods: { cidrBlocks: ['10.120.0.0/16'] }, services: { cidrBlocks: ['10.121.0.0/16'] } },
      topology: {
        classRef: { name: o.className ?? 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.36.3', controlPlane: { replicas: 1 },
        workers: { machineDeployments: [{ class: 'worker', name: 'a', replicas: o.workers ?? 1 }] },
        variables: [
          { name: 'controlPlane', value: { flavor: o.flavor ?? 'k.small', image: 'keelson-node-v1.36.3' } },
          { name: 'network', value: { nodeCidr: '10.20.0.0/24' } },
          { name: 'bastion', value: { enabled: false } },
        ],
      },
    },
  };
}
