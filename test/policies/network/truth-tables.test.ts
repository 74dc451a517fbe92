/** One table for each semantic that people get wrong (docs/policies/network.md), each verdict worked out by hand. */
import { describe, expect, test } from '@jest/globals';
import type { Flow, PolicyObject } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { address, agent, cache, ccnp, cnp, db, decide, fqdn, health, knp, node, outcome, ping, smallWorld, tcp, udp, web, type Question } from './small-world.ts';

type Row = readonly [what: string, policies: readonly PolicyObject[], flow: Flow, expected: string, question?: Question];

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows.map(([what, ...rest]) => [what, rest] as const))('%s', (_, [policies, flow, expected, question]) => {
      expect(outcome(policies, flow, question)).toBe(expected);
    });
  });
}

const fromWeb = { fromEndpoints: [{ matchLabels: { app: 'web' } }] };
const toPorts = (...ports: object[]) => ({ toPorts: [{ ports }] });

table('1. default deny, for each end and direction, as soon as a rule of that direction selects the end', [
  ['no policy', [], tcp(web, db), 'open'],
  ['an ingress rule closes ingress', [cnp({ ingress: [{ fromEntities: ['health'] }] })], tcp(web, db), 'ingress default-deny'],
  ['an ingress rule leaves egress open', [cnp({ ingress: [{ fromEntities: ['health'] }] })], tcp(web, cache), 'open'],
  ['an egress rule closes egress', [cnp({ egress: [{ toEntities: ['world'] }] })], tcp(web, cache), 'egress default-deny'],
  ['a rule about others closes nothing', [cnp({ endpointSelector: { matchLabels: { app: 'web' } }, ingress: [{}] })], tcp(web, db), 'open'],
  ['a deny rule alone closes everything else too', [cnp({ egressDeny: [{ toCIDR: ['169.254.169.254/32'] }] })], udp(web, cache, 53), 'egress default-deny'],
  ['the same with default deny switched off', [cnp({ enableDefaultDeny: { egress: false, ingress: false }, egressDeny: [{ toCIDR: ['169.254.169.254/32'] }] })], udp(web, cache, 53), 'open'],
  ['which still denies what it names', [cnp({ enableDefaultDeny: { egress: false, ingress: false }, egressDeny: [{ toCIDR: ['169.254.169.254/32'] }] })], tcp(web, address('169.254.169.254'), 80), 'egress denied-by'],
  ['one rule with default deny closes for all', [cnp({ enableDefaultDeny: { ingress: false }, ingress: [{ ...fromWeb }] }), cnp({ ingress: [{ fromEntities: ['health'] }] }, 'shop', 'second')], tcp(cache, db), 'ingress default-deny'],
  ['enableDefaultDeny is ignored where the agents do not know it', [cnp({ enableDefaultDeny: { ingress: false }, ingress: [{ fromEntities: ['health'] }] })], tcp(web, db), 'ingress default-deny', { settings: { nonDefaultDenyPolicies: false } }],
  ['policyEnforcementMode always closes without rules', [], tcp(web, db), 'egress default-deny, ingress default-deny', { settings: { enforcement: 'always' } }],
  ['policyEnforcementMode never opens', [cnp({ ingress: [{}] })], tcp(web, db), 'open', { settings: { enforcement: 'never' } }],
]);

table('2. the empty rule', [
  ['{} in a CiliumNetworkPolicy allows nothing', [cnp({ ingress: [{}] })], tcp(web, db), 'ingress default-deny'],
  ['{} in a NetworkPolicy allows everything', [knp({ ingress: [{}] })], tcp(cache, db), 'open'],
  ['no rule in a NetworkPolicy allows nothing', [knp({ policyTypes: ['Ingress'] })], tcp(web, db), 'ingress default-deny'],
  ['an empty peer selector is every pod of the namespace, not every pod', [cnp({ ingress: [{ fromEndpoints: [{}] }] })], tcp(cache, db), 'ingress default-deny'],
]);

table('3. the empty list', [
  ['ingress: [] alone is refused: everything stays open', [cnp({ ingress: [] })], tcp(web, db), 'open'],
  ['so is it with enableDefaultDeny', [cnp({ ingress: [], enableDefaultDeny: { ingress: true } })], tcp(web, db), 'open'],
  ['beside an egress rule it does nothing', [cnp({ ingress: [], egress: [{ toEntities: ['all'] }] })], tcp(cache, db), 'open'],
  ['a NetworkPolicy with ingress: [] closes', [knp({ ingress: [] })], tcp(web, db), 'ingress default-deny'],
]);

