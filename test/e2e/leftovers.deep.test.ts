/** Two clusters with names of which one begins with the other, each with load balancers of Services; one of them is deleted with things in the cloud that nobody remembers. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ownershipTag } from '../../provisioner/api/names.ts';
import { Network, parseClouds, Session } from '../../provisioner/openstack/index.ts';
import { cloudName, localCloudsFile } from '../../sandbox/fleet/cloud.ts';
import { describeWith } from '../fixtures/needs.ts';
import { cloudListing, type Listed } from './cloud-listing.ts';
import { runDocumented } from './documented.ts';
import { eventually, Keelson } from './keelson.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

interface Cluster { metadata: { uid: string }; status: { conditions: { type: string; status: string; reason: string; message: string }[] } }
interface ServiceObject { status: { loadBalancer: { ingress?: { ip: string }[] } } }

const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n';

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'the end of one of two clusters', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const tags = new Map<string, string>();
  let listed: Listed[] = [];

  const clusterOf = (name: string): Promise<Cluster> => keelson.json<Cluster>('management', ['-n', `org-${name}`, 'get', 'clusters.cluster.x-k8s.io', name]);
  const address = async (cluster: string): Promise<string | undefined> => (await keelson.json<ServiceObject>(cluster, ['get', 'service', 'web'])).status.loadBalancer.ingress?.[0]?.ip;
  const session = async (): Promise<Session> => new Session({ cloud: parseClouds(await readFile(localCloudsFile(keelson.state), 'utf8'), cloudName), userAgent: 'keelson-test' });

  test('both come up after their cloud was checked, and preflight finds nothing wrong with the management cluster but single replicas', async () => {
    expect((await keelson.run(['up', '--clusters', '2', '--workers', '1'], 2_400_000)).code).toBe(0);
    for (const name of ['demo', 'demo-2']) {
      const { metadata, status } = await clusterOf(name);
      tags.set(name, ownershipTag(metadata.uid));
      expect(status.conditions.find(({ type }) => type === 'keelson.dev/PreflightPassed')).toMatchObject({ status: 'True' });
    }
    const management = await keelson.run(['preflight', '--management', '--kubeconfig', keelson.kubeconfig, '--output', 'json']);
    expect((JSON.parse(management.stdout) as { rule: string; severity: string }[]).map(({ rule, severity }) => [rule, severity])).toEqual([['management/workload', 'warning'], ['management/workload', 'warning']]);
    expect(management.code).toBe(0);
  }, 2_500_000);

  test('each has a Service with an address and a volume of its CSI driver; one has a load balancer that its cluster forgot', async () => {
    for (const name of tags.keys()) {
      expect((await keelson.kubectl(name, ['apply', '-f', '-'], service)).code).toBe(0);
      await eventually(`address of ${name}`, 240_000, () => address(name));
    }
    const cloud = await session();
    // The driver is not part of the bundle: what it would leave, by the name of the cluster that it is given.
    for (const tag of tags.values()) await cloud.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, name: `pvc-of-${tag}`, metadata: { 'cinder.csi.openstack.org/cluster': tag } } } });
    const [subnet] = await new Network(cloud).subnets({ tags: tags.get('demo') ?? '' });
    await cloud.call('load-balancer', 'POST', '/v2.0/lbaas/loadbalancers', { body: { loadbalancer: { name: `kube_service_${tags.get('demo')}_shop_gone`, vip_subnet_id: subnet?.id } } });
    cloud.close();
    listed = await cloudListing(keelson.state);
    expect(listed.filter(({ text }) => text.includes(`kube_service_${tags.get('demo')}_`)).map(({ kind }) => kind)).toContain('loadbalancers');
  }, 600_000);

  test('the first goes with everything of its own, though no Service was deleted before; the second keeps everything', async () => {
    expect(await runDocumented(keelson, 'delete-cluster')).toMatchObject({ code: 0 });
    const left = await cloudListing(keelson.state);
    const gone = listed.filter((one) => !left.some(({ id }) => id === one.id));
    expect(left.filter((one) => !listed.some(({ id }) => id === one.id))).toEqual([]);
    const isOf = (name: string, { text }: Listed): boolean => text.includes(tags.get(name) ?? '?') || new RegExp(`\\borg-${name}-${name}(?![-\\w])`).test(text) || new RegExp(`(^| )${name}-(?!2)[a-z0-9]+-`).test(text);
    expect(left.filter((one) => isOf('demo', one))).toEqual([]);
    expect(gone.filter((one) => isOf('demo-2', one))).toEqual([]);
    for (const kind of ['servers', 'networks', 'routers', 'security_groups', 'floatingips', 'loadbalancers', 'server_groups', 'volumes']) expect(gone.some((one) => one.kind === kind)).toBe(true);
    expect(gone.filter(({ kind }) => kind === 'loadbalancers')).toHaveLength(3);
    expect(left.filter(({ kind }) => kind === 'volumes').map(({ text }) => text)).toEqual([`pvc-of-${tags.get('demo-2')}`]);
    expect(await address('demo-2')).toBeDefined();
    const { stdout: events } = await keelson.kubectl('management', ['-n', 'org-demo', 'get', 'events', '-o', 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}']);
    expect(events).toMatch(/RemovingWorkloads removing Service default\/web/);
    expect(events).toMatch(/RemovingLeftovers removing load balancer kube_service_keelson-[0-9a-f]{16}_shop_gone/);
  }, 900_000);
});
