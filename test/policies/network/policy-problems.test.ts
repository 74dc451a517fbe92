/** What is wrong with policies is found, with its place, and does not stop the others. */
import { describe, expect, test } from '@jest/globals';
import type { CiliumSettings, PolicyObject } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { ccnp, cnp, db, knp, smallWorld, tcp, web } from './small-world.ts';

function problems(policy: PolicyObject, settings: CiliumSettings = {}): string[] {
  return createSimulator({ ...smallWorld, settings }, [policy]).problems.map((p) => `${p.kind} ${p.path}: ${p.message}`);
}

const allow = { fromEntities: ['cluster'] };

describe('refused by the CRD', () => {
  test.each<[string, PolicyObject, RegExp]>([
    ['a port that is a number', cnp({ ingress: [{ toPorts: [{ ports: [{ port: 8080 }] }] }] }), /spec\.ingress\[0\]\.toPorts\[0\]\.ports\[0\]\.port: .*write "8080"/],
    ['an entity that does not exist', cnp({ ingress: [{ fromEntities: ['kubelet'] }] }), /spec\.ingress\[0\]\.fromEntities\[0\]/],
    ['an address without prefix length', cnp({ egress: [{ toCIDR: ['10.0.0.1'] }] }), /spec\.egress\[0\]\.toCIDR\[0\]: .*prefix length/],
    ['no selector', { ...(cnp({ ingress: [allow] }) as object), spec: { ingress: [allow] } }, /spec: needs exactly one of endpointSelector, nodeSelector/],
    ['two selectors', ccnp({ endpointSelector: {}, nodeSelector: {}, ingress: [allow] }), /exactly one of/],
    ['fromRequires, which is gone', cnp({ ingress: [{ fromRequires: [{}] }] }), /fromRequires/],
    ['no name', { kind: 'CiliumNetworkPolicy', metadata: {}, spec: { endpointSelector: {}, ingress: [allow] } }, /metadata\.name/],
    ['a kind of its own', { kind: 'FirewallRule', metadata: { name: 'x' } }, /kind: "FirewallRule" is none of/],
    ['nothing at all', null, /kind/],
  ])('%s', (_, policy, expected) => expect(problems(policy).join('\n')).toMatch(expected));
});

describe('refused by Cilium, silently', () => {
  test.each<[string, PolicyObject, RegExp]>([
    ['no entry at all', cnp({ ingress: [], egress: [] }), /refused spec: has no entry .*"ingress: \[\{\}\]"/],
    ['two ways to name peers', cnp({ ingress: [{ fromEndpoints: [{}], fromEntities: ['host'] }] }), /spec\.ingress\[0\]: has fromEndpoints and fromEntities.*make it 2 entries/],
    ['ports beside ICMP', cnp({ ingress: [{ icmps: [{ fields: [{ type: 8 }] }], toPorts: [{ ports: [{ port: '80' }] }] }] }), /two entries/],
    ['a nodeSelector in a namespaced policy', { ...(cnp({}) as object), spec: { nodeSelector: {}, ingress: [allow] } }, /CiliumClusterwideNetworkPolicy only/],
    ['fromNodes', cnp({ ingress: [{ fromNodes: [{}] }] }), /fromNodes: needs nodeSelectorLabels/],
    ['DNS rules on ingress', cnp({ ingress: [{ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] }] }), /DNS rules are for egress/],
    ['HTTP rules over any protocol', cnp({ ingress: [{ toPorts: [{ ports: [{ port: '80' }], rules: { http: [{}] } }] }] }), /need protocol TCP, not any/],
    ['HTTP rules in a host policy', ccnp({ nodeSelector: {}, egress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{}] } }] }] }), /host policies have no HTTP rules/],
    ['a range of DNS ports', cnp({ egress: [{ toPorts: [{ ports: [{ port: '53', endPort: 54 }], rules: { dns: [{ matchPattern: '*' }] } }] }] }), /port ranges/],
    ['a port name of sixteen letters', cnp({ ingress: [{ toPorts: [{ ports: [{ port: 'webhook-server-x' }] }] }] }), /neither a port/],
    ['a port that does not exist', cnp({ ingress: [{ toPorts: [{ ports: [{ port: '70000' }] }] }] }), /neither a port/],
    ['an except outside its CIDR', cnp({ egress: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] }] }] }), /except\[0\]: 11\.0\.0\.0\/8 is not inside/],
    ['In without values', cnp({ ingress: [{ fromEndpoints: [{ matchExpressions: [{ key: 'app', operator: 'In' }] }] }] }), /In needs values/],
    ['a key that is none', cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { 'a/b/c': 'x' } }] }] }), /not a label key/],
    ['an ICMP type of the other family', cnp({ ingress: [{ icmps: [{ fields: [{ type: 'PacketTooBig' }] }] }] }), /IPv4 has no ICMP type/],
  ])('%s', (_, policy, expected) => expect(problems(policy).join('\n')).toMatch(expected));

  test('with the setting, fromNodes is fine', () => expect(problems(cnp({ ingress: [{ fromNodes: [{}] }] }), { nodeSelectorLabels: true })).toEqual([]));
});