table('4. no peers, an empty list of peers', [
  ['an empty list of endpoints is nobody', [cnp({ ingress: [{ fromEndpoints: [], ...toPorts({ port: '8080' }) }] })], tcp(web, db), 'ingress default-deny'],
  ['an empty list of CIDRs is nobody', [cnp({ egress: [{ toCIDR: [], ...toPorts({ port: '8080' }) }] })], tcp(web, db), 'egress default-deny'],
  ['no peers but ports: anybody on these ports', [cnp({ ingress: [toPorts({ port: '8080' })] })], tcp(address('198.51.100.1'), db), 'open'],
  ['and nobody on others', [cnp({ ingress: [toPorts({ port: '8080' })] })], tcp(web, db, 9000), 'ingress default-deny'],
  ['an empty list of names is anybody', [cnp({ egress: [{ toFQDNs: [], ...toPorts({ port: '8080' }) }] })], tcp(web, cache), 'open'],
  ['an entry of toPorts without ports is no port', [cnp({ ingress: [{ ...fromWeb, toPorts: [{}] }] })], tcp(web, db), 'ingress default-deny'],
]);

table('5. union of allows, deny first', [
  ['two policies allow what each of them allows', [cnp({ ingress: [{ fromEntities: ['health'] }] }), cnp({ ingress: [fromWeb] }, 'shop', 'second')], tcp(web, db), 'open'],
  ['the kinds add up: NetworkPolicy opens what a CiliumNetworkPolicy leaves closed', [cnp({ ingress: [{}] }), knp({ ingress: [{ from: [{ podSelector: {} }] }] })], tcp(web, db), 'open'],
  ['and CiliumClusterwideNetworkPolicy', [knp({ policyTypes: ['Ingress'] }), ccnp({ ingress: [{ fromEntities: ['cluster'] }] })], tcp(cache, db), 'open'],
  ['deny goes before allow', [cnp({ ingress: [fromWeb] }), ccnp({ ingressDeny: [{ fromEntities: ['cluster'] }] })], tcp(web, db), 'ingress denied-by'],
  ['however much narrower the allow is', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '8080', protocol: 'TCP' }) }], ingressDeny: [{ fromEntities: ['all'] }] })], tcp(web, db), 'ingress denied-by'],
  ['deny of one port leaves the others', [cnp({ ingress: [fromWeb], ingressDeny: [{ ...fromWeb, ...toPorts({ port: '22', protocol: 'TCP' }) }] })], tcp(web, db), 'open'],
]);

table('6. namespaces of selectors', [
  ['a CiliumNetworkPolicy is about pods of its namespace', [cnp({ ingress: [{}] }, 'other')], tcp(web, db), 'open'],
  ['even where it names another', [cnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'other' } }, ingress: [{}] })], tcp(web, db), 'ingress default-deny'],
  ['named without its source, it selects nobody', [cnp({ endpointSelector: { matchLabels: { 'io.kubernetes.pod.namespace': 'other' } }, ingress: [{}] })], tcp(web, db), 'open'],
  ['peers are of its namespace', [cnp({ egress: [{ toEndpoints: [{ matchLabels: { app: 'db' } }] }] })], tcp(web, cache), 'egress default-deny'],
  ['unless they name one', [cnp({ egress: [{ toEndpoints: [{ matchLabels: { app: 'db', 'k8s:io.kubernetes.pod.namespace': 'other' } }] }] })], tcp(web, cache), 'open'],
  ['then not of its own any more', [cnp({ egress: [{ toEndpoints: [{ matchLabels: { app: 'db', 'k8s:io.kubernetes.pod.namespace': 'other' } }] }] })], tcp(web, db), 'egress default-deny'],
  ['or labels of namespaces', [cnp({ egress: [{ toEndpoints: [{ matchLabels: { 'io.cilium.k8s.namespace.labels.team': 'two' } }] }] })], tcp(web, cache), 'open'],
  ['labels of namespaces without the prefix are labels of pods', [cnp({ egress: [{ toEndpoints: [{ matchLabels: { team: 'two' } }] }] })], tcp(web, cache), 'egress default-deny'],
  ['in a clusterwide policy peers are of any namespace', [ccnp({ egress: [{ toEndpoints: [{ matchLabels: { app: 'db' } }] }] })], tcp(web, cache), 'open'],
  ['but pods they must be', [ccnp({ egress: [{ toEndpoints: [{}] }] })], tcp(web, node('n3')), 'egress default-deny'],
  ['a NetworkPolicy peer is of its namespace', [knp({ ingress: [{ from: [{ podSelector: {} }] }] })], tcp(cache, db), 'ingress default-deny'],
  ['with a namespaceSelector of those', [knp({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'two' } } }] }] })], tcp(cache, db), 'open'],
  ['kubernetes.io/metadata.name is a label of every namespace', [knp({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }] }] })], tcp(cache, db), 'open'],
]);

