/** Small worlds full of what policies are about: namespaces with labels, pods that share few labels, nodes, services, odd settings. */
import type { CiliumSettings, ContainerPort, Labels, Node, Pod, Service, World } from '../../../../policies/network/model.ts';
import type { Chance } from './random.ts';

export const namespaces = ['red', 'blue', 'kube-system'] as const;
export const portNames = ['http', 'metrics', 'dns'] as const;
export const outsideAddresses = ['10.1.2.3', '10.1.9.9', '10.200.0.7', '198.51.100.4', '203.0.113.10', '169.254.169.254', '2001:db8::5', '2001:db8:1::1'] as const;
export const dnsNames = ['example.com', 'api.example.com', 'a.b.example.com', 'example.org', 'sub-example.com'] as const;
export const nodeNames = ['n1', 'n2', 'n3'] as const;

/** Labels that exist only to be dropped by Cilium's filter, beside one that is kept. */
const filteredLabels: readonly Labels[] = [{ 'pod-template-hash': '7d9f' }, { 'statefulset.kubernetes.io/pod-name': 'p-0' }, { 'topology.kubernetes.io/zone': 'z1' }, { 'controller-revision-hash': 'x' }];

export function makeWorld(chance: Chance): World {
  const nodes = nodeNames.map((name, i): Node => ({
    name,
    labels: { 'kubernetes.io/hostname': name, role: chance.one(['worker', 'gateway']), ...(i === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : {}) },
    addresses: [`192.168.0.${i + 1}`],
    isControlPlane: i === 0,
  }));
  return {
    namespaces: namespaces.map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name, team: chance.one(['one', 'two']), ...(chance.is(0.3) ? { env: 'prod' } : {}) } })),
    nodes,
    pods: Array.from({ length: 4 + chance.below(4) }, (_, i) => makePod(chance, i)),
    services: makeServices(chance),
    clusterName: chance.is(0.9) ? 'default' : 'edge',
    apiServerAddresses: chance.is(0.4) ? ['203.0.113.10'] : [],
    settings: makeSettings(chance),
  };
}

function makePod(chance: Chance, i: number): Pod {
  return {
    namespace: chance.one(namespaces),
    name: `p${i}`,
    labels: {
      app: chance.one(['web', 'db', 'dns']),
      ...(chance.is(0.5) ? { tier: chance.one(['front', 'back']) } : {}),
      ...(chance.is(0.4) ? { 'app.kubernetes.io/name': chance.one(['web', 'db']) } : {}),
      ...(chance.is(0.3) ? chance.one(filteredLabels) : {}),
      ...(chance.is(0.02) ? { init: 'yes' } : {}),
    },
    ...(chance.is(0.3) ? { serviceAccount: chance.one(['default', 'robot']) } : {}),
    ...(chance.is(0.9) ? { node: chance.one(nodeNames) } : {}),
    hostNetwork: chance.is(0.12),
    addresses: [`172.16.0.${i + 1}`],
    ports: makePorts(chance),
  };
}

function makePorts(chance: Chance): ContainerPort[] {
  return chance.some(portNames, 0, 3).map((name) => ({ name, port: chance.one([80, 8080, 9100, 53]), protocol: name === 'dns' ? 'UDP' : 'TCP' }));
}

function makeServices(chance: Chance): Service[] {
  return chance.some(['web', 'db', 'dns', 'legacy'], 1, 4).map((name): Service => ({
    namespace: chance.one(namespaces),
    name,
    labels: { kind: chance.one(['inner', 'outer']) },
    ...(name === 'legacy' ? { endpointAddresses: chance.some(outsideAddresses.slice(0, 5), 1, 2) } : { selector: { app: name } }),
    type: 'ClusterIP',
    clusterIps: [`10.96.0.${name.length}`],
    ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
  }));
}

function makeSettings(chance: Chance): CiliumSettings {
  return {
    hostFirewall: chance.is(0.6),
    ...(chance.is(0.2) ? { cidrMatchMode: ['nodes'] } : {}),
    ...(chance.is(0.06) ? { enforcement: 'always' } : chance.is(0.02) ? { enforcement: 'never' } : {}),
    nodeSelectorLabels: chance.is(0.5),
    ...(chance.is(0.1) ? { allowLocalhost: false } : {}),
    ...(chance.is(0.05) ? { nonDefaultDenyPolicies: false } : {}),
    ipv6: chance.is(0.3),
    ...(chance.is(0.08) ? { identityLabels: [chance.one(['!tier', '!app$', String.raw`k8s:app|io\.|reserved`])] } : {}),
  };
}
