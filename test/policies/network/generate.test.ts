import { tcp, type Contract } from '../../../policies/network/contract.ts';
import { catalogue, catalogueOf } from '../../../policies/network/contracts/catalogue.ts';
import { flowsOf } from '../../../policies/network/flows.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import type { CiliumPolicy, Policy } from '../../../policies/network/generate/policy.ts';
import type { Endpoint } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { asYaml, expectGolden } from './golden.ts';

describe('what is generated', () => {
  test.each(['workload', 'management'] as const)('policies of a %s cluster read as in the golden file', (cluster) => {
    expectGolden(`${cluster}.yaml`, asYaml(generate(catalogue({ cluster }), { hosts: 'enforce', tenants: ['org-demo'] }).policies));
  });

  test('NetworkPolicies read as in the golden file, and what they cannot say is listed', () => {
    const { policies, lost } = generate(catalogue(), { kind: 'kubernetes', tenants: ['org-demo'], nodeCidrs: ['10.20.0.0/24'] });
    expectGolden('workload-network-policies.yaml', asYaml(policies));
    expectGolden('workload-lost.txt', lost.map(({ policy, kind, what }) => `${kind} ${policy}: ${what}\n`).join(''));
  });

  test('ports that differ between clouds are inputs', () => {
    const site = catalogue().site;
    const policies = generate(catalogue({ dnsPort: 1053, outside: { ...site.outside, keystone: { ports: [{ protocol: 'TCP', port: 443 }], cidrs: ['198.51.100.2/32'] } } })).policies;
    const ports = JSON.stringify(policies.filter(({ metadata }) => /coredns|cinder/.test(metadata.name)));
    expect(ports).toContain('"port":"1053"');
    expect(ports).toContain('"toCIDR":["198.51.100.2/32"],"toPorts":[{"ports":[{"port":"443"');
    expect(ports).not.toContain('"port":"5000"');
  });

  test('host policies drop nothing in audit mode, and are the same otherwise', () => {
    const hosts = (mode: 'audit' | 'enforce'): CiliumPolicy['spec'][] => (generate(catalogue(), { hosts: mode }).policies as CiliumPolicy[]).filter(({ spec }) => spec.nodeSelector).map(({ spec }) => spec);
    expect(hosts('audit').map(({ enableDefaultDeny }) => enableDefaultDeny)).toEqual([{ ingress: false, egress: false }, { ingress: false, egress: false }]);
    expect(hosts('enforce').map(({ enableDefaultDeny }) => enableDefaultDeny?.ingress)).toEqual([true, true]);
    expect(hosts('audit').map(({ ingress }) => ingress)).toEqual(hosts('enforce').map(({ ingress }) => ingress));
    expect(generate(catalogue(), { hosts: 'off' }).policies.some(({ spec }) => 'nodeSelector' in spec)).toBe(false);
  });

  test('an allowed flow is no rule', () => {
    const nodePorts = flowsOf(catalogue()).filter(({ need }) => need === 'allowed');
    expect(nodePorts).toHaveLength(1);
    expect(asYaml(generate(catalogue(), { hosts: 'enforce' }).policies)).not.toContain('30000');
  });

  test('the API server, whose identity only Cilium knows, is admitted to net-exporter there; as addresses where they are given; and else nobody is in its place', () => {
    const contracts = catalogue();
    const world = standInWorld(contracts, { tenants: ['org-demo'] });
    const { name: node } = world.nodes.find(({ isControlPlane }) => isControlPlane)!;
    const pod = (where: string, name: string): Endpoint => ({ kind: 'pod', namespace: where, name: world.pods.find((one) => one.namespace === where && one.name.startsWith(name))!.name });
    const isAdmitted = (policies: readonly Policy[], from: Endpoint): boolean =>
      createSimulator(world, policies).decide({ from, to: pod('keelson-system', 'net-exporter'), protocol: 'TCP', port: 8000 }).ingress.allowed;
    const kinds = [generate(contracts, { tenants: ['org-demo'] }), generate(contracts, { kind: 'kubernetes', tenants: ['org-demo'] })];
    expect(kinds.map(({ policies }) => [isAdmitted(policies, { kind: 'node', name: node }), isAdmitted(policies, pod('org-demo', ''))])).toEqual([[true, false], [false, false]]);
    const proxied = 'the API server: the command net-exporter matrix asks the pods through pods/proxy';
    expect(kinds.map(({ lost }) => lost.filter(({ what }) => what === proxied))).toEqual([[], [{ policy: 'keelson-system/keelson-net-exporter', kind: 'left out', what: proxied }]]);
    const { policies: byAddress } = generate(contracts, { kind: 'kubernetes', nodeCidrs: ['10.20.0.0/24'] });
    expect(byAddress.find(({ metadata }) => metadata.name === 'keelson-net-exporter')?.spec).toMatchObject({ ingress: expect.arrayContaining([{ from: [{ ipBlock: { cidr: '10.20.0.0/24' } }], ports: [{ protocol: 'TCP', port: 8000 }] }]) as unknown });
  });

  test('every rule has its reason in the description, by its place', () => {
    for (const { metadata, spec } of generate(catalogue(), { hosts: 'enforce' }).policies as CiliumPolicy[]) {
      for (const field of ['ingress', 'egress', 'egressDeny'] as const) {
        const rules = (spec[field] ?? []).filter((rule) => Object.keys(rule).length > 0);
        const described = spec.description.split('\n').filter((line) => line.startsWith(`${field}[`)).map((line) => line.split(' ')[0]);
        expect([metadata.name, described]).toEqual([metadata.name, rules.map((_, i) => `${field}[${i}]`)]);
      }
    }
  });
});

describe('a catalogue that contradicts itself is refused with the names of what there is', () => {
  const caller = (to: Contract['calls'][number]['to']): Contract => ({ component: 'a', pods: { namespace: 'n', labels: { app: 'a' } }, listens: { web: tcp('api', 80) }, serves: [], calls: [{ to, reason: 'r' }] });
  test.each([
    [{ kind: 'component', component: 'b', listener: 'web' }, 'a names the component b, which has no contract; there are a'],
    [{ kind: 'self', listener: 'grpc' }, 'a has no listener grpc; it has web'],
    [{ kind: 'outside', service: 'moon' }, 'a calls moon, which the site does not describe; it has keystone, nova'],
  ] as const)('%j', (to, message) => {
    expect(() => flowsOf(catalogueOf([caller(to)]))).toThrow(expect.objectContaining({ code: 'NETWORK_BAD_CONTRACT', message: expect.stringContaining(message) as string }));
  });
});