table('7. pods in the host network are the node', [
  ['as subject: pod selectors do not see them', [cnp({ endpointSelector: { matchLabels: { app: 'agent' } }, ingress: [{}] }, 'other')], tcp(web, agent), 'open'],
  ['as peer neither', [cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'agent', 'k8s:io.kubernetes.pod.namespace': 'other' } }] }] })], tcp(agent, db), 'ingress default-deny'],
  ['they are remote-node from another node', [cnp({ ingress: [{ fromEntities: ['remote-node'] }] })], tcp(agent, db), 'open'],
  ['and host on their own', [cnp({ ingress: [{ fromEntities: ['remote-node'] }] })], tcp(agent, web), 'open'],
  ['which only is open because the own node always is', [cnp({ ingress: [{ fromEntities: ['remote-node'] }] })], tcp(agent, web), 'ingress default-deny', { settings: { allowLocalhost: false } }],
]);

table('8. CIDRs are about what is outside', [
  ['an address outside', [cnp({ egress: [{ toCIDR: ['10.1.0.0/16'] }] })], tcp(web, address('10.1.2.3')), 'open'],
  ['and none beside it', [cnp({ egress: [{ toCIDR: ['10.1.0.0/16'] }] })], tcp(web, address('10.2.0.1')), 'egress default-deny'],
  ['except is cut out', [cnp({ egress: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] }] })], tcp(web, address('10.1.2.3')), 'egress default-deny'],
  ['another rule may put it back', [cnp({ egress: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] }, { toCIDR: ['10.1.2.3/32'] }] })], tcp(web, address('10.1.2.3')), 'open'],
  ['0.0.0.0/0 is not pods', [cnp({ egress: [{ toCIDR: ['0.0.0.0/0'] }] })], tcp(web, db), 'egress default-deny'],
  ['nor nodes', [cnp({ egress: [{ toCIDR: ['0.0.0.0/0'] }] })], tcp(web, node('n3')), 'egress default-deny'],
  ['policyCIDRMatchMode nodes: their addresses', [cnp({ egress: [{ toCIDR: ['192.168.0.0/24'] }] })], tcp(web, node('n3')), 'open', { settings: { cidrMatchMode: ['nodes'] } }],
  ['but not by 0.0.0.0/0', [cnp({ egress: [{ toCIDR: ['0.0.0.0/0'] }] })], tcp(web, node('n3')), 'egress default-deny', { settings: { cidrMatchMode: ['nodes'] } }],
  ['a group of CIDRs', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupRef: 'partners' }] }] }), group('partners', '10.1.0.0/16')], tcp(web, address('10.1.2.3')), 'open'],
  ['a group that is not there is nobody', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupRef: 'strangers' }] }] }), group('partners', '10.1.0.0/16')], tcp(web, address('10.1.2.3')), 'egress default-deny'],
  ['groups by labels', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: { matchLabels: { zone: 'near' } } }] }] }), group('partners', '10.1.0.0/16')], tcp(web, address('10.1.2.3')), 'open'],
  ['NotIn holds for every address in no group at all', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['far'] }] } }] }] })], tcp(web, address('198.51.100.1')), 'open'],
  ['an IPv6 address, with both families', [cnp({ egress: [{ toCIDR: ['2001:db8::/32'] }] })], tcp(web, address('2001:db8:0:1::7')), 'open', { settings: { ipv6: true } }],
  ['0.0.0.0/0 is not IPv6', [cnp({ egress: [{ toCIDR: ['0.0.0.0/0'] }] })], tcp(web, address('2001:db8::7')), 'egress default-deny', { settings: { ipv6: true } }],
]);

