/** Manifests → the world that policies act upon, and the policies among them. Start reading here. */
import type { CiliumSettings, Labels, Namespace, Node, Pod, Service, World } from '../model.ts';
import { isRecord, type Manifest, type ReadManifest } from './manifest.ts';
import { type Workload, workloadOf } from './workloads.ts';

export interface WorldOptions {
  /** Where no Node is among the manifests: two control planes and two workers, so that each has another of its kind. */
  readonly nodes?: readonly Node[];
  /** Addresses of API servers that are not nodes. */
  readonly apiServerAddresses?: readonly string[];
  readonly settings?: CiliumSettings;
}

export interface ReadWorld {
  readonly world: World;
  readonly policies: readonly ReadManifest[];
  readonly workloads: readonly { readonly workload: Workload; readonly manifest: ReadManifest; readonly pods: readonly Pod[] }[];
}

const roleLabel = 'node-role.kubernetes.io/control-plane';
const nodeNamed = (name: string, address: string, isControlPlane: boolean): Node => ({ name, labels: { 'kubernetes.io/hostname': name, ...(isControlPlane ? { [roleLabel]: '' } : {}) }, addresses: [address], isControlPlane });
/** Addresses of the reserved range 192.0.2.0/24 (RFC 5737). */
export const standInNodes: readonly Node[] = [
  nodeNamed('control-plane-a', '192.0.2.10', true), nodeNamed('control-plane-b', '192.0.2.11', true),
  nodeNamed('worker-a', '192.0.2.12', false), nodeNamed('worker-b', '192.0.2.13', false),
];

/** Host policies are on: a bundle that has none is not changed by it. */
const defaultSettings: CiliumSettings = { hostFirewall: true };

const policyKinds = ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy', 'NetworkPolicy', 'CiliumCIDRGroup'];
/** Labels that the API server keeps on every namespace. */
const namespaceLabels = (name: string, labels: Labels = {}): Labels => ({ 'kubernetes.io/metadata.name': name, ...labels });

/** At most two pods of a workload: more behave the same. */
const podsOfAKind = 2;

export function readWorld(manifests: readonly ReadManifest[], { nodes, apiServerAddresses = [], settings = defaultSettings }: WorldOptions = {}): ReadWorld {
  const of = (kind: string): readonly Manifest[] => manifests.filter(({ object }) => object.kind === kind).map(({ object }) => object);
  const found = nodes ?? of('Node').map(nodeOf);
  const allNodes = found.length > 0 ? found : standInNodes;
  const workloads = manifests.flatMap((manifest) => {
    const workload = workloadOf(manifest.object);
    return workload ? [{ workload, manifest, pods: podsOf(workload, allNodes) }] : [];
  });
  const services = manifests.filter(({ object }) => object.kind === 'Service' && object.apiVersion === 'v1').map(({ object }) => serviceOf(object, manifests));
  const policies = manifests.filter(({ object }) => policyKinds.includes(object.kind));
  const declared = new Map(of('Namespace').map(({ metadata }): [string, Namespace] => [metadata.name, { name: metadata.name, labels: namespaceLabels(metadata.name, metadata.labels) }]));
  const used = [...workloads.map(({ workload }) => workload.namespace), ...services.map(({ namespace }) => namespace), ...policies.flatMap(({ object }) => object.metadata.namespace ?? [])];
  for (const name of used) if (!declared.has(name)) declared.set(name, { name, labels: namespaceLabels(name) });
  return {
    workloads,
    policies,
    world: { namespaces: [...declared.values()], nodes: allNodes, pods: workloads.flatMap(({ pods }) => pods), services, apiServerAddresses, settings },
  };
}

function nodeOf({ metadata, ...object }: Manifest): Node {
  const status = isRecord(object['status']) && Array.isArray(object['status']['addresses']) ? (object['status']['addresses'] as { type: string; address: string }[]) : [];
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    addresses: status.filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP').map(({ address }) => address),
    isControlPlane: metadata.labels?.[roleLabel] !== undefined,
  };
}

function podsOf(workload: Workload, nodes: readonly Node[]): readonly Pod[] {
  const { namespace, podName, labels, serviceAccount, hostNetwork, ports } = workload;
  const allowed = workload.onControlPlane ? nodes.filter(({ isControlPlane }) => isControlPlane) : nodes;
  const places = workload.pods === 'everyNode' ? allowed : [...allowed].reverse().slice(0, Math.min(workload.pods, podsOfAKind));
  return places.map((node, i) => ({ namespace, name: workload.kind === 'Pod' ? podName : `${podName}-${i}`, labels, serviceAccount, node: node.name, hostNetwork, addresses: [], ports }));
}

interface ServiceSpec {
  readonly selector?: Labels;
  readonly type?: Service['type'];
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string; readonly protocol?: 'TCP' | 'UDP' | 'SCTP' }[];
}

function serviceOf({ metadata, ...object }: Manifest, manifests: readonly ReadManifest[]): Service {
  const spec = (isRecord(object['spec']) ? object['spec'] : {}) as ServiceSpec;
  const namespace = metadata.namespace ?? 'default';
  const ips = (spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])).filter((ip) => ip !== 'None');
  return {
    namespace, name: metadata.name,
    labels: metadata.labels ?? {},
    ...(spec.selector ? { selector: spec.selector } : {}),
    type: spec.type ?? 'ClusterIP',
    clusterIps: ips,
    ports: (spec.ports ?? []).map(({ name, port, targetPort, protocol = 'TCP' }) => ({ ...(name === undefined ? {} : { name }), port, targetPort: targetPort ?? port, protocol })),
    endpointAddresses: endpointsOf(namespace, metadata.name, manifests),
  };
}

function endpointsOf(namespace: string, service: string, manifests: readonly ReadManifest[]): readonly string[] {
  return manifests
    .map(({ object }) => object)
    .filter(({ kind, metadata }) => kind === 'EndpointSlice' && (metadata.namespace ?? 'default') === namespace && metadata.labels?.['kubernetes.io/service-name'] === service)
    .flatMap((slice) => (Array.isArray(slice['endpoints']) ? (slice['endpoints'] as { addresses?: string[] }[]) : []))
    .flatMap(({ addresses = [] }) => addresses);
}
