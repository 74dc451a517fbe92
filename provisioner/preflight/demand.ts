/** What a Cluster asks of its cloud, as a pure function of the Cluster: servers with flavor, image and zone, the network, the load balancer. */
import { parseVariables } from '../api/variable-definitions.ts';
import { asObject, type PreflightCluster, valuesOf, type WorkerGroup } from './cluster.ts';

/** A value and the field of the Cluster that says it. */
export interface Said<T = string> {
  readonly value: T;
  readonly path: string;
}

/** Servers that are alike. */
export interface ServerGroup {
  /** "control plane", or the name of the MachineDeployment. */
  readonly name: string;
  readonly isControlPlane: boolean;
  /** The most there can be: an autoscaler's maximum counts. Without the one that is there for a while when machines are replaced. */
  readonly replicas: Said<number>;
  readonly flavor: Said;
  readonly image: Said;
  /** Empty: the cloud chooses. */
  readonly zones: readonly Said[];
}

export interface Demand {
  /** The control plane first. */
  readonly groups: readonly ServerGroup[];
  /** Absent: the only external network there is. */
  readonly externalNetwork?: Said<{ readonly id?: string | undefined; readonly name?: string | undefined }>;
  readonly nodeCidr: Said;
  /** Of pods and of Services. */
  readonly clusterCidrs: readonly (Said & { readonly what: 'pods' | 'services' })[];
  readonly dnsServers: readonly Said[];
  /** Absent: the API server has a floating IP without a load balancer. */
  readonly loadBalancer?: { readonly provider: Said };
  readonly version: Said;
}

const variable = (name: string, field: string): string => `spec.topology.variables.${name}.${field}`;
const largestGroup = 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size';

/** @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function demandOf(cluster: PreflightCluster): Demand {
  const { topology, clusterNetwork } = cluster.spec ?? {};
  const values = valuesOf(topology?.variables);
  const { controlPlane, network, api } = parseVariables(values);
  const external = network.externalNetwork;
  const ranges = (what: 'pods' | 'services') => (clusterNetwork?.[what]?.cidrBlocks ?? []).map((value, i) => ({ what, value, path: `spec.clusterNetwork.${what}.cidrBlocks[${i}]` }));
  return {
    groups: [
      {
        name: 'control plane',
        isControlPlane: true,
        replicas: { value: topology?.controlPlane?.replicas ?? 1, path: 'spec.topology.controlPlane.replicas' },
        flavor: { value: controlPlane.flavor, path: variable('controlPlane', 'flavor') },
        image: { value: controlPlane.image, path: variable('controlPlane', 'image') },
        zones: controlPlane.zones.map((value, i) => ({ value, path: variable('controlPlane', `zones[${i}]`) })),
      },
      ...(topology?.workers?.machineDeployments ?? []).map((group, i) => workers(values, group, i)),
    ],
    ...(external ? { externalNetwork: { value: external, path: variable('network', 'externalNetwork') } } : {}),
    nodeCidr: { value: network.nodeCidr, path: variable('network', 'nodeCidr') },
    clusterCidrs: [...ranges('pods'), ...ranges('services')],
    dnsServers: network.dnsServers.map((value, i) => ({ value, path: variable('network', `dnsServers[${i}]`) })),
    ...(api.loadBalancer.provider !== 'none' ? { loadBalancer: { provider: { value: api.loadBalancer.provider, path: variable('api', 'loadBalancer.provider') } } } : {}),
    version: { value: topology?.version ?? '', path: 'spec.topology.version' },
  };
}

/** An override changes single fields of the cluster-wide `worker`; what nobody says is as in the control plane. */
function workers(values: Readonly<Record<string, unknown>>, group: WorkerGroup, index: number): ServerGroup {
  const own = valuesOf(group.variables?.overrides);
  const overridden = asObject(own['worker']);
  const { worker, controlPlane } = parseVariables({ ...values, ...own, worker: { ...asObject(values['worker']), ...overridden } });
  const place = `spec.topology.workers.machineDeployments[${index}]`;
  const said = (field: 'flavor' | 'image'): Said => {
    if (overridden[field] !== undefined) return { value: worker[field] ?? '', path: `${place}.variables.overrides.worker.${field}` };
    return worker[field] === undefined ? { value: controlPlane[field], path: variable('controlPlane', field) } : { value: worker[field], path: variable('worker', field) };
  };
  const largest = Number(group.metadata?.annotations?.[largestGroup] ?? 0);
  return {
    name: group.name,
    isControlPlane: false,
    replicas: { value: Math.max(group.replicas ?? 1, Number.isInteger(largest) ? largest : 0), path: `${place}.replicas` },
    flavor: said('flavor'),
    image: said('image'),
    zones: group.failureDomain === undefined ? [] : [{ value: group.failureDomain, path: `${place}.failureDomain` }],
  };
}
