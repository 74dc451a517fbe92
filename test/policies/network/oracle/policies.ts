/** Policies of all kinds over the vocabulary of worlds.ts, so that selectors, CIDRs and ports often meet what is there. */
import type { PolicyObject } from '../../../../policies/network/model.ts';
import type { Chance } from './random.ts';
import { dnsNames, namespaces, portNames } from './worlds.ts';

type Fields = Record<string, unknown>;

const cidrs = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3/32', '198.51.100.0/24', '203.0.113.10/32', '0.0.0.0/0', '::/0', '2001:db8::/32', '192.168.0.0/24', '172.16.0.0/16', '192.168.0.2/32', '169.254.169.254/32'];
const entities = ['all', 'world', 'cluster', 'cluster-mesh', 'host', 'remote-node', 'kube-apiserver', 'health', 'init', 'ingress', 'unmanaged', 'none'];
const groupNames = ['partners', 'offices', 'nobody'];

export function makePolicies(chance: Chance): PolicyObject[] {
  const kinds: ((name: string) => Fields)[] = [];
  const count = 1 + chance.below(5);
  for (let i = 0; i < count; i++) kinds.push(chance.weighted<(name: string) => Fields>([[5, () => (name) => ciliumPolicy(chance, name)], [3, () => (name) => clusterwidePolicy(chance, name)], [3, () => (name) => networkPolicy(chance, name)]]));
  const policies = kinds.map((make, i) => make(`policy-${i}`));
  const groups = groupNames.slice(0, 2).filter(() => chance.is(0.5)).map((name) => ({
    apiVersion: 'cilium.io/v2', kind: 'CiliumCIDRGroup',
    metadata: { name, labels: { zone: chance.one(['near', 'far']) } },
    spec: { externalCIDRs: chance.some(cidrs.filter((c) => !c.endsWith('/0')), 1, 3) },
  }));
  return [...policies, ...groups];
}

function ciliumPolicy(chance: Chance, name: string): Fields {
  const specs = { spec: spec(chance, { endpointSelector: subject(chance) }), ...(chance.is(0.1) ? { specs: [spec(chance, { endpointSelector: subject(chance) })] } : {}) };
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name, namespace: chance.one(namespaces) }, ...specs };
}

function clusterwidePolicy(chance: Chance, name: string): Fields {
  const about = chance.is(0.45)
    ? { nodeSelector: chance.weighted<Fields>([[3, () => ({})], [2, () => ({ matchLabels: { role: chance.one(['worker', 'gateway']) } })], [1, () => ({ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: chance.one(['Exists', 'DoesNotExist']) }] })], [1, () => ({ matchLabels: { 'kubernetes.io/hostname': 'n2' } })]]) }
    : { endpointSelector: chance.is(0.15) ? { matchExpressions: [{ key: chance.one(['reserved:health', 'reserved:init', 'reserved:ingress']), operator: chance.one(['Exists', 'DoesNotExist']) }] } : subject(chance) };
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy', metadata: { name }, spec: spec(chance, about) };
}

function spec(chance: Chance, about: Fields): Fields {
  const isHost = 'nodeSelector' in about;
  const lists = chance.some(['ingress', 'egress', 'ingressDeny', 'egressDeny'], 1, 3);
  const body = Object.fromEntries(lists.map((list) => [list, Array.from({ length: chance.is(0.04) ? 0 : 1 + chance.below(2) }, () => entry(chance, list, isHost))]));
  return { ...about, ...body, ...(chance.is(0.25) ? { enableDefaultDeny: Object.fromEntries(chance.some(['ingress', 'egress'], 1, 2).map((d) => [d, chance.is(0.3)])) } : {}) };
}

function subject(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [4, () => ({})],
    [5, () => podSelector(chance)],
    [1, () => ({ matchLabels: { [chance.one(['pod-template-hash', 'statefulset.kubernetes.io/pod-name', 'topology.kubernetes.io/zone'])]: '7d9f' } })],
    [0.5, () => ({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': chance.one(namespaces) } })],
    [0.5, () => ({ matchLabels: { 'io.kubernetes.pod.namespace': chance.one(namespaces) } })],
    [0.5, () => ({ matchLabels: { 'io.cilium.k8s.policy.serviceaccount': chance.one(['default', 'robot']) } })],
  ]);
}

function podSelector(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [6, () => ({ matchLabels: { app: chance.one(['web', 'db', 'dns']) } })],
    [1, () => ({ matchLabels: { 'k8s:app': chance.one(['web', 'db']) } })],
    [2, () => ({ matchLabels: { tier: chance.one(['front', 'back']) } })],
    [1, () => ({ matchLabels: { 'app.kubernetes.io/name': chance.one(['web', 'db']) } })],
    [2, () => ({ matchExpressions: [{ key: 'tier', operator: chance.one(['Exists', 'DoesNotExist']) }] })],
    [2, () => ({ matchExpressions: [{ key: 'app', operator: chance.one(['In', 'NotIn']), values: chance.some(['web', 'db', 'dns'], 1, 2) }] })],
    [0.2, () => ({ matchExpressions: [{ key: 'app', operator: 'In' }] })],
  ]);
}

