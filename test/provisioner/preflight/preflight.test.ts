/** Each refusal is provoked by the simulated cloud, over real sockets. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { ownershipTag } from '../../../provisioner/api/names.ts';
import { parseClouds, Session } from '../../../provisioner/openstack/index.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';
import { existence } from '../../../provisioner/preflight/checks/existence.ts';
import { ranges } from '../../../provisioner/preflight/checks/ranges.ts';
import { type CloudView, viewCloud } from '../../../provisioner/preflight/cloud-view.ts';
import { demandOf } from '../../../provisioner/preflight/demand.ts';
import { preflight, type PreflightOutcome } from '../../../provisioner/preflight/preflight.ts';
import type { RunningVersions } from '../../../provisioner/preflight/checks/versions.ts';
import { resultOf } from '../../../provisioner/operators/cluster/preflight.ts';
import { made, recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { example, found, type Found, one, tag, variable } from './example.ts';

let cloud: Running;
const opened: Session[] = [];
const open = (...options: ConstructorParameters<typeof Session>): Session => {
  const session = new Session(...options);
  opened.push(session);
  return session;
};
afterEach(() => { for (const session of opened.splice(0)) session.close(); });
beforeEach(async () => { cloud = await start(recorded()); });
afterEach(() => cloud.stop());

const check = (cluster: PreflightCluster, o: { session?: Session; running?: RunningVersions } = {}): Promise<PreflightOutcome> => preflight({ cluster, session: o.session ?? cloud.member, running: o.running });
const findings = async (cluster: PreflightCluster, o?: Parameters<typeof check>[1]): Promise<readonly Found[]> => found(await check(cluster, o));
const project = async (): Promise<string> => (await cloud.member.projectId())!;

test('the example passes an empty cloud, by reads alone', async () => {
  await cloud.member.projectId();
  cloud.cloud.resetCalls();
  expect(await findings(example())).toEqual([]);
  const calls = cloud.cloud.calls();
  expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(calls.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(30);
});

describe('what an image says of itself in Glance', () => {
  const say = (properties: Record<string, string>): void => {
    const image = Object.values(cloud.cloud.state.glance.images)[0]!;
    image.properties = { ...image.properties, ...properties };
  };
  const severities = async (cluster: PreflightCluster) => (await check(cluster)).findings.map(({ severity, path, message }) => [severity, path, message]);
  const at = variable('controlPlane.image');

  test.each([
    ['another minor version', { kube_version: 'v1.35.4' }, {}, 'error', /image keelson-node-v1\.36\.3 holds Kubernetes v1\.35\.4, the Cluster is to have v1\.36\.3: its nodes would not join/],
    ['another patch version', { kube_version: '1.36.1' }, {}, 'warning', /holds Kubernetes 1\.36\.1, the Cluster is to have v1\.36\.3/],
    ['no version', { kube_version: '' }, {}, 'warning', /does not say which Kubernetes it holds/],
    ['Flatcar, for cloud-init', { os_distro: 'flatcar' }, {}, 'error', /is flatcar \(os_distro\), and os\.format is cloud-config/],
    ['Debian, for Ignition', {}, { os: { format: 'ignition' } }, 'error', /is debian \(os_distro\), and os\.format is ignition/],
    ['disks of SCSI, where volumes are mounted', { hw_disk_bus: 'scsi' }, { controlPlane: { etcdVolume: { sizeGiB: 10 } } }, 'error', /has its disks on scsi \(hw_disk_bus\)/],
  ])('%s', async (_what, properties, variables, severity, message) => {
    say(properties);
    expect(await severities(example(variables))).toEqual([[severity, at, expect.stringMatching(message)]]);
  });

  test('the version without its v, and a bus that matters to nobody', async () => {
    say({ kube_version: '1.36.3', hw_disk_bus: 'scsi' });
    expect(await severities(example())).toEqual([]);
    say({ hw_disk_bus: 'virtio', os_distro: 'Flatcar' });
    expect(await severities(example({ os: { format: 'ignition' }, controlPlane: { etcdVolume: { sizeGiB: 10 } } }))).toEqual([]);
  });

  test('a bastion needs no Kubernetes', async () => {
    const { images } = cloud.cloud.state.glance;
    images['plain'] = { ...Object.values(images)[0]!, id: 'plain', name: 'debian-13', properties: { os_distro: 'debian' } };
    expect(await severities(example({ bastion: { image: 'debian-13' } }))).toEqual([]);
    expect(await severities(example({ worker: { image: 'debian-13' } }))).toEqual([['warning', variable('worker.image'), expect.stringMatching(/does not say which Kubernetes/)]]);
  });
});

test('a next hop must be in the subnet of the nodes or in an external one, where the cloud shows these', () => {
  const via = (nextHop: string, ...cidrs: readonly string[]) => ranges(demandOf(example({ network: { routes: [{ destination: '172.16.0.0/12', nextHop }] } })), { externalSubnets: cidrs.map((cidr) => ({ cidr, name: 'x' })), endpoints: [] } as unknown as CloudView).map(({ path, message }) => `${path} ${message}`);
  expect(via('10.99.0.1', '198.51.100.0/24')).toEqual([expect.stringMatching(/network\.routes\[0\]\.nextHop 10\.99\.0\.1 is neither in the subnet of the nodes nor in an external one/)]);
  expect([via('10.20.0.9', '198.51.100.0/24'), via('198.51.100.9', '198.51.100.0/24'), via('10.99.0.1')]).toEqual([[], [], []]);
});

describe('what the Cluster names and the cloud has not', () => {
  test.each([
    ['a flavor', { controlPlane: { flavor: 'k.tiny' } }, 'cloud/flavor', variable('controlPlane.flavor'), /no flavor k\.tiny/],
    ['a flavor of workers', { worker: { flavor: 'k.huge' } }, 'cloud/flavor', variable('worker.flavor'), /no flavor k\.huge/],
    ['an image', { controlPlane: { image: 'other' } }, 'cloud/image', variable('controlPlane.image'), /no image other/],
    ['a zone', { controlPlane: { zones: ['az1', 'az9'] } }, 'cloud/zone', variable('controlPlane.zones[1]'), /az9/],
    ['an external network', { network: { externalNetwork: { name: 'internet' } } }, 'cloud/network', variable('network.externalNetwork'), /no external network internet; it has external/],
  ])('%s', async (_what, variables, rule, path, message) => {
    expect(await findings(example(variables))).toEqual(one(rule, path, message));
  });

  test.each([
    ['a key pair', { os: { sshKey: 'laptop' } }, 'cloud/key-pair', variable('os.sshKey'), /no key pair laptop; key pairs belong to the user/],
    ['a key pair of the bastion', { bastion: { sshKey: 'desk' } }, 'cloud/key-pair', variable('bastion.sshKey'), /no key pair desk/],
    ['a flavor of the bastion', { bastion: { flavor: 'k.nano' } }, 'cloud/flavor', variable('bastion.flavor'), /no flavor k\.nano/],
    ['a volume type', { controlPlane: { etcdVolume: { sizeGiB: 10, type: 'fast' } } }, 'cloud/volume-type', variable('controlPlane.etcdVolume.type'), /no volume type fast/],
    ['a load balancer flavor', { api: { loadBalancer: { flavor: 'large' } } }, 'cloud/load-balancer', variable('api.loadBalancer.flavor'), /no load balancer flavor large/],
    ['a load balancer zone', { api: { loadBalancer: { zone: 'az8' } } }, 'cloud/load-balancer', variable('api.loadBalancer.zone'), /no load balancer zone az8/],
    ['a floating IP', { api: { floatingIp: { mode: 'existing', address: '198.51.100.99' } } }, 'cloud/network', variable('api.floatingIp.address'), /the project has no floating IP 198\.51\.100\.99/],
    ['a network that is to be there', { network: { existing: { network: { name: 'lan' }, subnets: [] } } }, 'cluster/variables', 'spec.topology.variables', /subnets/],
  ])('%s', async (_what, variables, rule, path, message) => {
    expect(await findings(example(variables))).toEqual(one(rule, path, message));
  });

  test('an existing network: each of its parts, and its range', async () => {
    const given = (subnet: string) => example({ network: { existing: { network: { name: 'lan' }, subnets: [{ name: subnet }], router: { name: 'way-out' } } } });
    expect((await findings(given('lan-v4'))).map(({ path }) => path)).toEqual([variable('network.existing.network'), variable('network.existing.subnets[0]'), variable('network.existing.router')]);
    const network = await made(cloud.member, 'network', '/v2.0/networks', 'network', { name: 'lan' });
    await made(cloud.member, 'network', '/v2.0/subnets', 'subnet', { network_id: network['id'], ip_version: 4, cidr: '192.0.2.0/24', name: 'lan-v4' });
    await made(cloud.member, 'network', '/v2.0/routers', 'router', { name: 'way-out' });
    expect(await findings(given('lan-v4'))).toEqual(one('cloud/network', variable('network.nodeCidr'), /is 10\.20\.0\.0\/24, and the subnet that is there has 192\.0\.2\.0\/24/));
  });

  test('a floating IP that serves somebody else', async () => {
    const external = (await cloud.member.call('network', 'GET', '/v2.0/networks?router%3Aexternal=true') as { networks: { id: string }[] }).networks[0]!.id;
    const ip = await made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external });
    const cluster = example({ api: { floatingIp: { mode: 'existing', address: ip['floating_ip_address'] } } });
    expect(await findings(cluster)).toEqual([]);
    cloud.cloud.state.neutron.floatingIps[String(ip['id'])]!.port_id = 'p';
    expect(await findings(cluster)).toEqual(one('cloud/network', variable('api.floatingIp.address'), /is in use \(port p\)/));
  });

  test('a load balancer provider; the simulated cloud has both that the schema knows', async () => {
    const demand = demandOf(example({ api: { loadBalancer: { provider: 'amphora' } } }));
    const view = await viewCloud({ session: cloud.member, demand, cluster: { namespace: 'org-demo', name: 'demo' }, tag });
    expect(existence(demand, view)).toEqual([]);
    expect(existence(demand, { ...view, providers: ['ovn'] })).toMatchObject([{ rule: 'cloud/load-balancer', path: variable('api.loadBalancer.provider'), fix: 'it has ovn' }]);
  });

  test('fields of one group are named where they stand', async () => {
    const cluster = example({}, ({ spec }) => {
      spec.topology.workers.machineDeployments = [{ class: 'worker', name: 'a', failureDomain: 'az7', variables: { overrides: [{ name: 'worker', value: { flavor: 'k.none' } }] } }];
    });
    expect((await findings(cluster)).map(({ rule, path }) => [rule, path])).toEqual([
      ['cloud/flavor', 'spec.topology.workers.machineDeployments[0].variables.overrides.worker.flavor'],
      ['cloud/zone', 'spec.topology.workers.machineDeployments[0].failureDomain'],
    ]);
  });

  test('everything at once', async () => {
    const cluster = example({ controlPlane: { flavor: 'x', image: 'y', zones: ['z'] }, network: { externalNetwork: { name: 'n' } } });
    expect((await findings(cluster)).map(({ rule }) => rule)).toEqual(['cloud/flavor', 'cloud/image', 'cloud/zone', 'cloud/network']);
  });

  test('values that the schema refuses', async () => {
    expect(await findings(example({ controlPlane: { flavor: 5 } as never }))).toEqual(one('cluster/variables', 'spec.topology.variables', /controlPlane\.flavor/));
  });
});

describe('images and flavors that do not fit', () => {
  const image = () => Object.values(cloud.cloud.state.glance.images)[0]!;
  test('an image twice', async () => {
    cloud.cloud.state.glance.images['second'] = { ...image(), id: 'second' };
    expect(await findings(example())).toEqual(one('cloud/image', variable('controlPlane.image'), /2 images keelson-node/));
  });
  test('an image that is not active', async () => {
    image().status = 'queued';
    expect(await findings(example())).toEqual(one('cloud/image', variable('controlPlane.image'), /is queued/));
  });
  test('a flavor below what the image says', async () => {
    image().min_ram = 6000;
    expect(await findings(example())).toEqual(one('cloud/image', variable('controlPlane.flavor'), /needs 6000 MiB of RAM; flavor k\.small has 4096/));
  });
  test('workers below 4 cores or 8 GiB, unless they are meant', async () => {
    expect(await findings(example({ worker: { flavor: 'k.small' } }))).toEqual(one('cloud/flavor', variable('worker.flavor'), /k\.small has 2 cores and 4096 MiB/));
    expect(await findings(example({ worker: { flavor: 'k.small', allowSmall: true } }))).toEqual([]);
  });
  test('a control plane that kubeadm would refuse', async () => {
    const flavor = Object.values(cloud.cloud.state.nova.flavors).find(({ name }) => name === 'k.small')!;
    (flavor as { vcpus: number }).vcpus = 1;
    expect((await findings(example())).filter(({ message }) => !message.includes('platform'))).toEqual(one('cloud/flavor', variable('controlPlane.flavor'), /1 cores/));
  });
});

describe('resources of the names that CAPO looks up', () => {
  const whole = 'k8s-clusterapi-cluster-org-demo-demo';
  test.each([
    ['a network', '/v2.0/networks', 'network', whole],
    ['a router', '/v2.0/routers', 'router', whole],
    ['a security group', '/v2.0/security-groups', 'security_group', 'k8s-cluster-org-demo-demo-secgroup-worker'],
  ])('%s of somebody else', async (_what, path, key, name) => {
    await made(cloud.member, 'network', path, key, { name });
    expect(await findings(example())).toEqual(one('cloud/foreign-resource', 'metadata.name', new RegExp(`${name}.*does not carry this cluster's tag`)));
  });

  test('are fine with our tag, and named as those of another cluster with the tag of one', async () => {
    const network = await made(cloud.member, 'network', '/v2.0/networks', 'network', { name: whole });
    const setTag = (name: string) => cloud.member.call('network', 'PUT', `/v2.0/networks/${String(network['id'])}/tags`, { body: { tags: [name] } });
    await setTag(tag);
    expect(await findings(example())).toEqual([]);
    await setTag(ownershipTag('other'));
    expect(await findings(example())).toEqual(one('cloud/foreign-resource', 'metadata.name', /belongs to another cluster \(tag keelson-/));
  });
});

describe('zones', () => {
  const whole = async (cluster: PreflightCluster): Promise<unknown[]> => (await check(cluster)).findings.map(({ severity, path, message }) => [severity, path, message]);
  const three = (zones: string[]): PreflightCluster => example({ controlPlane: { zones } }, ({ spec }) => { (spec.topology as unknown as { controlPlane: object }).controlPlane = { replicas: 3 }; });
  const noQuota = async (): Promise<void> => void (cloud.cloud.state.nova.quotas[await project()] = { instances: -1, cores: -1, ram: -1 });

  test('three control plane servers in the one that is listed are warned of, not refused', async () => {
    await noQuota();
    expect(await whole(three(['az2', 'az2']))).toEqual([['warning', variable('controlPlane.zones'), 'all 3 control plane servers are in zone az2: when it fails, so does the cluster']]);
    expect(await whole(three([]))).toEqual([]);
    expect(await whole(three(['az1', 'az2']))).toEqual([]);
    const outcome = await check(three(['az2']));
    expect(resultOf(outcome)).toMatchObject({ result: 'passed', message: expect.stringMatching(/^the cloud has what the cluster needs\n.*in zone az2.*; name more zones, or none to take all there are \(az1, az2, az3\)$/) });
  });

  test('a worker group without one is warned of, unless it is empty or the cloud has only one', async () => {
    const group = (replicas: number) => example({ controlPlane: { zones: [] } }, ({ spec }) => { spec.topology.workers.machineDeployments = [{ class: 'worker', name: 'pool', replicas }]; });
    expect(await whole(group(1))).toEqual([['warning', 'spec.topology.workers.machineDeployments[0].failureDomain', expect.stringMatching(/^worker group pool names no zone/)]]);
    expect(await whole(group(0))).toEqual([]);
    for (const host of Object.values(cloud.cloud.state.nova.hosts)) host.zone = 'az1';
    expect(await whole(group(1))).toEqual([]);
  });

  test('a Cinder without those of the workers is warned of, unless claims name none, and unless it does not answer', async () => {
    cloud.cloud.state.cinder.zones.splice(0, 3, 'nova', 'az2');
    expect(await whole(example())).toEqual([['warning', variable('cloud.claimZone'), 'Cinder has no zone az1 (there is nova, az2): volumes that pods claim there are never made']]);
    expect(await whole(example({ cloud: { claimZone: 'default' } }))).toEqual([]);
    const anywhere = example({}, ({ spec }) => { spec.topology.workers.machineDeployments = [{ class: 'worker', name: 'pool', replicas: 1 }]; });
    expect((await whole(anywhere)).at(-1)).toEqual(['warning', variable('cloud.claimZone'), expect.stringMatching(/^Cinder has no zone az1, az3 /)]);
    cloud.cloud.faults.add({ service: 'volumev3', effect: { kind: 'status', status: 503 } });
    const once = open({ cloud: parseClouds(stringify(cloud.cloud.clouds()), 'keelson'), userAgent: 'test', attempts: 1 });
    expect(await check(example(), { session: once })).toMatchObject({ kind: 'checked', findings: [] });
  });
});

describe('ranges', () => {
  test.each([
    ['nodes and pods', { network: { nodeCidr: '10.120.3.0/24' } }, 'spec.clusterNetwork.pods.cidrBlocks[0]', /of pods \(10\.120\.0\.0\/16\) overlaps the range of nodes \(10\.120\.3\.0\/24\)/],
    ['pods and a DNS server', { network: { dnsServers: ['10.120.0.10'] } }, 'spec.clusterNetwork.pods.cidrBlocks[0]', /overlaps a DNS server of the nodes \(10\.120\.0\.10\)/],
  ])('%s', async (_what, variables, path, message) => expect(await findings(example(variables))).toEqual(one('cluster/ranges', path, message)));

  test('nodes and the external network, where the cloud shows its subnets', async () => {
    const cluster = example({ network: { nodeCidr: '198.51.0.0/16' } });
    expect(await findings(cluster, { session: cloud.admin })).toEqual(one('cluster/ranges', variable('network.nodeCidr'), /overlaps the external subnet external-v4 \(198\.51\.100\.0\/24\)/));
  });

  test("pods and the cloud's API", async () => {
    const cluster = example({}, ({ spec }) => { spec.clusterNetwork.pods.cidrBlocks = ['127.0.0.0/16']; });
    expect(await findings(cluster)).toEqual(one('cluster/ranges', 'spec.clusterNetwork.pods.cidrBlocks[0]', /overlaps the cloud's API \(127\.0\.0\.1\)/));
  });
});

describe('versions', () => {
  const running = (controlPlane: string, workers = controlPlane): RunningVersions => ({ controlPlane, workers: { az1: workers } });
  test.each([
    ['back', running('v1.36.4'), /cannot go back/],
    ['two minors up', running('v1.34.1'), /2 minor versions above v1\.34\.1/],
    ['workers too far behind', running('v1.35.1', 'v1.32.0'), /nodes of az1 run v1\.32\.0/],
  ])('%s', async (_what, now, message) => expect(await findings(example(), { running: now })).toEqual(one('cluster/version', 'spec.topology.version', message)));

  test('one minor up, with workers one behind, is fine', async () => expect(await findings(example(), { running: running('v1.35.9', 'v1.34.0') })).toEqual([]));
});

describe('credentials', () => {
  const session = (change: (auth: Record<string, string>) => void): Session => {
    const clouds = structuredClone(cloud.cloud.clouds()) as { clouds: Record<string, { auth: Record<string, string> }> };
    change(clouds.clouds['keelson']!.auth);
    return open({ cloud: parseClouds(stringify(clouds), 'keelson'), userAgent: 'test' });
  };

  test('that are wrong, and never shown', async () => {
    const found = await findings(example(), { session: session((auth) => { auth['application_credential_secret'] = 'wrong-secret'; }) });
    expect(found).toEqual(one('cloud/credentials', variable('cloud.identity'), /log in/));
    expect(JSON.stringify(found)).not.toContain('wrong-secret');
  });

  test('of a reader', async () => {
    const { keystone } = cloud.cloud.state;
    const reader = Object.values(keystone.roles).find(({ name }) => name === 'reader')!;
    Object.values(keystone.applicationCredentials)[0]!.role_ids = [reader.id];
    const found = await findings(example());
    expect(found.map(({ rule }) => rule)).toContain('cloud/role');
    expect(found.map(({ message }) => message).join('\n')).toMatch(/hold reader in their project and can create nothing/);
    expect(found.map(({ message }) => message).join('\n')).toMatch(/may not read load balancer providers/);
  });
});

describe('a cloud that does not answer', () => {
  test('is no finding: it says when to ask again, and what is known without it', async () => {
    const outage = open({ cloud: { auth: { ...parseClouds(stringify(cloud.cloud.clouds()), 'keelson').auth, auth_url: 'http://127.0.0.1:9/v3' } }, userAgent: 'test', attempts: 1 });
    const outcome = await check(example({ network: { nodeCidr: '10.120.3.0/24' } }), { session: outage });
    expect(outcome).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('127.0.0.1:9'), findings: [{ rule: 'cluster/ranges' }] });
    expect(outcome.kind === 'unreachable' && outcome.retryAfterMs).toBeGreaterThan(0);
  });

  test('nor is one that is busy', async () => {
    cloud.cloud.faults.add({ service: 'compute', effect: { kind: 'status', status: 503 } });
    const busy = open({ cloud: parseClouds(stringify(cloud.cloud.clouds()), 'keelson'), userAgent: 'test', attempts: 1 });
    expect(await check(example(), { session: busy })).toMatchObject({ kind: 'unreachable' });
  });
});
