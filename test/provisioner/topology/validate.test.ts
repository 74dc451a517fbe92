import fc from 'fast-check';
import type { VariablesInput } from '../../../provisioner/api/variables/index.ts';
import { overlap, range } from '../../../provisioner/topology/validate/cidr.ts';
import { openstackV1 } from '../../../provisioner/topology/class/versions.ts';
import { validateTopology } from '../../../provisioner/topology/validate/validate.ts';
import { everything, names, request, type RequestOptions } from './requests.ts';

const settings = { managementEgress: '192.0.2.200/32' };
const listed = (allowedCidrs: string[], provider: 'amphora' | 'ovn' = 'amphora'): VariablesInput => ({ ...names, api: { loadBalancer: { provider, allowedCidrs } } });

test.each<[string, VariablesInput, RequestOptions]>([
  ['the shortest cluster', names, {}],
  ['everything', everything, { settings }],
  ['a list of callers where the management cluster is known', listed(['203.0.113.0/24']), { settings }],
  ['a list that names everybody', listed(['0.0.0.0/0']), {}],
  ['a list that the operator waits with', listed(['203.0.113.0/24'], 'ovn'), {}],
])('%s is fine', (_what, variables, options) => {
  expect(validateTopology(request(variables, options), openstackV1)).toEqual({ status: 'Success', message: '' });
});

const dual: RequestOptions = { pods: ['10.120.0.0/16', 'fd00:1::/56'], services: ['10.121.0.0/16', 'fd00:2::/112'] };
const twoSubnets: VariablesInput['network'] = { existing: { network: { name: 'n' }, subnets: [{ name: 'a' }, { name: 'b' }] } };

test.each<[string, VariablesInput, RequestOptions, RegExp]>([
  ['a long name', {}, { name: 'a-name-of-twenty-one-c' }, /metadata\.name: .*may have 20/],
  ['an old Kubernetes', {}, { version: 'v1.33.9' }, /spec\.topology\.version: Kubernetes v1\.33\.9 .*take v1\.34 to v1\.36/],
  ['one that is too new', {}, { version: 'v1.37.0' }, /v1\.37\.0/],
  ['an even control plane', {}, { replicas: 2 }, /1, 3 or 5/],
  ['three servers behind one address', { api: { loadBalancer: { provider: 'none' } } }, {}, /3 control plane servers without a load balancer; set api\.loadBalancer\.provider/],
  ['nodes inside the pod network', { network: { nodeCidr: '10.20.0.0/24' } }, { pods: ['10.20.0.0/16'] }, /network\.nodeCidr 10\.20\.0\.0\/24 overlaps spec\.clusterNetwork\.pods 10\.20\.0\.0\/16/],
  ['families that differ', { network: twoSubnets }, { ...dual, services: ['10.121.0.0/16'] }, /pods have IPv4 and IPv6, Services IPv4/],
  ['dual stack on a network that is made', {}, dual, /give network\.existing with an IPv4 and an IPv6 subnet/],
  ['an address outside the subnet', { api: { floatingIp: { mode: 'none', fixedIp: '192.0.2.7' } } }, {}, /192\.0\.2\.7 is not in network\.nodeCidr 10\.6\.0\.0\/24/],
  ['a load balancer that would turn its own management cluster away', listed(['203.0.113.0/24']), {}, /api\.loadBalancer\.allowedCidrs: .* turn this management cluster away too, .*; say so in operator\.managementEgress of chart keelson, or leave/],
  ['a route to nodes', { network: { routes: [{ destination: '10.6.0.0/25', nextHop: '10.6.0.9' }] } }, {}, /network\.routes\[0\]\.destination: 10\.6\.0\.0\/25 is in network\.nodeCidr 10\.6\.0\.0\/24/],
  ['a route to pods', { network: { routes: [{ destination: '172.16.0.0/12', nextHop: '10.6.0.9' }, { destination: '10.120.0.0/16', nextHop: '10.6.0.9' }] } }, {}, /network\.routes\[1\]\.destination: 10\.120\.0\.0\/16 is in spec\.clusterNetwork\.pods/],
  ['a volume over etcd', { controlPlane: { flavor: 'a', image: 'b', volumes: [{ name: 'x', sizeGiB: 10, mountPath: '/var/lib/etcd/' }] } }, {}, /\/var\/lib\/etcd belongs to the system/],
  ['two volumes at one place', { worker: { volumes: [{ name: 'x', sizeGiB: 10, mountPath: '/data' }, { name: 'y', sizeGiB: 10, mountPath: '/data/' }] } }, {}, /two volumes are mounted at \/data/],
  ['a mount that Ignition cannot be told', { os: { format: 'ignition' }, worker: { volumes: [{ name: 'x', sizeGiB: 10, mountPath: '/srv/my-data' }] } }, {}, /worker\.volumes: Cluster API makes no unit of systemd for \/srv\/my-data with Ignition; take a path/],
  ['user data that Nova refuses', { os: { certificateAuthorities: Array.from({ length: 4 }, () => `-----BEGIN CERTIFICATE-----\n${'A'.repeat(9000)}\n-----END CERTIFICATE-----`) } }, {}, /user data of a worker would have \d+ bytes/],
])('%s is refused with what to do', (_what, variables, options, message) => {
  const outcome = validateTopology(request({ ...names, ...variables }, options), openstackV1);
  expect(outcome.status).toBe('Failure');
  expect(outcome.message).toMatch(message);
});

