import { findCondition, Reflector, resources, type KubeObject } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import { clusterAppsController } from '../../../../provisioner/operators/cluster-apps/controller.ts';
import { components } from '../../../../provisioner/operators/cluster-apps/components.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const secret = 'credential-secret-of-a-test';
const clouds = (value: string) => Buffer.from(`clouds: {openstack: {auth: {auth_url: 'http://198.51.100.2:5000/v3', application_credential_id: id1, application_credential_secret: ${value}}}}`).toString('base64');

describeWith(apiServerNeeds, 'cluster-apps, against a real API server', () => {
  let api: ApiServer;
  let context: TestContext;
  let remotes: RemoteClusters;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    api = await startApiServer();
    await installKinds(api);
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } }).catch(() => undefined);
    context = testContext(api.client);
    const seams = { client: api.client, log: context.log };
    const kubeconfigs = kubeconfigSecrets(context);
    remotes = new RemoteClusters({ secrets: kubeconfigs });
    const abort = new AbortController();
    kubeconfigs.start(abort.signal);
    const stopControllers = startControllers([clusterAppsController({
      context, remotes, workers: 1, overrides: { 'metrics-server': { replicas: 2 } },
      clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
      openStackClusters: new Reflector<OpenStackCluster>({ ...seams, resource: resources.openStackClusters }),
      apps: new Reflector<AppObject>({ ...seams, resource: resources.apps }),
    })]);
    stop = async () => {
      abort.abort();
      await stopControllers();
      await kubeconfigs.whenStopped();
    };
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    remotes?.close();
    await api?.stop();
  });

  const app = (component: string) => api.client.get<AppObject>(resources.apps, { namespace, name: `demo-${component}` });
  const condition = async () => findCondition((await api.client.get<Cluster>(resources.clusters, { namespace, name: 'demo' }))?.status?.conditions, 'keelson.dev/AppsReady');

  it('leaves Clusters alone that are not ours', async () => {
    await api.client.create(resources.clusters, cluster('foreign', { topology: { classRef: { name: 'other' } } }));
    await api.client.create(resources.clusters, cluster('demo'));
    await eventually(() => app('metrics-server'));
    const { items } = await api.client.list<AppObject>(resources.apps);
    expect(items.every((a) => a.spec.cluster === 'demo')).toBe(true);
  }, 60_000);

  it('writes what needs no cloud at once, with the values it was told', async () => {
    expect((await app('metrics-server'))?.spec).toMatchObject({ values: { replicas: 2 }, dependsOn: ['demo-openstack-cloud-controller-manager'] });
    expect(await app('openstack-cloud-controller-manager')).toBeUndefined();
    expect(await eventually(condition)).toMatchObject({ status: 'False', reason: 'SomeNotReady' });
  }, 60_000);

  it('says what is wrong with the credentials, and goes on when they are right', async () => {
    const made = openStackCluster();
    await api.client.create(resources.openStackClusters, made);
    await api.client.patch(resources.openStackClusters, made.metadata, { type: 'merge', body: { status: made['status'] }, subresource: 'status' });
    await eventually(() => context.said.some((line) => line.includes('CloudSecretInvalid')));
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'demo-cloud-credential', namespace }, data: { 'clouds.yaml': clouds(secret) } });
    const found = await eventually(() => app('openstack-cloud-controller-manager'));
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(found.spec.values).toMatchObject({ podCidrs: ['10.120.0.0/16'] });
  }, 60_000);

  it('delivers the credentials into the cluster once it answers', async () => {
    await initialize(api, 'demo', api.kubeconfig);
    const found = await eventually(() => api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace: 'kube-system', name: 'cloud-config' }));
    const conf = Buffer.from(found.data['cloud.conf'] ?? '', 'base64').toString();
    expect(conf).toContain(`application-credential-secret="${secret}"`);
    expect(conf).toContain('router-id="router-1"');
  }, 60_000);

  it('takes rotated credentials along: another Secret, another checksum', async () => {
    const before = (await app('openstack-cloud-controller-manager'))?.spec.values;
    await api.client.patch(resources.secrets, { namespace, name: 'demo-cloud-credential' }, { type: 'merge', body: { data: { 'clouds.yaml': clouds('rotated') } } });
    await api.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
    await eventually(async () => {
      const found = await api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace: 'kube-system', name: 'cloud-config' });
      return Buffer.from(found?.data['cloud.conf'] ?? '', 'base64').toString().includes('rotated');
    });
    await eventually(async () => JSON.stringify((await app('openstack-cloud-controller-manager'))?.spec.values) !== JSON.stringify(before));
  }, 60_000);

  it('says so on the Cluster when all Apps are Ready', async () => {
    for (const { name } of components) {
      const found = await eventually(() => app(name));
      const status = { observedGeneration: found.metadata.generation, conditions: [{ type: 'Ready', status: 'True', reason: 'Installed', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
      await api.client.patch(resources.apps, { namespace, name: `demo-${name}` }, { type: 'merge', body: { status }, subresource: 'status' });
    }
    await eventually(async () => (await condition())?.status === 'True');
    expect(await condition()).toMatchObject({ reason: 'AllReady', message: `all ${components.length} Apps are Ready` });
  }, 60_000);

  it('removes the App of a component that is no more, and only that', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'keelson', 'keelson.dev/component': 'old', 'cluster.x-k8s.io/cluster-name': 'demo' };
    const spec = { cluster: 'demo', chart: 'x', namespace: 'x' };
    const create = (name: string, l: Record<string, string>) => api.client.create(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace, labels: l }, spec });
    await create('demo-mine', { 'cluster.x-k8s.io/cluster-name': 'demo' });
    await create('demo-old', labels);
    await eventually(async () => (await api.client.get(resources.apps, { namespace, name: 'demo-old' })) === undefined);
    expect(await api.client.get(resources.apps, { namespace, name: 'demo-mine' })).toBeDefined();
  }, 60_000);

  it('told no secret', () => {
    expect(context.said.join('\n')).not.toContain(secret);
  });
});

function openStackCluster(): KubeObject {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { name: 'demo-x1', namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'demo' } },
    spec: { identityRef: { type: 'Secret', name: 'cloud', cloudName: 'openstack' }, apiServerLoadBalancer: { enabled: true, provider: 'ovn' } },
    status: { network: { id: 'network-1', name: 'n', subnets: [{ id: 'subnet-1', cidr: '10.20.0.0/24' }] }, router: { id: 'router-1' }, externalNetwork: { id: 'external-1', name: 'external' } },
  };
}
