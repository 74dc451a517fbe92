import fc from 'fast-check';
import { overlap, range } from '../../../provisioner/topology/validate/cidr.ts';
import { validateTopology } from '../../../provisioner/topology/validate/validate.ts';

function request(o: { name?: string; replicas?: number; pods?: string; nodeCidr?: string } = {}): Parameters<typeof validateTopology>[0] {
  return {
    variables: [
      { name: 'controlPlane', value: { flavor: 'a', image: 'b' } },
      { name: 'network', value: { nodeCidr: o.nodeCidr ?? '10.20.0.0/24' } },
      { name: 'builtin', value: { cluster: { name: o.name ?? 'demo', namespace: 'org-demo', uid: 'u', topology: { version: 'v1.36.3' }, network: { pods: [o.pods ?? '10.120.0.0/16'], services: ['10.121.0.0/16'] } } } },
    ],
    items: [
      {
        holderReference: { apiVersion: 'v1', kind: 'Cluster', namespace: 'org-demo', name: 'demo', fieldPath: 'spec' },
        object: { kind: 'KubeadmControlPlaneTemplate' },
        variables: [{ name: 'builtin', value: { controlPlane: { replicas: o.replicas ?? 3 } } }],
      },
    ],
  };
}

test('a plain topology is fine', () => {
  expect(validateTopology(request())).toEqual({ status: 'Success', message: '' });
});

test.each([
  ['a long name', { name: 'a-name-of-twenty-one-c' }, /may have 20/],
  ['an even control plane', { replicas: 2 }, /1, 3 or 5/],
  ['nodes inside the pod network', { pods: '10.20.0.0/16' }, /network\.nodeCidr 10\.20\.0\.0\/24 overlaps spec\.clusterNetwork\.pods 10\.20\.0\.0\/16/],
])('%s is refused with what to do', (_what, change, message) => {
  const outcome = validateTopology(request(change));
  expect(outcome.status).toBe('Failure');
  expect(outcome.message).toMatch(message);
});

test('a finding about the whole cluster is told once', () => {
  expect(validateTopology(request({ name: 'x'.repeat(30) })).message.match(/has 30 characters/g)).toHaveLength(1);
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
