/** A management API server with the kinds our operators read, and Clusters in it that are only objects. */
import { appDefinition } from '../../../provisioner/api/app.ts';
import { catalogDefinition } from '../../../provisioner/api/catalog.ts';
import { maintenanceWindowDefinition } from '../../../provisioner/api/maintenance-window.ts';
import { silenceDefinition } from '../../../provisioner/api/silence.ts';
import { clusterBundleDefinition } from '../../../provisioner/api/cluster-bundle.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { eventually } from './surroundings.ts';

export const namespace = 'org-demo';

/** Our kinds as they are, and Cluster API's kinds as open boxes: only names, versions and the status subresource matter here. */
export async function installKinds(api: ApiServer, o: { readonly withNamespaces?: boolean } = {}): Promise<void> {
  const definitions: KubeObject[] = [
    appDefinition() as unknown as KubeObject,
    catalogDefinition() as unknown as KubeObject,
    clusterBundleDefinition() as unknown as KubeObject,
    silenceDefinition() as unknown as KubeObject,
    maintenanceWindowDefinition() as unknown as KubeObject,
    openBox({ group: 'cluster.x-k8s.io', version: 'v1beta2', kind: 'Cluster', plural: 'clusters' }),
    openBox({ group: 'infrastructure.cluster.x-k8s.io', version: 'v1beta1', kind: 'OpenStackCluster', plural: 'openstackclusters' }),
  ];
  for (const definition of definitions) await api.client.create(resources.customResourceDefinitions, definition);
  for (const name of o.withNamespaces === false ? [] : [namespace, 'keelson-system']) await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const resource of [resources.apps, resources.catalogs, resources.clusterBundles, resources.clusters, resources.openStackClusters]) await eventually(() => api.client.list(resource));
}

/** Several managers set conditions of one object: the list is merged by type, as in the real kinds. */
const conditions = {
  type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'],
  items: { type: 'object', required: ['type'], 'x-kubernetes-preserve-unknown-fields': true, properties: { type: { type: 'string' } } },
};

export function openBox(k: { group: string; version: string; kind: string; plural: string; scope?: 'Namespaced' | 'Cluster' }): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${k.plural}.${k.group}` },
    spec: {
      group: k.group, scope: k.scope ?? 'Namespaced', names: { kind: k.kind, listKind: `${k.kind}List`, plural: k.plural, singular: k.kind.toLowerCase() },
      versions: [{
        name: k.version, served: true, storage: true, subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { conditions } } } } },
      }],
    },
  };
}

/** A Cluster of our class. */
export function cluster(name: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, namespace },
    spec: {
      clusterNetwork: { pods: { cidrBlocks: ['10.120.0.0/16'] }, services: { cidrBlocks: ['10.121.0.0/16'] } },
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'OpenStackCluster', name: `${name}-x1` },
      topology: { classRef: { name: 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.36.3' },
      ...spec,
    },
  };
}

/** What Cluster API does once the control plane answers: the kubeconfig Secret and the Cluster's status. */
export async function initialize(api: ApiServer, name: string, kubeconfig: string): Promise<void> {
  await putKubeconfig(api, name, kubeconfig);
  await patchStatus(api, name, { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } });
}

/** The kubeconfig Secret of a Cluster, as Cluster API writes it. */
export async function putKubeconfig(api: ApiServer, name: string, kubeconfig: string): Promise<void> {
  await api.client.create(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret',
    metadata: { name: `${name}-kubeconfig`, namespace, labels: { 'cluster.x-k8s.io/cluster-name': name } },
    data: { value: Buffer.from(kubeconfig).toString('base64') },
  });
}

export async function patchStatus(api: ApiServer, name: string, status: object): Promise<void> {
  await api.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { status }, subresource: 'status' });
}
