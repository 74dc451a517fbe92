/** The Cluster objects of the fleet, made from examples/cluster.yaml: names, ranges and sizes differ, everything else is as there. Pure. */
import type { KubeObject } from '../../provisioner/kube/index.ts';
import { FleetError } from './errors.ts';
import { defaultShape, type FleetShape } from './shape.ts';

export interface ClusterName {
  readonly name: string;
  readonly namespace: string;
}

/** The topology of a Cluster, as far as the sandbox sets it. */
export interface Topology {
  readonly version: string;
  readonly controlPlane: { readonly replicas: number };
  readonly workers: { readonly machineDeployments: readonly Group[] };
  readonly variables: readonly { readonly name: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** A MachineDeployment: the workers of one zone. */
export interface Group {
  readonly name: string;
  readonly replicas?: number;
}

/** `demo` in `org-demo`, `demo-2` in `org-demo-2` …: every cluster belongs to an organization of its own. @param index from 0 */
export function clusterName(index: number): ClusterName {
  const name = index === 0 ? 'demo' : `demo-${index + 1}`;
  return { name, namespace: `org-${name}` };
}

/**
 * A server that died is given up faster than the class does: one watches. Two minutes until a Node that says it is not
 * Ready counts as lost, one until a silent one does (the controller manager calls it silent after 50 s).
 */
const healthCheck = {
  checks: {
    nodeStartupTimeoutSeconds: 900,
    unhealthyNodeConditions: [
      { type: 'Ready', status: 'Unknown', timeoutSeconds: 60 },
      { type: 'Ready', status: 'False', timeoutSeconds: 120 },
    ],
  },
};

/** Nobody logs in to a simulated server: a bastion would be one more set of processes for nothing. */
const smallMachine = [{ name: 'bastion', value: { enabled: false } }];

/** A new cluster. @param example the Cluster of examples/cluster.yaml @throws FleetError FLEET_PHASE_FAILED when it is none */
export function newCluster(example: KubeObject, index: number, shape: FleetShape): KubeObject {
  const topology = topologyOf(example);
  const { name, namespace } = clusterName(index);
  const version = shape.kubernetesVersion ?? defaultShape.kubernetesVersion;
  const sized = resized(topology, { controlPlanes: shape.controlPlanes ?? defaultShape.controlPlanes, workers: shape.workers ?? defaultShape.workers });
  return {
    ...example,
    metadata: { ...example.metadata, name, namespace },
    spec: {
      ...(example['spec'] as object),
      clusterNetwork: { pods: { cidrBlocks: [`10.${120 + 2 * index}.0.0/16`] }, services: { cidrBlocks: [`10.${121 + 2 * index}.0.0/16`] }, serviceDomain: 'cluster.local' },
      topology: {
        ...topology,
        version,
        controlPlane: { ...sized.controlPlane, healthCheck },
        workers: { machineDeployments: sized.workers.machineDeployments.map((group) => ({ ...group, healthCheck })) },
        variables: [
          ...topology.variables.map(({ name: variable, value }) => {
            if (variable === 'network') return { name: variable, value: { ...value, nodeCidr: `10.${20 + index}.0.0/24` } };
            return { name: variable, value: 'image' in value ? { ...value, image: nodeImage(version) } : value };
          }),
          ...smallMachine,
        ],
      },
    },
  };
}

/** The image of a version in the simulated Glance. @param version "v1.36.3" */
export const nodeImage = (version: string): string => `keelson-node-${version}`;

/** The same topology with other numbers; what is not given stays. Workers are spread evenly over the groups, the first ones get what is left over. */
export function resized(topology: Topology, { controlPlanes, workers }: Pick<FleetShape, 'controlPlanes' | 'workers'>): Pick<Topology, 'controlPlane' | 'workers'> {
  const groups = topology.workers.machineDeployments;
  const share = (i: number): number => Math.floor(((workers ?? 0) + groups.length - 1 - i) / groups.length);
  return {
    controlPlane: { ...topology.controlPlane, ...(controlPlanes === undefined ? {} : { replicas: controlPlanes }) },
    workers: { machineDeployments: workers === undefined ? groups : groups.map((group, i) => ({ ...group, replicas: share(i) })) },
  };
}

/** @throws FleetError FLEET_PHASE_FAILED for an object that is no Cluster with a topology and groups of workers */
export function topologyOf(cluster: KubeObject): Topology {
  const topology = (cluster['spec'] as { topology?: Topology } | undefined)?.topology;
  if (!topology?.workers?.machineDeployments?.length) throw new FleetError('FLEET_PHASE_FAILED', `${cluster.kind} ${cluster.metadata.name} has no spec.topology with groups of workers`);
  return topology;
}