const outerApi: Question = { world: { apiServerAddresses: ['203.0.113.10'], nodes: smallWorld.nodes.map((n) => ({ ...n, isControlPlane: false })) } };
table('9. the API server', [
  ['is an entity', [cnp({ egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(web, { kind: 'apiServer' }, 6443), 'open'],
  ['which is the control plane node', [cnp({ egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(web, node('n1'), 6443), 'open'],
  ['with every port of it', [cnp({ egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(web, node('n1'), 22), 'open'],
  ['and no other node', [cnp({ egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(web, node('n3'), 6443), 'egress default-deny'],
  ['a CIDR with its node address does not match', [cnp({ egress: [{ toCIDR: ['192.168.0.1/32'] }] })], tcp(web, { kind: 'apiServer' }, 6443), 'egress default-deny'],
  ['remote-node includes it', [cnp({ egress: [{ toEntities: ['remote-node'] }] })], tcp(web, { kind: 'apiServer' }, 6443), 'open'],
  ['outside the cluster it is an entity too', [cnp({ egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(web, { kind: 'apiServer' }, 443), 'open', outerApi],
  ['and world', [cnp({ egress: [{ toEntities: ['world'] }] })], tcp(web, { kind: 'apiServer' }, 443), 'open', outerApi],
  ['and part of "cluster"', [cnp({ egress: [{ toEntities: ['cluster'] }] })], tcp(web, { kind: 'apiServer' }, 443), 'open', outerApi],
  ['and has its address', [cnp({ egress: [{ toCIDR: ['203.0.113.10/32'] }] })], tcp(web, { kind: 'apiServer' }, 443), 'open', outerApi],
  ['its calls come from the node', [cnp({ ingress: [{ fromEntities: ['kube-apiserver'] }] })], tcp(node('n1'), db), 'open'],
]);

table('10. ports are those of the pod', [
  ['the target port', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '5432', protocol: 'TCP' }) }] })], tcp(web, db, 5432), 'open'],
  ['not the port of the service', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '80', protocol: 'TCP' }) }] })], tcp(web, db, 5432), 'ingress default-deny'],
  ['a range', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '5000', endPort: 6000 }) }] })], tcp(web, db, 5432), 'open'],
  ['with its last port', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '5000', endPort: 5432 }) }] })], tcp(web, db, 5432), 'open'],
  ['a range that ends before it starts is its first port', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '5432', endPort: 5000 }) }] })], tcp(web, db, 5432), 'open'],
  ['port 0 is all', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '0', protocol: 'TCP' }) }] })], tcp(web, db, 5432), 'open'],
  ['of that protocol', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '0', protocol: 'TCP' }) }] })], udp(web, db, 5432), 'ingress default-deny'],
  ['a named port, at the receiver', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: 'sql', protocol: 'TCP' }) }] })], tcp(web, db, 5432), 'open'],
  ['a named port, at the sender: the number of each receiver', [cnp({ egress: [{ toEndpoints: [{}], ...toPorts({ port: 'http', protocol: 'TCP' }) }] })], tcp(web, db, 9000), 'open'],
  ['and not that of another', [cnp({ egress: [{ toEndpoints: [{}], ...toPorts({ port: 'http', protocol: 'TCP' }) }] })], tcp(web, db, 8080), 'egress default-deny'],
  ['a name in another protocol is none', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: 'sql', protocol: 'UDP' }) }] })], udp(web, db, 5432), 'ingress default-deny'],
  ['a leading zero makes it octal', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '010', protocol: 'TCP' }) }] })], tcp(web, db, 8), 'open'],
  ['NetworkPolicy: TCP where no protocol is named', [knp({ ingress: [{ ports: [{ port: 5432 }] }] })], udp(web, db, 5432), 'ingress default-deny'],
  ['CiliumNetworkPolicy: all three', [cnp({ ingress: [toPorts({ port: '5432' })] })], udp(web, db, 5432), 'open'],
]);

