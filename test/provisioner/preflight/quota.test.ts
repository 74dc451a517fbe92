/** What a cluster needs of a project that may have only so much, counted against the simulated cloud. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseVariables } from '../../../provisioner/api/variable-definitions.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';
import { amountsOf } from '../../../provisioner/preflight/checks/quota.ts';
import { demandOf } from '../../../provisioner/preflight/demand.ts';
import { preflight } from '../../../provisioner/preflight/preflight.ts';
import type { Inputs } from '../../../provisioner/topology/patches/inputs.ts';
import { managedSecurityGroups } from '../../../provisioner/topology/patches/security-groups.ts';
import { made, recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { example, found, type Found, one, tag } from './example.ts';

let cloud: Running;
beforeEach(async () => { cloud = await start(recorded()); });
afterEach(() => cloud.stop());

const findings = async (cluster: PreflightCluster): Promise<readonly Found[]> => found(await preflight({ cluster, session: cloud.member }));
const project = async (): Promise<string> => (await cloud.member.projectId())!;

/** 1 k.small and 2 k.medium, one k.medium more while machines are replaced, and a bastion of k.small: 16 cores, 32768 MiB. */
test.each([
  ['servers', 'nova', { instances: 4 }, /needs 5 servers; the project may have 4 and uses 0/],
  ['cores', 'nova', { cores: 15 }, /needs 16 cores; the project may have 15/],
  ['RAM', 'nova', { ram: 32_767 }, /needs 32768 MiB of RAM/],
  ['ports', 'neutron', { port: 7 }, /needs 8 ports/],
  ['floating IPs', 'neutron', { floatingip: 1 }, /needs 2 floating IPs/],
  ['security groups', 'neutron', { security_group: 2 }, /needs 3 security groups/],
  ['rules', 'neutron', { security_group_rule: 10 }, /security group rules/],
  ['networks', 'neutron', { network: 0 }, /needs 1 networks/],
  ['subnets', 'neutron', { subnet: 0 }, /needs 1 subnets/],
  ['routers', 'neutron', { router: 0 }, /needs 1 routers/],
  ['load balancers', 'octavia', { loadbalancer: 0 }, /needs 1 load balancers/],
] as const)('%s', async (_what, service, limits, message) => {
  cloud.cloud.state[service].quotas[await project()] = limits;
  expect(await findings(example())).toEqual(one('cloud/quota', 'spec.topology', message));
});

test('volumes and gigabytes, of every server and the one more; server groups', async () => {
  const volumes = { controlPlane: { rootVolume: { sizeGiB: 50 }, etcdVolume: { sizeGiB: 10 }, serverGroup: 'anti-affinity' }, worker: { rootVolume: { sizeGiB: 100 } } };
  const state = cloud.cloud.state;
  state.cinder.quotas[await project()] = { volumes: 4, gigabytes: 359 };
  state.nova.quotas[await project()] = { server_groups: 3 };
  // 60 + 2 × 100, and 100 more; two volumes of the control plane, one of each worker, and two more where the control plane is replaced.
  expect((await findings(example(volumes))).map(({ message }) => message)).toEqual([
    expect.stringMatching(/needs 6 volumes; the project may have 4/), expect.stringMatching(/needs 360 GiB of volumes/), expect.stringMatching(/needs 4 server groups; the project may have 3/),
  ]);
});

test('the group and rules of a bastion that not everybody may reach', async () => {
  cloud.cloud.state.neutron.quotas[await project()] = { security_group: 3, security_group_rule: 52 };
  const bastion = { allowedCidrs: ['203.0.113.0/24', '192.0.2.0/24'] };
  expect((await findings(example({ bastion }))).map(({ message }) => message)).toEqual([expect.stringMatching(/needs 4 security groups; the project may have 3/), expect.stringMatching(/needs 53 security group rules; the project may have 52/)]);
  expect(await findings(example({ bastion: { ...bastion, enabled: false } }))).toEqual([]);
});

test.each<[string, object]>([['the usual Cilium', {}], ['WireGuard', { encryption: 'wireguard' }], ['geneve without Hubble', { tunnel: 'geneve', hubble: false }], ['no tunnel', { tunnel: 'none' }]])('rules for %s, with one family of addresses and with two', (_what, cilium) => {
  const existing = { network: { name: 'n' }, subnets: [{ name: 'a' }, { name: 'b' }] };
  for (const network of [{}, { existing }]) for (const enabled of [true, false]) {
    const groups = managedSecurityGroups({ variables: parseVariables({ controlPlane: { flavor: 'k.small', image: 'i' }, network, cilium }) } as Inputs) as Record<'allNodesSecurityGroupRules' | 'controlPlaneNodesSecurityGroupRules', { remoteManagedGroups: string[] }[]>;
    const count = (list: { remoteManagedGroups: string[] }[]): number => list.reduce((sum, rule) => sum + rule.remoteManagedGroups.length, 0);
    // Of CAPO's own: 7 of the control plane, 11 of workers, 3 of the bastion; SSH only with it.
    const own = enabled ? 7 + 11 + 3 : 6 + 10;
    expect(amountsOf(demandOf(example({ network, cilium, bastion: { enabled } })), []).securityGroupRules).toBe(own + 2 * count(groups.allNodesSecurityGroupRules) + count(groups.controlPlaneNodesSecurityGroupRules));
  }
});

test('exactly enough is enough', async () => {
  cloud.cloud.state.nova.quotas[await project()] = { instances: 5, cores: 16, ram: 32_768 };
  expect(await findings(example())).toEqual([]);
});

test('what the cluster has already need not be free, what others have must', async () => {
  cloud.cloud.state.neutron.quotas[await project()] = { router: 1 };
  const router = await made(cloud.member, 'network', '/v2.0/routers', 'router', { name: 'any' });
  expect(await findings(example())).toEqual(one('cloud/quota', 'spec.topology', /needs 1 routers; the project may have 1 and uses 1/));
  await cloud.member.call('network', 'PUT', `/v2.0/routers/${String(router['id'])}/tags`, { body: { tags: [tag] } });
  expect(await findings(example())).toEqual([]);
});

test('a group of more servers than Nova lets into one', async () => {
  const wide = (worker: object = {}): PreflightCluster => example({ worker }, ({ spec }) => { spec.topology.workers.machineDeployments = [{ class: 'worker', name: 'wide', replicas: 10, failureDomain: 'az1' }]; });
  cloud.cloud.state.nova.quotas[await project()] = { server_group_members: 10 };
  expect(await findings(wide())).toEqual(one('cloud/quota', 'spec.topology.workers.machineDeployments[0].replicas', /the server group of wide needs room for 11 servers; the project may have 10 in a group/));
  expect(await findings(wide({ serverGroup: 'none' }))).toEqual([]);
  cloud.cloud.state.nova.quotas[await project()] = { server_group_members: -1 };
  expect(await findings(wide())).toEqual([]);
});

test("an autoscaler's maximum counts", async () => {
  cloud.cloud.state.nova.quotas[await project()] = { instances: 10 };
  const cluster = example({}, ({ spec }) => {
    spec.topology.workers.machineDeployments = [{ class: 'worker', name: 'a', replicas: 1, failureDomain: 'az1', metadata: { annotations: { 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size': '9' } } }];
  });
  expect(await findings(cluster)).toEqual(one('cloud/quota', 'spec.topology', /needs 12 servers/));
});
