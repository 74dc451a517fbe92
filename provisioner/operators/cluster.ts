/** What the operators read of Cluster API's objects (v1beta2) and of CAPO's (v1beta1), and which Clusters are ours. */
import { labels } from '../api/labels.ts';
import { isOurClass } from '../api/names.ts';
import { variables as classVariables } from '../api/variables/index.ts';
import type { Condition, KubeObject } from '../kube/index.ts';
import type { WorkerGroup } from '../preflight/cluster.ts';

export interface Cluster extends KubeObject {
  readonly spec?: {
    readonly paused?: boolean;
    readonly clusterNetwork?: { readonly pods?: { readonly cidrBlocks?: readonly string[] }; readonly services?: { readonly cidrBlocks?: readonly string[] } };
    readonly controlPlaneEndpoint?: { readonly host?: string; readonly port?: number };
    readonly infrastructureRef?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
    readonly topology?: {
      readonly version?: string;
      readonly classRef?: { readonly name: string; readonly namespace?: string };
      readonly controlPlane?: { readonly replicas?: number };
      readonly workers?: { readonly machineDeployments?: readonly WorkerGroup[] };
      /** Those of our class. */
      readonly variables?: readonly { readonly name: string; readonly value: unknown }[];
    };
  };
  readonly status?: {
    readonly initialization?: { readonly infrastructureProvisioned?: boolean; readonly controlPlaneInitialized?: boolean };
    readonly conditions?: readonly Condition[];
    readonly controlPlane?: MachineCounts;
    readonly workers?: MachineCounts;
  };
}

/** Cluster API v1beta2, status.controlPlane and status.workers. */
export interface MachineCounts {
  readonly desiredReplicas?: number;
  readonly replicas?: number;
  readonly upToDateReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

export interface OpenStackCluster extends KubeObject {
  readonly spec?: {
    readonly identityRef?: { readonly type?: string; readonly name: string; readonly cloudName?: string; readonly region?: string };
    readonly apiServerLoadBalancer?: { readonly enabled?: boolean; readonly provider?: string };
  };
  readonly status?: {
    readonly network?: { readonly id: string; readonly name: string; readonly subnets?: readonly { readonly id: string; readonly cidr: string }[] };
    readonly externalNetwork?: { readonly id: string; readonly name: string };
    readonly router?: { readonly id: string; readonly ips?: readonly string[] };
    readonly apiServerLoadBalancer?: { readonly ip?: string };
    readonly bastion?: { readonly id?: string; readonly ip?: string; readonly floatingIP?: string };
  };
}

/** Clusters of our class, and those that somebody put into our care by the label. Everything else is never touched. */
export function isManaged(cluster: Cluster): boolean {
  return isOfOurClass(cluster) || cluster.metadata.labels?.[labels.managed] === 'true';
}

/** Whose cloud is ours to read, to fill and to clean. */
export function isOfOurClass(cluster: Cluster): boolean {
  return isOurClass(cluster.spec?.topology?.classRef?.name);
}

export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** Whether the API server of the cluster has answered once (Cluster API, status.initialization). */
export function hasControlPlane(cluster: Cluster): boolean {
  return cluster.status?.initialization?.controlPlaneInitialized === true;
}

/** What reflectors of Clusters keep: managedFields are gone already, the rest of a topology is unread. */
export function trimmedCluster(cluster: Cluster): Cluster {
  const { topology, clusterNetwork, controlPlaneEndpoint, infrastructureRef, paused } = cluster.spec ?? {};
  const variables = topology?.variables?.filter(({ name }) => Object.hasOwn(classVariables, name));
  const { initialization, conditions, controlPlane, workers } = cluster.status ?? {};
  return {
    apiVersion: cluster.apiVersion, kind: cluster.kind, metadata: cluster.metadata,
    spec: {
      ...(paused === undefined ? {} : { paused }), ...(clusterNetwork ? { clusterNetwork } : {}), ...(infrastructureRef ? { infrastructureRef } : {}),
      ...(controlPlaneEndpoint ? { controlPlaneEndpoint } : {}),
      ...(topology ? { topology: { ...(topology.version ? { version: topology.version } : {}), ...(topology.classRef ? { classRef: topology.classRef } : {}), ...sizes(topology), ...(variables ? { variables } : {}) } } : {}),
    },
    status: { ...(initialization ? { initialization } : {}), ...(conditions ? { conditions } : {}), ...(controlPlane ? { controlPlane } : {}), ...(workers ? { workers } : {}) },
  };
}

type Topology = NonNullable<NonNullable<Cluster['spec']>['topology']>;

function sizes({ controlPlane, workers }: Topology): Pick<Topology, 'controlPlane' | 'workers'> {
  return {
    ...(controlPlane?.replicas === undefined ? {} : { controlPlane: { replicas: controlPlane.replicas } }),
    ...(workers?.machineDeployments ? { workers: { machineDeployments: workers.machineDeployments.map(({ name, replicas, metadata, variables }) => ({ name, ...(replicas === undefined ? {} : { replicas }), ...(metadata?.annotations ? { metadata: { annotations: metadata.annotations } } : {}), ...(variables?.overrides ? { variables: { overrides: variables.overrides } } : {}) })) } } : {}),
  };
}