table('10b. ICMP', [
  ['rules with ports do not let a ping through', [cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '0' }) }] })], ping(web, db), 'ingress default-deny'],
  ['rules without ports do', [cnp({ ingress: [fromWeb] })], ping(web, db), 'open'],
  ['by type', [cnp({ ingress: [{ ...fromWeb, icmps: [{ fields: [{ type: 8 }] }] }] })], ping(web, db), 'open'],
  ['by name', [cnp({ ingress: [{ ...fromWeb, icmps: [{ fields: [{ type: 'EchoRequest' }] }] }] })], ping(web, db), 'open'],
  ['IPv6 is another protocol', [cnp({ ingress: [{ ...fromWeb, icmps: [{ fields: [{ family: 'IPv6', type: 128 }] }] }] })], ping(web, db), 'ingress default-deny'],
  ['type 0 is every type', [cnp({ ingress: [{ ...fromWeb, icmps: [{ fields: [{ type: 0 }] }] }] })], ping(web, db, 3), 'open'],
]);

const dnsProxy = { toEntities: ['cluster'], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }] };
table('11. names', [
  ['a name', [cnp({ egress: [dnsProxy, { toFQDNs: [{ matchName: 'example.com' }] }] })], tcp(web, fqdn('example.com'), 443), 'open'],
  ['another name', [cnp({ egress: [dnsProxy, { toFQDNs: [{ matchName: 'example.com' }] }] })], tcp(web, fqdn('example.org'), 443), 'egress default-deny'],
  ['*. is one label', [cnp({ egress: [{ toFQDNs: [{ matchPattern: '*.example.com' }] }] })], tcp(web, fqdn('a.example.com'), 443), 'open'],
  ['not two', [cnp({ egress: [{ toFQDNs: [{ matchPattern: '*.example.com' }] }] })], tcp(web, fqdn('a.b.example.com'), 443), 'egress default-deny'],
  ['**. is many', [cnp({ egress: [{ toFQDNs: [{ matchPattern: '**.example.com' }] }] })], tcp(web, fqdn('a.b.example.com'), 443), 'open'],
  ['* is all', [cnp({ egress: [{ toFQDNs: [{ matchPattern: '*' }] }] })], tcp(web, fqdn('a.b.example.com'), 443), 'open'],
  ['an address is no name', [cnp({ egress: [{ toFQDNs: [{ matchPattern: '*' }] }] })], tcp(web, address('198.51.100.1'), 443), 'egress default-deny'],
  ['world is every name', [cnp({ egress: [{ toEntities: ['world'] }] })], tcp(web, fqdn('example.com'), 443), 'open'],
]);

table('12. dropped labels', [
  ['a peer by one of them is nobody', [cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { 'pod-template-hash': 'abc' } }] }] })], tcp(web, db), 'ingress default-deny'],
  ['a subject by one of them is nobody', [cnp({ endpointSelector: { matchLabels: { 'pod-template-hash': 'abc' } }, egress: [{}] })], tcp(web, db), 'open'],
  ['DoesNotExist on one of them is everybody', [cnp({ ingress: [{ fromEndpoints: [{ matchExpressions: [{ key: 'pod-template-hash', operator: 'DoesNotExist' }] }] }] })], tcp(web, db), 'open'],
  ['the agents may be told to drop more', [cnp({ ingress: [fromWeb] })], tcp(web, db), 'ingress default-deny', { settings: { identityLabels: ['!app'] } }],
]);

table('13. the own node, health', [
  ['the kubelet of its node reaches a closed pod', [cnp({ ingress: [{}] })], tcp(node('n3'), db), 'open'],
  ['another node does not', [cnp({ ingress: [{}] })], tcp(node('n2'), db), 'ingress default-deny'],
  ['a deny rule closes for the own node too', [cnp({ ingressDeny: [{ fromEntities: ['host'] }] })], tcp(node('n3'), db), 'ingress denied-by'],
  ['with enforcement always and no rule even the own node is shut out', [], tcp(node('n3'), db), 'ingress default-deny', { settings: { enforcement: 'always' } }],
  ['a clusterwide {} is about the health endpoint as well', [ccnp({ ingress: [{}] })], tcp(node('n1'), health, 4240), 'ingress default-deny'],
  ['which needs its own rule', [ccnp({ ingress: [{}] }), ccnp({ ingress: [{ fromEntities: ['remote-node', 'health'] }], endpointSelector: { matchLabels: { 'reserved:health': '' } } }, 'health')], tcp(node('n1'), health, 4240), 'open'],
  ['a pod with a label "init" is taken for one without identity', [], tcp(web, db), 'ingress default-deny', { world: { pods: smallWorld.pods.map((p) => (p.name === 'db' ? { ...p, labels: { ...p.labels, init: '' } } : p)) } }],
]);

