/** EndpointSlices (discovery.k8s.io/v1) as peers: one Service has several, one per address family and hundred endpoints. */
import { isIP } from 'node:net';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { SkipReason } from '../catalogue.ts';
import { firstOfEachFamily, type Peer } from './peer.ts';

export interface Endpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

export interface EndpointSlice extends KubeObject {
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
  readonly endpoints?: readonly Endpoint[];
}

/** What is read of a slice: with a thousand nodes the rest would be a megabyte. */
export function trimmed(slice: EndpointSlice): EndpointSlice {
  const { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, ports, endpoints } = slice;
  const metadata = { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) };
  // Null where an API server has none of them.
  return { apiVersion, kind, metadata, ports: ports ?? [], endpoints: (endpoints ?? []).map(trimmedEndpoint) };
}

function trimmedEndpoint({ addresses = [], conditions, nodeName, zone, targetRef }: Endpoint): Endpoint {
  return { addresses, ...(conditions && { conditions }), ...(nodeName !== undefined && { nodeName }), ...(zone !== undefined && { zone }), ...(targetRef?.name !== undefined && { targetRef: { name: targetRef.name } }) };
}

export interface PeersOf {
  readonly mesh: { readonly port: number; readonly udpPort: number; readonly ipFamilies: 'all' | 'ipv4' | 'ipv6' };
  readonly onSkipped: (endpoint: string, reason: SkipReason) => void;
}

/** One peer per node; while a pod is replaced there may be two endpoints, and the ready one counts. Terminating ones are left out. */
export function peersFrom(slices: readonly EndpointSlice[], { mesh, onSkipped }: PeersOf): readonly Peer[] {
  const nodes = new Map<string, { zone: string; pods: Map<string, { addresses: string[]; isReady: boolean }> }>();
  for (const { metadata, endpoints = [] } of slices) {
    for (const endpoint of endpoints) {
      const { conditions, nodeName, zone = '', targetRef } = endpoint;
      if (conditions?.terminating) continue;
      const addresses = (endpoint.addresses ?? []).filter((address) => isIP(address) !== 0);
      const pod = targetRef?.name ?? '';
      if (addresses.length === 0) onSkipped(`${metadata.name} ${pod}`, 'bad_address');
      else if (!nodeName) onSkipped(`${metadata.name} ${pod}`, 'no_node_name');
      else {
        const node = nodes.get(nodeName) ?? { zone, pods: new Map<string, { addresses: string[]; isReady: boolean }>() };
        const known = node.pods.get(pod);
        // Nil means ready, as the API says of `ready`.
        node.pods.set(pod, { addresses: [...(known?.addresses ?? []), ...addresses], isReady: conditions?.ready ?? true });
        nodes.set(nodeName, node);
      }
    }
  }
  return [...nodes].flatMap(([node, { zone, pods }]): Peer[] => {
    const [pod, found] = [...pods].find(([, { isReady }]) => isReady) ?? [...pods][0] ?? [];
    const addresses = firstOfEachFamily(found?.addresses ?? [], mesh.ipFamilies);
    if (!found || addresses.length === 0) return [];
    return [{ node, zone, addresses, port: mesh.port, udpPort: mesh.udpPort, isReady: found.isReady, pod: pod || undefined }];
  });
}