describe('refused by the API server', () => {
  test.each<[string, PolicyObject, RegExp]>([
    ['an ipBlock beside selectors', knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }] }), /spec\.ingress\[0\]\.from\[0\]/],
    ['an endPort below its port', knp({ ingress: [{ ports: [{ port: 80, endPort: 79 }] }] }), /endPort/],
    ['a port in quotes', knp({ ingress: [{ ports: [{ port: '80' }] }] }), /port name/],
  ])('%s', (_, policy, expected) => expect(problems(policy).join('\n')).toMatch(expected));
});

describe('without effect, or not known', () => {
  test('a field that does not exist is named and left out', () => {
    expect(problems(cnp({ ingress: [{ fromEndpoint: [{}], ...allow }] }))).toEqual(['inert spec.ingress[0].fromEndpoint: no such field: the API server drops it']);
  });

  test('a namespace that is not the policy\'s own', () => {
    expect(problems(cnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'other' } }, ingress: [allow] })).join()).toMatch(/inert spec\.endpointSelector: names namespace other/);
  });

  test('toServices without a service', () => {
    expect(problems(cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'absent' } }] }] })).join()).toMatch(/inert spec\.egress\[0\]\.toServices\[0\]: no service/);
  });

  test('toServices in a deny rule', () => {
    expect(problems(cnp({ egressDeny: [{ toServices: [{ k8sService: { serviceName: 'db' } }] }] })).join()).toMatch(/inert spec\.egressDeny\[0\]\.toServices: is not resolved in deny rules/);
  });

  test('an empty selector of CIDR groups', () => {
    expect(problems(cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: {} }] }] })).join()).toMatch(/undecided spec\.egress\[0\]: has an empty cidrGroupSelector/);
  });

  test('policyTypes that leave out a direction with rules', () => {
    expect(problems(knp({ policyTypes: ['Ingress'], ingress: [{}], egress: [{}] })).join()).toMatch(/undecided spec\.policyTypes/);
  });

  test('cloud security groups', () => {
    expect(problems(cnp({ egress: [{ toGroups: [{ aws: {} }] }] })).join()).toMatch(/undecided spec\.egress\[0\]/);
  });
});

test('a refused policy does not stop the others, and does nothing itself', () => {
  const simulator = createSimulator(smallWorld, [cnp({ ingress: [] }), cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] }, 'shop', 'second')]);
  expect(simulator.problems).toHaveLength(1);
  expect(simulator.decide(tcp(web, db)).ingress.cause).toMatchObject({ kind: 'allowed-by', rules: [{ policy: { name: 'second' } }] });
});