const firewall: Question = { settings: { hostFirewall: true } };
table('14. host policies', [
  ['do nothing without the host firewall', [ccnp({ nodeSelector: {}, ingress: [{}] })], tcp(web, node('n3'), 22), 'open'],
  ['close the node with it', [ccnp({ nodeSelector: {}, ingress: [{}] })], tcp(web, node('n3'), 22), 'ingress default-deny', firewall],
  ['and pods in its network', [ccnp({ nodeSelector: {}, ingress: [{}] })], tcp(db, agent, 9100), 'ingress default-deny', firewall],
  ['by labels of the node', [ccnp({ nodeSelector: { matchLabels: { role: 'worker' } }, ingress: [{}] })], tcp(web, node('n1'), 22), 'open', firewall],
  ['but kubernetes.io/hostname is a dropped label', [ccnp({ nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n3' } }, ingress: [{}] })], tcp(web, node('n3'), 22), 'open', firewall],
  ['node-role.kubernetes.io is not', [ccnp({ nodeSelector: { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }, ingress: [{}] })], tcp(web, node('n1'), 22), 'ingress default-deny', firewall],
  ['policies about pods never close a node', [ccnp({ ingress: [{}] })], tcp(web, node('n3'), 22), 'open', firewall],
  ['policies about nodes never close a pod', [ccnp({ nodeSelector: {}, ingress: [{}] })], tcp(web, db), 'open', firewall],
  ['between nodes both ends are asked', [ccnp({ nodeSelector: { matchLabels: { role: 'worker' } }, egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(node('n2'), node('n3'), 10250), 'egress default-deny', firewall],
  ['egress of a node', [ccnp({ nodeSelector: {}, egress: [{ toEntities: ['kube-apiserver'] }] })], tcp(node('n2'), node('n1'), 6443), 'open', firewall],
  ['fromNodes needs its setting, else the policy is refused', [cnp({ ingress: [{ fromNodes: [{}] }] })], tcp(cache, db), 'open'],
  ['with it: other nodes', [cnp({ ingress: [{ fromNodes: [{ matchLabels: { role: 'worker' } }] }] })], tcp(node('n2'), db), 'open', { settings: { nodeSelectorLabels: true } }],
  ['never the own one', [cnp({ ingress: [{ fromNodes: [{ matchLabels: { role: 'worker' } }] }] })], tcp(node('n3'), db), 'ingress default-deny', { settings: { nodeSelectorLabels: true, allowLocalhost: false } }],
]);

table('15. toServices', [
  ['the pods that the service selects', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'db', namespace: 'shop' } }] }] })], tcp(web, db, 5432), 'open'],
  ['in its namespace only', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'db' } }] }] })], tcp(web, cache, 5432), 'egress default-deny'],
  ['by labels of the service', [cnp({ egress: [{ toServices: [{ k8sServiceSelector: { selector: { matchLabels: { kind: 'store' } } } }] }] })], tcp(web, db, 5432), 'open'],
  ['the addresses of a service without selector', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'legacy' } }] }] })], tcp(web, address('10.1.2.3'), 5432), 'open'],
  ['ports are those of the pods', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'db' } }], ...toPorts({ port: '80', protocol: 'TCP' }) }] })], tcp(web, db, 5432), 'egress default-deny'],
  ['no such service: nobody', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'absent' } }] }] })], tcp(web, db, 5432), 'egress default-deny'],
  ['but with ports: everybody', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'absent' } }], ...toPorts({ port: '5432', protocol: 'TCP' }) }] })], tcp(web, cache, 5432), 'open'],
]);