/** A peer selector, with or without its namespace. */
function peerSelector(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [3, () => ({})],
    [5, () => podSelector(chance)],
    [2, () => ({ matchLabels: { ...labels(podSelector(chance)), [chance.one(['k8s:io.kubernetes.pod.namespace', 'io.kubernetes.pod.namespace'])]: chance.one(namespaces) } })],
    [2, () => ({ matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: chance.one(['Exists', 'In', 'NotIn']) }].map((e) => (e.operator === 'Exists' ? e : { ...e, values: chance.some(namespaces, 1, 2) })) })],
    [2, () => ({ matchLabels: { [`${chance.one(['k8s:', ''])}io.cilium.k8s.namespace.labels.team`]: chance.one(['one', 'two']) } })],
    [1, () => ({ matchExpressions: [{ key: 'io.cilium.k8s.namespace.labels.env', operator: 'Exists' }] })],
    [1, () => ({ matchLabels: { [chance.one(['reserved:host', 'reserved:remote-node', 'reserved:kube-apiserver', 'reserved:world', 'reserved:health'])]: '' } })],
    [0.5, () => ({ matchLabels: { 'io.cilium.k8s.policy.cluster': chance.one(['default', 'edge']) } })],
    [0.5, () => ({ matchLabels: { team: 'one' } })],
    [0.5, () => ({ matchLabels: { 'pod-template-hash': '7d9f' } })],
  ]);
}

function labels(selector: Fields): Fields {
  return (selector['matchLabels'] as Fields | undefined) ?? {};
}

function entry(chance: Chance, list: string, isHost: boolean): Fields {
  const isDeny = list.endsWith('Deny');
  const isIngress = list.startsWith('ingress');
  const prefix = isIngress ? 'from' : 'to';
  const many = <T>(make: () => T, empty = 0.07): T[] => Array.from({ length: chance.is(empty) ? 0 : 1 + chance.below(2) }, make);
  const peers = chance.weighted<Fields>([
    [3, () => ({})],
    [7, () => ({ [`${prefix}Endpoints`]: many(() => peerSelector(chance)) })],
    [5, () => ({ [`${prefix}Entities`]: many(() => chance.one(entities)) })],
    [2, () => ({ [`${prefix}CIDR`]: many(() => chance.one(cidrs)) })],
    [4, () => ({ [`${prefix}CIDRSet`]: many(() => cidrRule(chance)) })],
    [1.5, () => ({ [`${prefix}Nodes`]: many(() => (chance.is(0.5) ? {} : { matchLabels: { role: chance.one(['worker', 'gateway']) } })) })],
    [isIngress ? 0 : 2.5, () => ({ toServices: many(() => serviceReference(chance), 0.2) })],
    [isIngress || isDeny ? 0 : 5, () => ({ toFQDNs: many(() => dnsName(chance), 0.15) })],
    [0.15, () => ({ [`${prefix}Endpoints`]: [{}], [`${prefix}Entities`]: ['world'] })],
  ]);
  const filter = chance.weighted<Fields>([
    [4, () => ({})],
    [8, () => ({ toPorts: many(() => ports(chance, { isDeny, isIngress, isHost })) })],
    [2, () => ({ icmps: many(() => ({ fields: many(() => icmpField(chance)) })) })],
    [0.1, () => ({ toPorts: [{ ports: [{ port: '80' }] }], icmps: [{ fields: [{ type: 8 }] }] })],
  ]);
  return { ...peers, ...filter, ...(!isDeny && chance.is(0.02) ? { authentication: { mode: 'required' } } : {}) };
}

function cidrRule(chance: Chance): Fields {
  const except = chance.is(0.5) ? { except: chance.some(['10.1.0.0/16', '10.1.2.0/24', '10.1.2.3/32', '169.254.169.254/32'], 1, 2) } : {};
  return chance.weighted<Fields>([
    [4, () => ({ cidr: chance.one(['10.0.0.0/8', '0.0.0.0/0', '10.0.0.0/9']), ...except })],
    [3, () => ({ cidr: chance.one(cidrs) })],
    [2, () => ({ cidrGroupRef: chance.one(groupNames), ...except })],
    [2, () => ({ cidrGroupSelector: chance.one([{}, { matchLabels: { zone: 'near' } }, { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['near'] }] }, { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }]), ...(chance.is(0.2) ? except : {}) })],
    [0.2, () => ({ cidr: '198.51.100.0/24', except: ['10.0.0.0/8'] })],
  ]);
}

function serviceReference(chance: Chance): Fields {
  return chance.is(0.6)
    ? { k8sService: { serviceName: chance.one(['web', 'db', 'dns', 'legacy', 'absent']), ...(chance.is(0.5) ? { namespace: chance.one(namespaces) } : {}) } }
    : { k8sServiceSelector: { selector: { matchLabels: { kind: chance.one(['inner', 'outer']) } }, ...(chance.is(0.4) ? { namespace: chance.one(namespaces) } : {}) } };
}

