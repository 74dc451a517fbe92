import fc from 'fast-check';
import type { FlavorSize } from '../../../provisioner/api/organization.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';
import { allowedBy, excessOf, footprintOf, memoryText, nothing, sizesOf, sumOf } from '../../../provisioner/preflight/footprint.ts';

const flavors = sizesOf([{ name: 'small', cores: 2, memoryMiB: 4096 }, { name: 'large', cores: 8, memoryMiB: 16384 }]);

interface Wanted {
  readonly controlPlane?: number;
  readonly groups?: readonly { name: string; replicas?: number; flavor?: string; max?: number }[];
  readonly bastion?: boolean;
  readonly provider?: string;
  readonly className?: string;
}
function cluster({ controlPlane = 1, groups = [], bastion = false, provider = 'ovn', className = 'openstack-v1' }: Wanted): PreflightCluster {
  return {
    metadata: { name: 'demo', namespace: 'org-demo' },
    spec: {
      topology: {
        classRef: { name: className }, version: 'v1.36.3', controlPlane: { replicas: controlPlane },
        workers: { machineDeployments: groups.map(({ name, replicas, flavor, max }) => ({
          class: 'worker', name, ...(replicas === undefined ? {} : { replicas }),
          ...(max === undefined ? {} : { metadata: { annotations: { 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size': String(max) } } }),
          ...(flavor === undefined ? {} : { variables: { overrides: [{ name: 'worker', value: { flavor } }] } }),
        })) },
        variables: [{ name: 'controlPlane', value: { flavor: 'small', image: 'i' } }, { name: 'network', value: { nodeCidr: '10.0.0.0/24' } }, { name: 'bastion', value: { enabled: bastion } }, { name: 'api', value: { loadBalancer: { provider } } }],
      },
    },
  } as PreflightCluster;
}

describe('what a Cluster takes', () => {
  it('counts control plane, workers by their own flavor, and the load balancer', () => {
    expect(footprintOf(cluster({ controlPlane: 3, groups: [{ name: 'a', replicas: 2, flavor: 'large' }, { name: 'b', replicas: 1 }] }), { flavors }))
      .toEqual({ clusters: 1, machines: 6, cores: 3 * 2 + 2 * 8 + 2, memory: 4 * 4096 + 2 * 16384, loadBalancers: 1, unknownFlavors: [] });
  });
  it('counts the cores of a bastion, which is no machine', () => expect(footprintOf(cluster({ bastion: true }), { flavors })).toMatchObject({ machines: 1, cores: 4 }));
  it('counts no load balancer where there is none', () => expect(footprintOf(cluster({ provider: 'none' }), { flavors })).toMatchObject({ loadBalancers: 0 }));
  it("counts the most that an autoscaler may make", () => expect(footprintOf(cluster({ groups: [{ name: 'a', replicas: 1, max: 5 }] }), { flavors })).toMatchObject({ machines: 6 }));
  it('counts a group without replicas as one', () => expect(footprintOf(cluster({ groups: [{ name: 'a' }] }), { flavors })).toMatchObject({ machines: 2 }));
  it('counts what runs where that is more, and what is declared where that is', () => {
    const of = (running: number) => footprintOf(cluster({ groups: [{ name: 'a', replicas: 3 }] }), { flavors, running: new Map([['a', running]]) }).machines;
    expect([of(1), of(3), of(7)]).toEqual([4, 4, 8]);
  });
  it('names flavors of unknown size, unless nobody has them', () => {
    expect(footprintOf(cluster({ groups: [{ name: 'a', replicas: 1, flavor: 'x' }, { name: 'b', replicas: 0, flavor: 'y' }] }), { flavors }).unknownFlavors).toEqual(['x']);
  });
  it('counts a Cluster of another class by its machines', () => {
    expect(footprintOf(cluster({ className: 'theirs', controlPlane: 3, groups: [{ name: 'a', replicas: 2 }] }), { flavors })).toEqual({ ...nothing, clusters: 1, machines: 5 });
  });
});

it('never counts less when a group grows, and a sum is the sum of its parts', () => {
  const wanted = fc.record({ controlPlane: fc.constantFrom(1, 3, 5), bastion: fc.boolean(), groups: fc.array(fc.record({ name: fc.uuid(), replicas: fc.nat(50), flavor: fc.constantFrom('small', 'large') }), { maxLength: 5 }) });
  const seed = 20261126;
  fc.assert(fc.property(fc.array(wanted, { maxLength: 4 }), fc.nat(10), (all, more) => {
    const parts = all.map((one) => footprintOf(cluster(one), { flavors }));
    const grown = all.map((one) => footprintOf(cluster({ ...one, groups: one.groups.map((group) => ({ ...group, replicas: group.replicas + more })) }), { flavors }));
    const [sum, larger] = [sumOf(parts), sumOf(grown)];
    const machines = all.reduce((total, one) => total + one.controlPlane + one.groups.reduce((n, { replicas }) => n + replicas, 0), 0);
    expect(sum.machines).toBe(machines);
    expect(larger.cores).toBeGreaterThanOrEqual(sum.cores);
    expect(larger.memory).toBeGreaterThanOrEqual(sum.memory);
    // Two cores with four GiB, eight with sixteen: whatever is asked for, memory follows the cores.
    expect(sum.memory).toBe(sum.cores * 2048);
  }), { seed, numRuns: 200 });
});

describe('a quota', () => {
  it('bounds only what it names; memory in any unit', () => {
    expect(allowedBy({ clusters: 0, memory: '2Ti' })).toEqual({ clusters: 0, memory: 2 * 1024 * 1024 });
    expect(allowedBy({ memory: '1G' })).toEqual({ memory: 953 });
    expect(allowedBy({})).toEqual({});
  });
  it('is exceeded by one more, not by as many', () => {
    expect(excessOf({ ...nothing, cores: 8 }, { cores: 8 })).toEqual([]);
    expect(excessOf({ ...nothing, cores: 9, machines: 100 }, { cores: 8 })).toEqual([{ name: 'cores', used: 9, allowed: 8 }]);
  });
  it('is told in the unit people write', () => expect([memoryText(0), memoryText(512), memoryText(65536)]).toEqual(['0Mi', '512Mi', '64Gi']));
});

const sizes: readonly FlavorSize[] = [];
it('knows no flavor where a project has told none', () => expect(footprintOf(cluster({}), { flavors: sizesOf(sizes) })).toMatchObject({ cores: 0, unknownFlavors: ['small'] }));
