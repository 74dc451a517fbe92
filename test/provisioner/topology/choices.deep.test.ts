/** What a Cluster may choose and only the real Cluster API and CAPO can show, before the simulated cloud, whose servers do not boot. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bastionGroupName, ownershipTag } from '../../../provisioner/api/names.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { everything } from '../../../provisioner/topology/published/samples.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type Held, Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';
import { isLetIn } from './security-group-oracle.ts';

const run = promisify(execFile);
const minutes = 60_000;

describeWith({ tools: [...wholePlaneNeeds.tools, 'kubeadm'] }, 'choices', () => {
  let cloud: Running;
  let life: Life;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-choices-'));
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start(simulated(cloud));
    await life.putSecret();
  }, 5 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  }, minutes);

  const setVariable = ({ spec }: Held, name: string, value: Record<string, unknown>): void => {
    spec.topology.variables = [...spec.topology.variables.filter((one) => one.name !== name), { name, value }];
  };

  describe('who may reach the bastion', () => {
    let before: string[];
    let uid: string;
    const neutron = () => cloud.cloud.state.neutron;
    const portOf = (name: RegExp) => Object.values(neutron().ports).find((port) => name.test(port.name) && port.device_owner.startsWith('compute:'));
    const addressOf = (port: ReturnType<typeof portOf>): string => port?.fixed_ips[0]?.ip_address ?? '';
    const bastion = () => portOf(/^demo-bastion/);
    const node = () => portOf(/^demo-(?!bastion)/);
    const ssh = (port: ReturnType<typeof portOf>, from: string): boolean => port !== undefined && isLetIn(neutron(), port, { from, tcp: 22 });
    const infrastructure = async (): Promise<KubeObject> => (await life.list(resources.openStackClusters))[0]!;
    const generation = async (): Promise<number | undefined> => (await infrastructure()).metadata.generation;
    const allow = async (allowedCidrs: readonly string[]): Promise<void> => {
      const { spec } = (await life.get())!;
      const variables = spec.topology.variables.map((one) => (one.name === 'bastion' ? { ...one, value: { ...one.value, allowedCidrs } } : one));
      await life.change({ spec: { topology: { variables } } });
    };
    const says = (reason: string): Promise<true> => until(`BastionRestricted ${reason}`, async () => ((await life.condition('keelson.dev/BastionRestricted'))?.reason === reason ? true : undefined), 4);
    const ours = () => Object.values(neutron().securityGroups).filter(({ name }) => name === bastionGroupName(ownershipTag(uid)));

    test('only the ranges reach it; it reaches the nodes, and nobody else does', async () => {
      before = await life.listing();
      const { metadata } = await life.plane.client.create(resources.clusters, life.cluster((cluster) => setVariable(cluster, 'bastion', { allowedCidrs: ['203.0.113.0/24'] })));
      uid = metadata.uid ?? '';
      await life.whenTrue('InfrastructureReady');
      await until('a server of the control plane', async () => node());
      await says('Restricted');
      expect([ssh(bastion(), '203.0.113.7'), ssh(bastion(), '198.51.100.99'), ssh(bastion(), addressOf(node()))]).toEqual([true, false, false]);
      await until('the rule of the nodes', async () => (ssh(node(), addressOf(bastion())) ? true : undefined));
      expect([ssh(node(), '203.0.113.7'), ssh(node(), '10.20.0.222')]).toEqual([false, false]);
    }, 8 * minutes);

    test('CAPO, Cluster API and the operator leave each other\'s fields alone', async () => {
      await life.whenTrue('TopologyReconciled');
      const was = await generation();
      const server = bastion()?.device_id;
      // Several rounds of all three.
      await life.plane.client.patch(resources.openStackClusters, { namespace, name: (await infrastructure()).metadata.name }, { type: 'merge', body: { metadata: { annotations: { look: 'again' } } } });
      await life.change({ metadata: { annotations: { look: 'again' } } });
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      expect(await generation()).toBe(was);
      expect(bastion()?.device_id).toBe(server);
      expect(ssh(node(), addressOf(bastion()))).toBe(true);
    }, 2 * minutes);

    test('another list changes rules alone, and what a person opened is closed again with it', async () => {
      const server = bastion()?.device_id;
      await cloud.member.call('network', 'POST', '/v2.0/security-group-rules', { body: { security_group_rule: { security_group_id: ours()[0]?.id, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 22, port_range_max: 22 } } });
      expect(ssh(bastion(), '198.51.100.99')).toBe(true);
      await allow(['192.0.2.0/25', '198.18.0.0/15']);
      await until('the other ranges', async () => (ssh(bastion(), '192.0.2.9') && ssh(bastion(), '198.19.0.1') && !ssh(bastion(), '203.0.113.7') && !ssh(bastion(), '198.51.100.99') ? true : undefined));
      expect(bastion()?.device_id).toBe(server);
    }, 3 * minutes);

    test('without a list everybody reaches it again, and it the nodes; with one it is closed again', async () => {
      await allow([]);
      await says('Unrestricted');
      expect(ours()).toEqual([]);
      await until('an open bastion that reaches the nodes', async () => (ssh(bastion(), '198.51.100.99') && ssh(node(), addressOf(bastion())) ? true : undefined), 4);
      await allow(['203.0.113.0/24']);
      await says('Restricted');
      await until('a closed bastion that reaches the nodes', async () => (!ssh(bastion(), '198.51.100.99') && ssh(bastion(), '203.0.113.7') && ssh(node(), addressOf(bastion())) ? true : undefined), 4);
    }, 12 * minutes);

    test('the group goes with the cluster', async () => {
      await life.plane.client.delete(resources.clusters, { namespace, name: 'demo' });
      await until('the end of the Cluster', async () => ((await life.get()) === undefined ? true : undefined), 6);
      expect(await life.listing()).toEqual(before);
    }, 8 * minutes);
  });

  describe('routes of its router', () => {
    const [vpn, office] = [{ destination: '172.16.0.0/12', nextHop: '10.20.0.9' }, { destination: '192.0.2.0/24', nextHop: '10.20.0.10' }];
    /** As the cloud controller manager writes it for a node. */
    const pods = { destination: '10.120.3.0/24', nexthop: '10.20.0.33' };
    const router = () => Object.values(cloud.cloud.state.neutron.routers).find(({ name }) => name.endsWith('-routed'))!;
    const standing = () => router().routes.map(({ destination, nexthop }) => `${destination} ${nexthop}`).sort();
    const get = (): Promise<Held | undefined> => life.plane.client.get<Held>(resources.clusters, { namespace, name: 'routed' });
    const says = (reason: string): Promise<{ message: string }> => until(`RoutesSet ${reason}`, async () => (await get())?.status?.conditions?.find(({ type, reason: is }) => type === 'keelson.dev/RoutesSet' && is === reason));
    const route = async (...routes: readonly object[]): Promise<unknown> => {
      const { spec } = (await get())!;
      const variables = spec.topology.variables.map((one) => (one.name === 'network' ? { ...one, value: { ...one.value, routes } } : one));
      return life.plane.client.patch(resources.clusters, { namespace, name: 'routed' }, { type: 'merge', body: { spec: { topology: { variables } } } });
    };

    test('stand there as the Cluster names them, beside those of the pods, and go when it names them no more', async () => {
      await life.plane.client.create(resources.clusters, life.cluster((cluster) => {
        cluster.metadata.name = 'routed';
        const network = cluster.spec.topology.variables.find(({ name }) => name === 'network')!;
        network.value = { ...network.value, routes: [vpn] };
      }));
      expect((await says('Set')).message).toBe('172.16.0.0/12 via 10.20.0.9');
      expect(standing()).toEqual(['172.16.0.0/12 10.20.0.9']);
      await cloud.member.call('network', 'PUT', `/v2.0/routers/${router().id}/add_extraroutes`, { body: { router: { routes: [pods] } } });
      await route(office);
      await until('the other route', async () => (standing().join() === '10.120.3.0/24 10.20.0.33,192.0.2.0/24 10.20.0.10' ? true : undefined));
      await route();
      await says('Unset');
      expect(standing()).toEqual(['10.120.3.0/24 10.20.0.33']);
    }, 8 * minutes);

    test('with a next hop that the router does not reach are refused by the cloud, and the Cluster says so', async () => {
      await route({ ...vpn, nextHop: '10.99.0.1' });
      expect((await says('Refused')).message).toMatch(/not connected with router/);
    }, minutes);

    test('the cluster goes with them', async () => {
      await route(vpn);
      await says('Set');
      await life.plane.client.delete(resources.clusters, { namespace, name: 'routed' });
      await until('the end of the Cluster', async () => ((await get()) === undefined ? true : undefined), 6);
    }, 8 * minutes);
  });

  describe('nodes that Ignition sets up', () => {
    interface Ignition {
      readonly ignition: { readonly version: string };
      readonly storage: { readonly files: readonly { readonly path: string; readonly contents: { readonly source: string } }[] };
      readonly systemd: { readonly units: readonly { readonly name: string; readonly contents?: string; readonly dropins?: readonly { readonly contents: string }[] }[] };
      readonly passwd: { readonly users: readonly { readonly name: string }[] };
    }
    let made: Ignition;
    const content = (path: string): string => decodeURIComponent((made.storage.files.find((file) => file.path === path)?.contents.source ?? '').replace(/^data:[^,]*,/, ''));
    const unit = (name: string): string => made.systemd.units.filter((one) => one.name === name).map(({ contents = '', dropins = [] }) => contents + dropins.map((one) => one.contents).join('')).join('\n');

    test('Cluster API makes Ignition of everything that a Cluster can say, and CAPO gives it to the server', async () => {
      await life.plane.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'registry', namespace }, stringData: { 'hosts.toml': 'server = "https://registry.example:5000"\n' } } as KubeObject);
      await life.plane.client.create(resources.clusters, life.cluster((cluster) => {
        cluster.metadata.name = 'ign';
        setVariable(cluster, 'os', { ...everything.os, sshKey: undefined, format: 'ignition' });
        const controlPlane = cluster.spec.topology.variables.find(({ name }) => name === 'controlPlane')!;
        controlPlane.value = { ...controlPlane.value, etcdVolume: { sizeGiB: 20 }, volumes: [{ name: 'audit', sizeGiB: 30, mountPath: '/var/log/kubernetes' }] };
      }));
      const secret = await until('the configuration of the first server', async () => {
        const { items } = await life.plane.client.list(resources.machines, { namespace, labelSelector: 'cluster.x-k8s.io/cluster-name=ign,cluster.x-k8s.io/control-plane' });
        const name = (items[0]?.['spec'] as { bootstrap?: { dataSecretName?: string } } | undefined)?.bootstrap?.dataSecretName;
        return name === undefined ? undefined : life.plane.client.get(resources.secrets, { namespace, name });
      }, 5).catch((error: unknown) => Promise.reject(new Error(`${String(error)}\n${life.plane.log('bootstrap-kubeadm')}\n${life.plane.log('control-plane-kubeadm')}`)));
      const data = secret['data'] as { value: string; format: string };
      expect(Buffer.from(data.format, 'base64').toString()).toBe('ignition');
      made = JSON.parse(Buffer.from(data.value, 'base64').toString()) as Ignition;
      const server = await until('the server', async () => Object.values(cloud.cloud.state.nova.servers).find(({ name }) => name.startsWith('ign-') && !name.endsWith('bastion')), 4);
      expect(Buffer.from(JSON.stringify(server)).includes(data.value.slice(0, 200))).toBe(true);
    }, 8 * minutes);

    test('files, units and users are there, whole', () => {
      expect(made.ignition.version).toMatch(/^2\./);
      expect(JSON.parse(content('/etc/kubernetes/keelson/audit-policy.json'))).toMatchObject({ kind: 'Policy' });
      expect(content('/etc/containerd/certs.d/registry.example:5000/hosts.toml')).toBe('server = "https://registry.example:5000"\n');
      expect(content('/etc/ssl/certs/keelson-1.pem')).toMatch(/^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\n$/);
      expect(unit('kubeadm.service')).toMatch(/ExecStart=\/bin\/bash \/etc\/kubeadm\.sh[\s\S]*RequiresMountsFor=\/var\/lib\/etcd \/var\/log\/kubernetes/);
      expect(unit('var-lib-etcd.mount')).toMatch(/What=\/dev\/vdb\n.*Where=\/var\/lib\/etcd/s);
      expect(made.passwd.users.map(({ name }) => name)).toEqual(expect.arrayContaining(['ops', 'audit']));
    }, minutes);

    test('its script is one that bash reads, and after it has put in the names kubeadm takes its documents', async () => {
      const [script, documents] = [join(folder, 'kubeadm.sh'), join(folder, 'kubeadm.yml')];
      await writeFile(script, content('/etc/kubeadm.sh'));
      await writeFile(documents, content('/etc/kubeadm.yml'));
      await run('bash', ['-n', script]);
      const command = content('/etc/kubeadm.sh').split('\n').find((line) => line.trim().startsWith('sed -i'))!;
      await run('bash', ['-c', command.replace('/etc/kubeadm.yml', documents)], { env: { PATH: process.env['PATH'], COREOS_OPENSTACK_HOSTNAME: 'ign-1.novalocal', COREOS_OPENSTACK_INSTANCE_UUID: '8d9d8a1e-2b4c' } });
      const text = await readFile(documents, 'utf8');
      expect(text).toMatch(/name: '?ign-1'?\n/);
      expect(text).toContain('openstack:///8d9d8a1e-2b4c');
      expect(text).not.toContain('{{');
      expect((await run(join(toolsBin, 'kubeadm'), ['config', 'validate', '--config', documents])).stdout).toMatch(/^ok/);
    }, minutes);
  });
});
