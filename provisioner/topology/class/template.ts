/** How the templates of the class are named and referred to. */
import { systemNamespace } from '../../api/names.ts';
import { labels } from '../../api/labels.ts';
import type { KubeObject } from '../../kube/types.ts';

/** Names carry the version of the class, so that two versions live side by side. */
export const templateNames = (className: string) => ({
  cluster: className,
  controlPlane: className,
  controlPlaneMachine: `${className}-control-plane`,
  workerMachine: `${className}-worker`,
  workerConfig: `${className}-worker`,
});

export const apiVersions = {
  cluster: 'cluster.x-k8s.io/v1beta2',
  controlPlane: 'controlplane.cluster.x-k8s.io/v1beta2',
  bootstrap: 'bootstrap.cluster.x-k8s.io/v1beta2',
  /** CAPO 0.14 serves v1beta1 of its own kinds. */
  infrastructure: 'infrastructure.cluster.x-k8s.io/v1beta1',
} as const;

/** A template object around the spec of what it makes. */
export function template(o: { apiVersion: string; kind: string; name: string; spec: Readonly<Record<string, unknown>> }): KubeObject {
  return {
    apiVersion: o.apiVersion,
    kind: o.kind,
    metadata: { name: o.name, namespace: systemNamespace, labels: { [labels.managedBy]: 'keelson' } },
    spec: { template: { spec: o.spec } },
  };
}

/** A `templateRef` of a ClusterClass. */
export const templateRef = (object: KubeObject): { apiVersion: string; kind: string; name: string } => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  name: object.metadata.name,
});
