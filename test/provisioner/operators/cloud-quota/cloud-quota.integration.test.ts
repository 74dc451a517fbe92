/** Against the simulated cloud and a real API server. */
import { Registry } from 'prom-client';
import { stringify } from 'yaml';
import { type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import { cloudQuotaController } from '../../../../provisioner/operators/cloud-quota/controller.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { answersWith } from '../../../../sandbox/openstack/index.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { home, serviceLoadBalancer } from '../cluster/project.ts';
import { installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, testContext, type TestContext } from '../surroundings.ts';

const intervalMs = 800;

describeWith(apiServerNeeds, 'quotas of the projects that clusters are in', () => {
  let management: ApiServer;
  let cloud: Running;
  let context: TestContext;
  let registry: Registry;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    [management, cloud] = await Promise.all([startApiServer(), start(recorded())]);
    await installKinds(management);
    context = testContext(management.client);
    registry = new Registry();
    await cloudSecret('keelson');
    stop = startControllers([cloudQuotaController({ context, registry, clusters: new Reflector<Cluster>({ client: management.client, resource: resources.clusters }), intervalMs })]);
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    await cloud?.stop();
    await management?.stop();
  });

  const cloudSecret = (entry: string, change: (text: string) => string = (text) => text): Promise<unknown> => management.client.apply(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': change(stringify({ clouds: { openstack: cloud.cloud.clouds().clouds[entry] } })) },
  } as KubeObject, { fieldManager: 'test', force: true });
  const create = (name: string): Promise<unknown> => management.client.create(resources.clusters, {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, namespace },
    spec: { topology: { classRef: { name: 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.36.3', variables: [{ name: 'cloud', value: { identity: { name: 'cloud' } } }] } },
  } as KubeObject);
  /** Value of the series of a family with this part of its labels. */
  const value = async (family: string, part: string): Promise<number | undefined> => {
    const line = (await registry.metrics()).split('\n').find((one) => one.startsWith(`${family}{`) && one.includes(part));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  const used = (part: string) => value('keelson_openstack_quota_used', part);
  const limit = (part: string) => value('keelson_openstack_quota_limit', part);

  test('nobody is asked while there is no cluster', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2 * intervalMs));
    expect(cloud.cloud.calls().filter(({ userAgent }) => userAgent === 'keelson-operator')).toEqual([]);
  });

  test('used and limit of every service are there, and follow what is made', async () => {
    const project = (await cloud.member.projectId())!;
    const { nova, neutron } = cloud.cloud.state;
    nova.quotas[project] = { instances: 11, cores: 22, ram: 33_000, server_groups: 4 };
    neutron.quotas[project] = { network: 5, subnet: 6, router: 7, port: 88, floatingip: 9 };
    await create('one');
    await eventually(async () => (await used('resource="network"')) === 0);
    const of = `organization="demo",project="${project}",region="RegionOne"`;
    const limits = { instances: 11, cores: 22, ram_mib: 33_000, server_groups: 4, network: 5, subnet: 6, router: 7, port: 88, floatingip: 9 };
    const serviceOf = (resource: string): string => (resource in nova.quotas[project]! || resource === 'ram_mib' ? 'compute' : 'network');
    for (const [resource, wanted] of Object.entries(limits)) {
      const series = `${of},service="${serviceOf(resource)}",resource="${resource}"`;
      expect([resource, await used(series), await limit(series)]).toEqual([resource, 0, wanted]);
    }
    for (const resource of ['service="load-balancer",resource="load_balancer"', 'service="block-storage",resource="volumes"', 'service="block-storage",resource="gigabytes"']) {
      expect([resource, await used(`${of},${resource}`)]).toEqual([resource, 0]);
      expect([resource, (await limit(`${of},${resource}`))! > 0]).toEqual([resource, true]);
    }
    const { subnetId } = await home(cloud, 'demo', '10.20.0.0/24');
    await serviceLoadBalancer(cloud, { cluster: 'demo', service: 'shop/web', subnetId });
    await cloud.member.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 7, name: 'v' } } });
    const made = { network: 1, load_balancer: 1, volumes: 1, gigabytes: 7 };
    await eventually(async () => (await Promise.all(Object.entries(made).map(async ([resource, count]) => (await used(`resource="${resource}"`)) === count))).every(Boolean));
  }, 40_000);

  test('a limit that somebody took away is no series', async () => {
    const project = await cloud.member.projectId();
    await cloud.admin.call('compute', 'PUT', `/os-quota-sets/${project}`, { body: { quota_set: { cores: -1 } } });
    await eventually(async () => (await limit('resource="cores"')) === undefined);
    expect(await used('resource="cores"')).toEqual(expect.any(Number));
  }, 40_000);

  test('clusters that share credentials are asked for once', async () => {
    await create('two');
    await create('three');
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
    cloud.cloud.resetCalls();
    await new Promise((resolve) => setTimeout(resolve, 4 * intervalMs));
    const logins = cloud.cloud.calls().filter(({ method, route, userAgent }) => method === 'POST' && route.includes('/auth/tokens') && userAgent === 'keelson-operator').reduce((sum, { count }) => sum + count, 0);
    expect(logins).toBeGreaterThanOrEqual(2);
    expect(logins).toBeLessThanOrEqual(6);
  }, 40_000);

  test('a service that fails keeps its last figures for a while, then shows none, and the others go on', async () => {
    cloud.cloud.faults.add({ name: 'closed', service: 'network', effect: answersWith(403) });
    await eventually(async () => ((await value('keelson_openstack_quota_errors_total', 'service="network",code="CLOUD_FORBIDDEN"')) ?? 0) >= 1);
    await eventually(async () => (await used('resource="network"')) === undefined);
    expect(await used('resource="instances"')).toBe(0);
    expect(await value('keelson_openstack_quota_read_timestamp_seconds', 'service="network"')).toBeLessThan(Date.now() / 1000 - 2);
    cloud.cloud.faults.heal();
    await eventually(async () => (await used('resource="network"')) === 1);
  }, 60_000);

  test('credentials that do not work are counted, and never told', async () => {
    const secret = (cloud.cloud.clouds().clouds['keelson'] as { auth: { application_credential_secret: string } }).auth.application_credential_secret;
    await cloudSecret('keelson', (text) => text.replace(secret, 'hunter2-is-no-secret'));
    await eventually(async () => ((await value('keelson_openstack_quota_errors_total', 'service="identity",code="CLOUD_UNAUTHORIZED"')) ?? 0) >= 1);
    expect(context.said.join('\n')).toContain('quotas were not read');
    expect(context.said.join('\n') + (await registry.metrics())).not.toMatch(new RegExp(`hunter2|${secret}`));
    await cloudSecret('keelson');
  }, 60_000);

  test('with the last cluster its figures go', async () => {
    for (const name of ['one', 'two', 'three']) await management.client.delete(resources.clusters, { namespace, name });
    await eventually(async () => (await used('resource=')) === undefined);
  }, 40_000);
});
