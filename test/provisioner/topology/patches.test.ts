import { ownershipTag } from '../../../provisioner/api/names.ts';
import { variables } from '../../../provisioner/api/variables/index.ts';
import { inputsOf } from '../../../provisioner/topology/patches/inputs.ts';
import { everything, item, names, patched, request } from './requests.ts';

test("an item's builtin adds to the global one", () => {
  const from = request();
  expect(inputsOf(from, variables)(from.items[1]).builtin).toMatchObject({ cluster: { name: 'demo' }, controlPlane: { replicas: 3 } });
});

test('a worker group takes what it does not say from the cluster, and then from the control plane', () => {
  expect(patched(request({ ...names, worker: { flavor: 'k.large' } }, { groups: { az1: { image: 'own' } } }))['az1-machine']).toMatchObject({ flavor: 'k.large', image: { filter: { name: 'own' } } });
  expect(patched(request())['az1-machine']).toEqual({ flavor: 'k.medium', image: { filter: { name: 'node' } }, serverGroup: { filter: { name: `${ownershipTag('u-1')}-az1-soft-anti-affinity` } } });
});

test('who wants no server groups gets none', () => {
  const all = patched(request({ controlPlane: { flavor: 'k.medium', image: 'node', serverGroup: 'none' }, worker: { serverGroup: 'none' } }));
  for (const machine of ['control-plane-machine', 'az1-machine']) expect(all[machine]).not.toHaveProperty('serverGroup');
});

test('a Cluster that was moved is in its cloud who it was', () => {
  const from = request();
  const moved = { ...from, variables: (from.variables ?? []).map((one) => (one.name === 'builtin' ? { ...one, value: { cluster: { ...(one.value as { cluster: object }).cluster, metadata: { annotations: { 'keelson.dev/cloud-identity': 'u-0' } } } } } : one)) };
  expect(patched(moved)['cluster']).toMatchObject({ tags: [ownershipTag('u-0')] });
  expect(patched(moved)['control-plane-machine']).toMatchObject({ serverGroup: { filter: { name: `${ownershipTag('u-0')}-control-plane-soft-anti-affinity` } } });
});

test('the list of who may reach the API server is the load balancer\'s only where it takes one', () => {
  const list = (provider: 'ovn' | 'amphora' | 'none'): unknown => patched(request({ ...names, api: { loadBalancer: { provider, allowedCidrs: ['203.0.113.0/24'] } } }))['cluster']?.['apiServerLoadBalancer'];
  expect(list('amphora')).toMatchObject({ allowedCIDRs: ['203.0.113.0/24'] });
  expect(list('ovn')).toEqual({ enabled: true, provider: 'ovn' });
  expect(list('none')).toEqual({ enabled: false });
});

test('an override of a group does not reach the control plane', () => {
  expect(patched(request(names, { groups: { az1: { flavor: 'k.large' } } }))['control-plane-machine']).toMatchObject({ flavor: 'k.medium' });
});

test('the shortest cluster has a network, a load balancer, narrow groups, a bastion and the ownership tag, and nothing else', () => {
  const { managedSecurityGroups, ...rest } = patched(request())['cluster']!;
  expect(rest).toEqual({
    identityRef: { type: 'Secret', name: 'cloud', cloudName: 'openstack' },
    managedSubnets: [{ cidr: '10.6.0.0/24' }],
    apiServerLoadBalancer: { enabled: true, provider: 'ovn' },
    bastion: { enabled: true, spec: { flavor: 'k.medium', image: { filter: { name: 'node' } } } },
    tags: [ownershipTag('u-1')],
  });
  expect(managedSecurityGroups).toMatchObject({ allowAllInClusterTraffic: false });
});

test('everything that can be said of a cloud arrives', () => {
  const all = patched(request(everything, { settings: { managementEgress: '192.0.2.200/32,203.0.113.0/24' } }));
  expect(all['cluster']).toMatchObject({
    identityRef: { type: 'ClusterIdentity', name: 'rz1', cloudName: 'prod', region: 'RegionTwo' },
    managedSubnets: [{ cidr: '10.20.0.0/24', dnsNameservers: ['192.0.2.53', '192.0.2.54'] }],
    networkMTU: 1450,
    apiServerLoadBalancer: { enabled: true, provider: 'amphora', flavor: 'ha', availabilityZone: 'lb-az1', allowedCIDRs: ['203.0.113.0/24', '192.0.2.200/32'] },
    apiServerFloatingIP: '198.51.100.99',
    apiServerPort: 8443,
    controlPlaneAvailabilityZones: ['az1', 'az2', 'az3'],
    bastion: { enabled: true, spec: { flavor: 'k.tiny', image: { filter: { name: 'debian-12' } }, sshKeyName: 'ops' }, availabilityZone: 'az1', floatingIP: '198.51.100.98' },
  });
  expect(all['control-plane-machine']).toEqual({
    flavor: 'k.medium', image: { filter: { name: 'node' } }, sshKeyName: 'ops',
    rootVolume: { sizeGiB: 50, type: 'ssd', availabilityZone: { from: 'Machine' } },
    additionalBlockDevices: [{ name: 'etcd', sizeGiB: 20, storage: { type: 'Volume', volume: { type: 'nvme' } } }, { name: 'audit', sizeGiB: 30, storage: { type: 'Volume', volume: {} } }],
    serverGroup: { filter: { name: `${ownershipTag('u-1')}-control-plane-anti-affinity` } },
  });
  expect(all['az1-machine']).toMatchObject({ rootVolume: { sizeGiB: 100 }, serverGroup: { filter: { name: `${ownershipTag('u-1')}-az1-soft-anti-affinity` } } });
});

