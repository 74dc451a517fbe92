/** A world small enough to hold in mind, and short names for the flows in it. */
import type { CiliumSettings, Endpoint, Flow, PolicyObject, Verdict, World } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';

/** Two namespaces, three nodes (n1 is the control plane), web and db in shop, cache in other, an agent in the host network of n2. */
export const smallWorld: World = {
  namespaces: [
    { name: 'shop', labels: { team: 'one' } },
    { name: 'other', labels: { team: 'two' } },
  ],
  nodes: [
    { name: 'n1', labels: { 'node-role.kubernetes.io/control-plane': '', role: 'control', 'kubernetes.io/hostname': 'n1' }, addresses: ['192.168.0.1'], isControlPlane: true },
    { name: 'n2', labels: { role: 'worker', 'kubernetes.io/hostname': 'n2' }, addresses: ['192.168.0.2'], isControlPlane: false },
    { name: 'n3', labels: { role: 'worker', 'kubernetes.io/hostname': 'n3' }, addresses: ['192.168.0.3'], isControlPlane: false },
  ],
  pods: [
    { namespace: 'shop', name: 'web', labels: { app: 'web', 'pod-template-hash': 'abc' }, node: 'n2', hostNetwork: false, addresses: ['172.16.0.1'], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
    { namespace: 'shop', name: 'db', labels: { app: 'db' }, node: 'n3', hostNetwork: false, addresses: ['172.16.0.2'], ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }, { name: 'http', port: 9000, protocol: 'TCP' }] },
    { namespace: 'other', name: 'cache', labels: { app: 'db' }, node: 'n2', hostNetwork: false, addresses: ['172.16.0.3'], ports: [] },
    { namespace: 'other', name: 'agent', labels: { app: 'agent' }, node: 'n2', hostNetwork: true, addresses: ['192.168.0.2'], ports: [] },
  ],
  services: [
    { namespace: 'shop', name: 'db', labels: { kind: 'store' }, selector: { app: 'db' }, type: 'ClusterIP', clusterIps: ['10.96.0.10'], ports: [{ port: 80, targetPort: 5432, protocol: 'TCP' }] },
    { namespace: 'shop', name: 'legacy', type: 'ClusterIP', clusterIps: ['10.96.0.11'], ports: [], endpointAddresses: ['10.1.2.3'] },
  ],
  apiServerAddresses: [],
};

export const web: Endpoint = { kind: 'pod', namespace: 'shop', name: 'web' };
export const db: Endpoint = { kind: 'pod', namespace: 'shop', name: 'db' };
export const cache: Endpoint = { kind: 'pod', namespace: 'other', name: 'cache' };
export const agent: Endpoint = { kind: 'pod', namespace: 'other', name: 'agent' };
export const node = (name: string): Endpoint => ({ kind: 'node', name });
export const address = (ip: string): Endpoint => ({ kind: 'address', ip });
export const fqdn = (name: string): Endpoint => ({ kind: 'fqdn', name });
export const health: Endpoint = { kind: 'health' };

export const tcp = (from: Endpoint, to: Endpoint, port = 8080): Flow => ({ from, to, protocol: 'TCP', port });
export const udp = (from: Endpoint, to: Endpoint, port: number): Flow => ({ from, to, protocol: 'UDP', port });
export const ping = (from: Endpoint, to: Endpoint, icmpType?: number): Flow => ({ from, to, protocol: 'ICMP', ...(icmpType === undefined ? {} : { icmpType }) });

export function cnp(spec: object, namespace = 'shop', name = 'policy'): PolicyObject {
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name, namespace }, spec: { endpointSelector: {}, ...spec } };
}

export function ccnp(spec: object, name = 'clusterwide'): PolicyObject {
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy', metadata: { name }, spec: 'nodeSelector' in spec ? spec : { endpointSelector: {}, ...spec } };
}

export function knp(spec: object, namespace = 'shop', name = 'kubernetes'): PolicyObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec: { podSelector: {}, ...spec } };
}

export interface Question {
  readonly settings?: CiliumSettings;
  readonly world?: Partial<World>;
}

export function decide(policies: readonly PolicyObject[], flow: Flow, { settings = {}, world = {} }: Question = {}): Verdict {
  return createSimulator({ ...smallWorld, settings, ...world }, policies).decide(flow);
}

/** "open", or the end that closes it and why: "ingress default-deny", "egress denied-by". */
export function outcome(policies: readonly PolicyObject[], flow: Flow, question: Question = {}): string {
  const { allowed, egress, ingress } = decide(policies, flow, question);
  if (allowed) return 'open';
  return [egress.allowed ? '' : `egress ${egress.cause.kind}`, ingress.allowed ? '' : `ingress ${ingress.cause.kind}`].filter(Boolean).join(', ');
}