table('entities', [
  ['all', [cnp({ egress: [{ toEntities: ['all'] }] })], tcp(web, cache), 'open'],
  ['world is not pods', [cnp({ egress: [{ toEntities: ['world'] }] })], tcp(web, cache), 'egress default-deny'],
  ['cluster is pods of all namespaces', [cnp({ egress: [{ toEntities: ['cluster'] }] })], tcp(web, cache), 'open'],
  ['and nodes', [cnp({ egress: [{ toEntities: ['cluster'] }] })], tcp(web, node('n2')), 'open'],
  ['and not the world', [cnp({ egress: [{ toEntities: ['cluster'] }] })], tcp(web, address('198.51.100.1')), 'egress default-deny'],
  ['host is the own node', [cnp({ egress: [{ toEntities: ['host'] }] })], tcp(web, node('n2')), 'open'],
  ['not another', [cnp({ egress: [{ toEntities: ['host'] }] })], tcp(web, node('n3')), 'egress default-deny'],
  ['unmanaged', [cnp({ ingress: [{ fromEntities: ['unmanaged'] }] })], tcp({ kind: 'unmanaged' }, db), 'open'],
  ['ingress', [cnp({ ingress: [{ fromEntities: ['ingress'] }] })], tcp({ kind: 'ingress' }, db), 'open'],
  ['none', [cnp({ ingress: [{ fromEntities: ['none'] }] })], tcp(web, db), 'ingress default-deny'],
]);

describe('causes', () => {
  test('name every rule that allows, in the order of the policies', () => {
    const { ingress } = decide([cnp({ ingress: [{}, fromWeb], description: 'shop' }), ccnp({ ingress: [{ fromEntities: ['cluster'] }] })], tcp(web, db));
    expect(ingress.cause).toEqual({
      kind: 'allowed-by',
      rules: [
        { policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'policy' }, path: 'spec.ingress[1]', description: 'shop' },
        { policy: { kind: 'CiliumClusterwideNetworkPolicy', name: 'clusterwide' }, path: 'spec.ingress[0]' },
      ],
    });
  });

  test('name the rules that turned default deny on', () => {
    const { ingress } = decide([cnp({ ingress: [{}] }), knp({ policyTypes: ['Ingress'] })], tcp(web, db));
    expect(ingress.cause).toMatchObject({ kind: 'default-deny', by: [{ path: 'spec.ingress[0]' }, { policy: { kind: 'NetworkPolicy' }, path: 'spec.policyTypes' }] });
  });

  test('name the rule that misses only the port', () => {
    const { ingress } = decide([cnp({ ingress: [{ ...fromWeb, ...toPorts({ port: '80', protocol: 'TCP' }, { port: 'metrics', protocol: 'TCP' }) }, toPorts({ port: '22' })] })], tcp(web, db, 5432));
    expect(ingress.cause).toMatchObject({ kind: 'default-deny', why: 'CiliumNetworkPolicy shop/policy spec.ingress[0] names this peer, but only TCP 80, TCP metrics' });
  });

  test('say where nothing is filtered', () => {
    const { egress, ingress } = decide([], tcp(address('198.51.100.1'), node('n1'), 6443));
    expect([egress.cause.kind, ingress.cause.kind]).toEqual(['not-enforced', 'not-enforced']);
  });

  test('say what is left open: proxies, names that are never learnt', () => {
    expect(decide([cnp({ egress: [dnsProxy] })], udp(web, cache, 53)).undecided?.join()).toMatch(/proxy \(dns\)/);
    expect(decide([cnp({ egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] })], tcp(web, fqdn('example.com'), 443)).undecided?.join()).toMatch(/never learnt/);
    expect(decide([cnp({ egress: [dnsProxy, { toFQDNs: [{ matchName: 'example.com' }] }] })], tcp(web, fqdn('example.com'), 443)).undecided?.join()).not.toMatch(/never learnt/);
  });
});

describe('wrong questions', () => {
  const simulator = createSimulator(smallWorld, []);
  test.each<[string, Flow, RegExp]>([
    ['an unknown pod', tcp({ kind: 'pod', namespace: 'shop', name: 'wbe' }, db), /shop has web, db/],
    ['an unknown node', tcp(web, node('n9')), /n1, n2, n3/],
    ['a service address', tcp(web, address('10.96.0.10')), /service shop\/db/],
    ['no port', { from: web, to: db, protocol: 'TCP' }, /needs a port/],
    ['a port for ICMP', { from: web, to: db, protocol: 'ICMP', port: 8 }, /icmpType/],
    ['a name that sends', tcp(fqdn('example.com'), db), /not come from/],
    ['no address', tcp(web, address('10.0.0')), /not an IP address/],
  ])('%s', (_, flow, message) => expect(() => simulator.decide(flow)).toThrow(message));
});

function group(name: string, ...externalCIDRs: string[]): PolicyObject {
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumCIDRGroup', metadata: { name, labels: { zone: 'near' } }, spec: { externalCIDRs } };
}