test('an existing network is used and none is made', () => {
  const cluster = patched(request({ ...names, network: { existing: { network: { name: 'shared' }, subnets: [{ id: '2f2b0a0e-2b4c-4c9f-8c58-8d9d8a1e1b11' }, { name: 'v6' }], router: { name: 'edge' } } } }))['cluster']!;
  expect(cluster).toMatchObject({ network: { filter: { name: 'shared' } }, subnets: [{ id: '2f2b0a0e-2b4c-4c9f-8c58-8d9d8a1e1b11' }, { filter: { name: 'v6' } }], router: { filter: { name: 'edge' } } });
  expect(cluster).not.toHaveProperty('managedSubnets');
});

test.each([
  ['new', {}, {}],
  ['existing', { mode: 'existing', address: '198.51.100.9' }, { apiServerFloatingIP: '198.51.100.9' }],
  ['none', { mode: 'none', fixedIp: '10.6.0.9' }, { disableAPIServerFloatingIP: true, apiServerFixedIP: '10.6.0.9' }],
] as const)('floating IP %s', (_mode, floatingIp, expected) => {
  const cluster = patched(request({ ...names, api: { floatingIp } }))['cluster']!;
  expect(Object.fromEntries(Object.entries(cluster).filter(([field]) => /^(apiServerF|disableAPI)/.test(field)))).toEqual(expected);
});

test('a bastion that is switched off is still named: CAPO removes it only then', () => {
  expect(patched(request({ ...names, bastion: { enabled: false } }))['cluster']).toMatchObject({ bastion: { enabled: false } });
});

describe('who may reach the bastion', () => {
  const bastion = (variables: object): unknown => patched(request({ ...names, ...variables }))['cluster']?.['bastion'];

  test('a Cluster that names ranges has a bastion in a group of ours, on a port that leaves CAPO nothing to fill in', () => {
    expect(bastion({ bastion: { allowedCidrs: ['203.0.113.0/24'] } })).toMatchObject({
      spec: { ports: [{ network: { filter: { name: 'k8s-clusterapi-cluster-org-demo-demo', tags: [ownershipTag('u-1')] } }, securityGroups: [{ filter: { name: `${ownershipTag('u-1')}-bastion` } }] }] },
    });
  });

  test('on a network that is there the port is where CAPO would put it', () => {
    const existing = { network: { name: 'shared' }, subnets: [{ id: '2f2b0a0e-2b4c-4c9f-8c58-8d9d8a1e1b11' }, { name: 'v6' }] };
    expect(bastion({ network: { existing }, bastion: { allowedCidrs: ['203.0.113.0/24'] } })).toMatchObject({
      spec: { ports: [{ network: { filter: { name: 'shared' } }, fixedIPs: [{ subnet: { id: '2f2b0a0e-2b4c-4c9f-8c58-8d9d8a1e1b11' } }, { subnet: { filter: { name: 'v6' } } }] }] },
    });
  });

  test('ranges do not bring a bastion back that is switched off', () => {
    expect(bastion({ bastion: { enabled: false, allowedCidrs: ['203.0.113.0/24'] } })).toEqual({ enabled: false });
  });
});

test.each([
  ['by default', {}, undefined, ['cilium-vxlan udp 8472', 'cilium-health tcp 4240', 'cilium-hubble tcp 4244']],
  ['geneve, WireGuard, no Hubble', { tunnel: 'geneve', encryption: 'wireguard', hubble: false }, undefined, ['cilium-geneve udp 6081', 'cilium-health tcp 4240', 'cilium-wireguard udp 51871']],
  ['routed', { tunnel: 'none' }, undefined, ['cilium-health tcp 4240', 'cilium-hubble tcp 4244']],
  ['dual stack', {}, { network: { name: 'n' }, subnets: [{ name: 'v4' }, { name: 'v6' }] }, ['cilium-vxlan udp 8472', 'cilium-health tcp 4240', 'cilium-hubble tcp 4244', 'cilium-vxlan-ipv6 udp 8472', 'cilium-health-ipv6 tcp 4240', 'cilium-hubble-ipv6 tcp 4244']],
] as const)('Cilium gets exactly its ports, from nodes of the cluster only: %s', (_what, cilium, existing, expected) => {
  const network = existing ? { existing: { network: existing.network, subnets: [...existing.subnets] } } : {};
  const { allNodesSecurityGroupRules: rules, controlPlaneNodesSecurityGroupRules: ofControlPlane } = patched(request({ ...names, cilium, network }))['cluster']!['managedSecurityGroups'] as Record<string, { name: string; protocol: string; portRangeMin: number; portRangeMax: number; remoteManagedGroups: string[] }[]>;
  expect(rules!.filter(({ name }) => name.startsWith('cilium')).map(({ name, protocol, portRangeMin }) => `${name} ${protocol} ${portRangeMin}`)).toEqual(expected);
  expect(ofControlPlane!.map(({ name, portRangeMin }) => `${name} ${portRangeMin}`)).toEqual(existing ? ['control-plane-metrics 10270', 'control-plane-metrics-ipv6 10270'] : ['control-plane-metrics 10270']);
  for (const { remoteManagedGroups, portRangeMin, portRangeMax } of [...rules!, ...ofControlPlane!]) expect([remoteManagedGroups, portRangeMin]).toEqual([['controlplane', 'worker'], portRangeMax]);
});

test('templates of others get no patch', () => {
  const { variables, settings } = request();
  expect(patched({ variables: variables ?? [], settings: settings ?? {}, items: [item('DockerClusterTemplate', 'Cluster', 'docker')] })).toEqual({});
});