function dnsName(chance: Chance): Fields {
  return chance.is(0.4) ? { matchName: chance.one(dnsNames) } : { matchPattern: chance.one(['*', '*.example.com', '**.example.com', '*example.com', 'sub*.com', '*.*.example.com', '**']) };
}

function ports(chance: Chance, place: { readonly isDeny: boolean; readonly isIngress: boolean; readonly isHost: boolean }): Fields {
  if (!place.isDeny && !place.isIngress && chance.is(0.1)) return { ports: [{ port: '53', protocol: chance.one(['UDP', 'ANY', 'TCP']) }], rules: { dns: [{ matchPattern: '*' }] } };
  if (!place.isDeny && chance.is(0.05)) return { ports: [{ port: '8080', protocol: chance.one(['TCP', 'TCP', 'TCP', 'ANY']) }], rules: { http: [{ method: 'GET' }] } };
  return { ports: Array.from({ length: chance.is(0.04) ? 0 : 1 + chance.below(2) }, () => port(chance)) };
}

function port(chance: Chance): Fields {
  const protocol = chance.is(0.25) ? {} : { protocol: chance.one(['TCP', 'TCP', 'UDP', 'SCTP', 'ANY']) };
  return chance.weighted<Fields>([
    [6, () => ({ port: chance.one(['80', '8080', '53', '9100', '443']), ...protocol })],
    [3, () => ({ port: chance.one(portNames), ...protocol })],
    [3, () => ({ port: chance.one(['1', '80', '8000', '8080', '9100']), endPort: chance.one([79, 100, 8079, 8080, 9100, 65535]), ...protocol })],
    [1, () => ({ port: '0', ...protocol })],
    [0.2, () => ({ port: chance.one(['0120', 'HTTP', '70000', '', 'a-very-long-port-name']), ...protocol })],
  ]);
}

function icmpField(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [4, () => ({ type: chance.one([8, 'EchoRequest', 3, 0, 'EchoReply']), ...(chance.is(0.3) ? { family: 'IPv4' } : {}) })],
    [2, () => ({ family: 'IPv6', type: chance.one([128, 'EchoRequest', 129]) })],
  ]);
}

export function networkPolicy(chance: Chance, name: string): Fields {
  const list = (field: string): Fields[] => Array.from({ length: 1 + chance.below(2) }, () => ({ ...kubernetesPeers(chance, field), ...kubernetesPorts(chance) }));
  const body = { ...(chance.is(0.6) ? { ingress: list('from') } : chance.is(0.2) ? { ingress: [] } : {}), ...(chance.is(0.5) ? { egress: list('to') } : {}) };
  const types = chance.weighted<Fields>([[4, () => ({})], [2, () => ({ policyTypes: ['Ingress', 'Egress'] })], [1, () => ({ policyTypes: ['Ingress'] })], [1, () => ({ policyTypes: ['Egress'] })]]);
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: chance.one(namespaces) }, spec: { podSelector: chance.is(0.4) ? {} : kubernetesSelector(chance), ...body, ...types } };
}

function kubernetesPeers(chance: Chance, field: string): Fields {
  if (chance.is(0.45)) return chance.is(0.5) ? {} : { [field]: [] };
  const peer = () => chance.weighted<Fields>([
    [4, () => ({ podSelector: chance.is(0.3) ? {} : kubernetesSelector(chance) })],
    [3, () => ({ namespaceSelector: chance.is(0.4) ? {} : { matchLabels: { team: chance.one(['one', 'two']) } } })],
    [2, () => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': chance.one(namespaces) } }, podSelector: kubernetesSelector(chance) })],
    [2, () => ({ ipBlock: { cidr: chance.one(cidrs.filter((c) => !c.includes(':'))) } })],
    [1, () => ({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } })],
  ]);
  return { [field]: Array.from({ length: 1 + chance.below(2) }, peer) };
}

/** Without the sources that only Cilium's own kinds know. */
function kubernetesSelector(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [4, () => ({ matchLabels: { app: chance.one(['web', 'db', 'dns']) } })],
    [2, () => ({ matchExpressions: [{ key: 'tier', operator: chance.one(['Exists', 'DoesNotExist']) }] })],
    [1, () => ({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] })],
    [0.5, () => ({ matchLabels: { 'pod-template-hash': '7d9f' } })],
  ]);
}

function kubernetesPorts(chance: Chance): Fields {
  return chance.weighted<Fields>([
    [4, () => ({})],
    [3, () => ({ ports: [{ port: chance.one([80, 8080, 53, 9100]), ...(chance.is(0.5) ? { protocol: chance.one(['TCP', 'UDP', 'SCTP']) } : {}) }] })],
    [2, () => ({ ports: [{ port: chance.one(portNames), ...(chance.is(0.3) ? { protocol: chance.one(['TCP', 'UDP']) } : {}) }] })],
    [2, () => ({ ports: [{ port: chance.one([1, 80, 8000]), endPort: chance.one([8000, 8080, 9100]) }] })],
    [1, () => ({ ports: [{ protocol: chance.one(['TCP', 'UDP']) }] })],
  ]);
}