test('what fits with cloud-init may weigh too much for Ignition, which holds files as URLs', () => {
  const authority = `-----BEGIN CERTIFICATE-----\n${'+/'.repeat(4500)}\n-----END CERTIFICATE-----`;
  const outcome = (format: 'cloud-config' | 'ignition') => validateTopology(request({ ...names, os: { format, certificateAuthorities: [authority] } }), openstackV1);
  expect(outcome('cloud-config').status).toBe('Success');
  expect(outcome('ignition').message).toMatch(/user data of the control plane would have \d+ bytes/);
});

test('dual stack on a network that has both is fine', () => {
  expect(validateTopology(request({ ...names, network: twoSubnets }, dual), openstackV1).status).toBe('Success');
});

test('a route to a range that holds those of the cluster is fine: the nearer one wins', () => {
  expect(validateTopology(request({ ...names, network: { routes: [{ destination: '10.0.0.0/8', nextHop: '10.6.0.9' }, { destination: '10.99.0.0/16', nextHop: '10.6.0.10' }] } }), openstackV1).status).toBe('Success');
});

test('all findings are told, each once', () => {
  const { message } = validateTopology(request(names, { name: 'x'.repeat(30), replicas: 2 }), openstackV1);
  expect(message.match(/has 30 characters/g)).toHaveLength(1);
  expect(message).toMatch(/2 control plane servers/);
});

test('a Cluster that is refused at a worker group is refused', () => {
  expect(validateTopology(request(names, { groups: { az1: { volumes: [{ name: 'x', sizeGiB: 10, mountPath: '/etc' }] } } }), openstackV1).message).toMatch(/worker\.volumes: \/etc belongs/);
});

test('ranges overlap exactly when an address is in both', () => {
  const cidr = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 30 })).map(([last, bits]) => `10.0.0.${last}/${bits}`);
  const addresses = (text: string): Set<number> => {
    const [address = '', bits = ''] = text.split('/');
    const mask = (0xffffffff << (32 - Number(bits))) >>> 0;
    const last = Number(address.split('.')[3]);
    return new Set(Array.from({ length: 256 }, (_, i) => i).filter((i) => (i & mask & 0xff) === (last & mask & 0xff)));
  };
  fc.assert(fc.property(cidr, cidr, (a, b) => overlap(a, b) === [...addresses(a)].some((x) => addresses(b).has(x))));
});

test('what is no IPv4 range overlaps nothing', () => {
  for (const text of ['', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/24/1', 'fd00::/8']) expect(range(text)).toBeUndefined();
});
