/** What a Cluster asks of its cloud, as a pure function of the Cluster: servers with flavor, image and zone, the network, the load balancer. */
import { parseVariables } from '../api/variable-definitions.ts';
import { usualServerGroup } from '../api/variables/fields.ts';
import type { Variables } from '../api/variables/index.ts';
import { asObject, type PreflightCluster, valuesOf, type WorkerGroup } from './cluster.ts';

/** The control plane's name among the groups of a Cluster. */
export const controlPlaneGroup = 'control-plane';

/** A value and the field of the Cluster that says it. */
export interface Said<T = string> {
  readonly value: T;
  readonly path: string;
}

/** Something in OpenStack by id or by name. */
export interface Reference {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** Servers that are alike. */
export interface ServerGroup {
  readonly kind: 'control plane' | 'workers' | 'bastion';
  /** "control-plane", "bastion", or the name of the MachineDeployment. */
  readonly name: string;
  /** The most there can be: an autoscaler's maximum counts. Without the one that is there for a while when machines are replaced. */
  readonly replicas: Said<number>;
  readonly flavor: Said;
  readonly image: Said;
  /** Empty: the cloud chooses. */
  readonly zones: readonly Said[];
  /** Of each server. */
  readonly volumes: readonly Volume[];
  readonly keyPair?: Said;
  /** A Nova server group that the operator makes. */
  readonly serverGroup?: Said<'soft-anti-affinity' | 'anti-affinity'>;
  /** Workers: flavors below 4 cores and 8 GiB are meant. */
  readonly mayBeSmall: boolean;
}

export interface Volume {
  readonly sizeGiB: number;
  readonly type?: Said;
  /** Cinder zones are to be called as Nova's. */
  readonly isInZoneOfServer: boolean;
  /** By its name as a disk of the server; the disk that boots is found by the image itself. */
  readonly isMounted: boolean;
  readonly path: string;
}

export interface Demand {
  /** The control plane first. */
  readonly groups: readonly ServerGroup[];
  /** Absent: the only external network there is. */
  readonly externalNetwork?: Said<Reference>;
  /** Absent: network, subnet and router are made. */
  readonly existing?: { readonly network: Said<Reference>; readonly subnets: readonly Said<Reference>[]; readonly router?: Said<Reference> };
  readonly nodeCidr: Said;
  /** Of pods and of Services. */
  readonly clusterCidrs: readonly (Said & { readonly what: 'pods' | 'services' })[];
  readonly dnsServers: readonly Said[];
  /** Next hops of further routes of the router. */
  readonly nextHops: readonly Said[];
  /** How many are made, and which are to be there. */
  readonly floatingIps: { readonly made: number; readonly given: readonly Said[] };
  /** Absent: the API server has a floating IP without a load balancer. */
  readonly loadBalancer?: { readonly provider: Said; readonly flavor?: Said; readonly zone?: Said };
  /** Ranges that may reach the bastion; 0: no group and no rules of ours. */
  readonly bastionRanges: number;
  /** What is let through between nodes beyond CAPO's own rules, once for each family of addresses (topology/patches/security-groups.ts). */
  readonly flows: { readonly toNodes: number; readonly toControlPlane: number };
  /** Of volumes that pods claim. */
  readonly claimZone: Said<'server' | 'default'>;
  readonly version: Said;
  /** What sets nodes up at their first start. */
  readonly format: Said<'cloud-config' | 'ignition'>;
}

const variable = (name: string, field: string): string => `spec.topology.variables.${name}.${field}`;
const largestGroup = 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size';

/** @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function demandOf(cluster: PreflightCluster): Demand {
  const { topology, clusterNetwork } = cluster.spec ?? {};
  const values = valuesOf(topology?.variables);
  const parsed = parseVariables(values);
  const { network } = parsed;
  const ranges = (what: 'pods' | 'services') => (clusterNetwork?.[what]?.cidrBlocks ?? []).map((value, i) => ({ what, value, path: `spec.clusterNetwork.${what}.cidrBlocks[${i}]` }));
  return {
    groups: [
      controlPlane(parsed, topology?.controlPlane?.replicas ?? 1),
      ...(topology?.workers?.machineDeployments ?? []).map((group, i) => workers(values, group, i)),
      ...bastion(parsed),
    ],
    ...(network.externalNetwork ? { externalNetwork: { value: network.externalNetwork, path: variable('network', 'externalNetwork') } } : {}),
    ...existing(network.existing),
    nodeCidr: { value: network.nodeCidr, path: variable('network', 'nodeCidr') },
    clusterCidrs: [...ranges('pods'), ...ranges('services')],
    dnsServers: network.dnsServers.map((value, i) => ({ value, path: variable('network', `dnsServers[${i}]`) })),
    nextHops: network.routes.map(({ nextHop }, i) => ({ value: nextHop, path: variable('network', `routes[${i}].nextHop`) })),
    floatingIps: floatingIps(parsed),
    ...loadBalancer(parsed),
    bastionRanges: parsed.bastion.enabled ? parsed.bastion.allowedCidrs.length : 0,
    flows: flows(parsed),
    claimZone: { value: parsed.cloud.claimZone ?? 'server', path: variable('cloud', 'claimZone') },
    version: { value: topology?.version ?? '', path: 'spec.topology.version' },
    format: { value: parsed.os.format, path: variable('os', 'format') },
  };
}

function controlPlane({ controlPlane: wanted, os }: Variables, replicas: number): ServerGroup {
  const volumes = [
    ...(wanted.rootVolume ? [volume(wanted.rootVolume, variable('controlPlane', 'rootVolume'))] : []), ...(wanted.etcdVolume ? [volume({ ...wanted.etcdVolume, mountPath: 'etcd' }, variable('controlPlane', 'etcdVolume'))] : []),
    ...wanted.volumes.map((one, i) => volume(one, variable('controlPlane', `volumes[${i}]`))),
  ];
  return {
    kind: 'control plane', name: controlPlaneGroup, mayBeSmall: true, volumes,
    replicas: { value: replicas, path: 'spec.topology.controlPlane.replicas' },
    flavor: { value: wanted.flavor, path: variable('controlPlane', 'flavor') },
    image: { value: wanted.image, path: variable('controlPlane', 'image') },
    zones: wanted.zones.map((value, i) => ({ value, path: variable('controlPlane', `zones[${i}]`) })),
    ...keyPair(os.sshKey, variable('os', 'sshKey')),
    ...serverGroup(wanted.serverGroup, variable('controlPlane', 'serverGroup')),
  };
}

/** An override changes single fields of the cluster-wide `worker`; what nobody says is as in the control plane. */
function workers(values: Readonly<Record<string, unknown>>, group: WorkerGroup, index: number): ServerGroup {
  const own = valuesOf(group.variables?.overrides);
  const overridden = asObject(own['worker']);
  const { worker, controlPlane: fallback, os } = parseVariables({ ...values, ...own, worker: { ...asObject(values['worker']), ...overridden } });
  const place = `spec.topology.workers.machineDeployments[${index}]`;
  const pathOf = (field: string): string => (overridden[field] === undefined ? variable('worker', field) : `${place}.variables.overrides.worker.${field}`);
  const said = (field: 'flavor' | 'image'): Said => (worker[field] === undefined ? { value: fallback[field], path: variable('controlPlane', field) } : { value: worker[field], path: pathOf(field) });
  const largest = Number(group.metadata?.annotations?.[largestGroup] ?? 0);
  return {
    kind: 'workers', name: group.name, mayBeSmall: worker.allowSmall ?? false,
    replicas: { value: Math.max(group.replicas ?? 1, Number.isInteger(largest) ? largest : 0), path: `${place}.replicas` },
    flavor: said('flavor'), image: said('image'),
    zones: group.failureDomain === undefined ? [] : [{ value: group.failureDomain, path: `${place}.failureDomain` }],
    volumes: [...(worker.rootVolume ? [volume(worker.rootVolume, pathOf('rootVolume'))] : []), ...(worker.volumes ?? []).map((one, i) => volume(one, `${pathOf('volumes')}[${i}]`))],
    ...keyPair(os.sshKey, variable('os', 'sshKey')),
    ...serverGroup(worker.serverGroup ?? usualServerGroup, pathOf('serverGroup')),
  };
}

function bastion({ bastion: wanted, controlPlane: fallback, os }: Variables): ServerGroup[] {
  if (!wanted.enabled) return [];
  const said = (field: 'flavor' | 'image'): Said => (wanted[field] === undefined ? { value: fallback[field], path: variable('controlPlane', field) } : { value: wanted[field], path: variable('bastion', field) });
  return [{
    kind: 'bastion', name: 'bastion', mayBeSmall: true, volumes: [], replicas: { value: 1, path: variable('bastion', 'enabled') }, flavor: said('flavor'), image: said('image'),
    zones: wanted.zone === undefined ? [] : [{ value: wanted.zone, path: variable('bastion', 'zone') }],
    ...(wanted.sshKey === undefined ? keyPair(os.sshKey, variable('os', 'sshKey')) : keyPair(wanted.sshKey, variable('bastion', 'sshKey'))),
  }];
}

function volume({ sizeGiB, type, zone, mountPath }: { sizeGiB: number; type?: string | undefined; zone?: 'server' | 'default' | undefined; mountPath?: string | undefined }, path: string): Volume {
  return { sizeGiB, path, isMounted: mountPath !== undefined, isInZoneOfServer: zone === 'server', ...(type === undefined ? {} : { type: { value: type, path: `${path}.type` } }) };
}

const keyPair = (name: string | undefined, path: string): { keyPair?: Said } => (name === undefined ? {} : { keyPair: { value: name, path } });

function serverGroup(policy: 'soft-anti-affinity' | 'anti-affinity' | 'none', path: string): Pick<ServerGroup, 'serverGroup'> {
  return policy === 'none' ? {} : { serverGroup: { value: policy, path } };
}

function existing(given: Variables['network']['existing']): Pick<Demand, 'existing'> {
  if (!given) return {};
  const at = (field: string): string => variable('network', `existing.${field}`);
  return { existing: { network: { value: given.network, path: at('network') }, subnets: given.subnets.map((value, i) => ({ value, path: at(`subnets[${i}]`) })), ...(given.router ? { router: { value: given.router, path: at('router') } } : {}) } };
}

/** To all nodes: health of the pod network, ICMP, two exporters, and what Cilium was asked for. To the control plane: the metrics relay. */
function flows({ cilium, network }: Variables): Demand['flows'] {
  const asked = [cilium.tunnel !== 'none', cilium.hubble, cilium.encryption === 'wireguard'].filter(Boolean).length;
  const families = network.existing?.subnets.length === 2 ? 2 : 1;
  return { toNodes: families * (4 + asked), toControlPlane: families };
}

function floatingIps({ api, bastion: jump }: Variables): Demand['floatingIps'] {
  const { mode, address } = api.floatingIp;
  return {
    made: (mode === 'new' ? 1 : 0) + (jump.enabled && jump.floatingIp === undefined ? 1 : 0),
    given: [
      ...(address === undefined ? [] : [{ value: address, path: variable('api', 'floatingIp.address') }]),
      ...(jump.enabled && jump.floatingIp !== undefined ? [{ value: jump.floatingIp, path: variable('bastion', 'floatingIp') }] : []),
    ],
  };
}

function loadBalancer({ api }: Variables): Pick<Demand, 'loadBalancer'> {
  const { provider, flavor, zone } = api.loadBalancer;
  if (provider === 'none') return {};
  const said = (field: string, value: string): Said => ({ value, path: variable('api', `loadBalancer.${field}`) });
  return { loadBalancer: { provider: said('provider', provider), ...(flavor === undefined ? {} : { flavor: said('flavor', flavor) }), ...(zone === undefined ? {} : { zone: said('zone', zone) }) } };
}
