import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseBundle } from '../../../../charts/keelson/bundle/release-bundle.ts';
import { immutableBundlesPolicy } from '../../../../provisioner/api/cluster-bundle.ts';
import { findCondition, KubeClient, type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import type { BundleObject } from '../../../../provisioner/operators/cluster-apps/bundle-object.ts';
import { clusterAppsController } from '../../../../provisioner/operators/cluster-apps/controller.ts';
import { publishedBundlesController } from '../../../../provisioner/operators/cluster-apps/published-bundles.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import { servedResource } from '../../../../provisioner/operators/served.ts';
import { type ApiServer, apiServerNeeds, kubeconfigFor, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const secret = 'credential-secret-of-a-test';
const clouds = (value: string) => Buffer.from(`clouds: {openstack: {auth: {auth_url: 'http://198.51.100.2:5000/v3', application_credential_id: id1, application_credential_secret: ${value}}}}`).toString('base64');
const leftOut = { cilium: 'no eBPF here', 'snapshot-controller': 'no volumes here', 'openstack-cinder-csi': 'no block devices here' };
const operatorAgent = 'keelson-operator';
const components = releaseBundle().spec.apps.map(({ name }) => name);
const installed = components.filter((name) => !(name in leftOut));
const addOns = ['prometheus-operator', 'kube-state-metrics', 'node-exporter', 'cert-exporter', 'net-exporter', 'workload-monitoring', 'policies'];

describeWith(apiServerNeeds, 'cluster-apps, against a real API server', () => {
  let api: ApiServer;
  let client: KubeClient;
  let context: TestContext;
  let remotes: RemoteClusters;
  let folder: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-audit-'));
    await writeFile(join(folder, 'policy.yaml'), 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n');
    api = await startApiServer({ flags: [`--audit-policy-file=${folder}/policy.yaml`, `--audit-log-path=${folder}/audit.log`] });
    await installKinds(api);
    for (const name of ['kube-system', 'org-foreign']) await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }).catch(() => undefined);
    for (const object of immutableBundlesPolicy() as KubeObject[]) await api.client.create((await servedResource(api.client, object.apiVersion, object.kind))!, object);
    client = new KubeClient({ server: api.url, ca: api.ca.cert, ...api.adminCertificate, userAgent: operatorAgent });
    context = testContext(client);
    const seams = { client, log: context.log };
    const kubeconfigs = kubeconfigSecrets(context);
    remotes = new RemoteClusters({ secrets: kubeconfigs, userAgent: operatorAgent });
    const abort = new AbortController();
    kubeconfigs.start(abort.signal);
    const bundles = new Reflector<BundleObject>({ ...seams, resource: resources.clusterBundles, namespace: 'keelson-system' });
    const stopControllers = startControllers([
      publishedBundlesController({ context, bundles, own: [releaseBundle()] }),
      clusterAppsController({
        context, remotes, bundles, workers: 1, overrides: { 'metrics-server': { replicas: 2 } },
        settings: { policy: { kind: 'with-kubernetes' }, leaveOut: leftOut, catalog: 'older' }, chartsDir: join(import.meta.dirname, '../../../../charts'),
        clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
        openStackClusters: new Reflector<OpenStackCluster>({ ...seams, resource: resources.openStackClusters }),
        apps: new Reflector<AppObject>({ ...seams, resource: resources.apps }),
      }),
    ]);
    stop = async () => {
      abort.abort();
      await stopControllers();
      await kubeconfigs.whenStopped();
    };
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    remotes?.close();
    client?.close();
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  const app = (component: string) => api.client.get<AppObject>(resources.apps, { namespace, name: `demo-${component}` });
  const appsOf = async (name: string, where = namespace) => (await api.client.list<AppObject>(resources.apps, { namespace: where, labelSelector: `cluster.x-k8s.io/cluster-name=${name}` })).items;
  const componentsOf = async (name: string, where?: string) => (await appsOf(name, where)).map(({ metadata }) => metadata.labels?.['keelson.dev/component']).sort();
  const bundlesOf = async (name: string) => [...new Set((await appsOf(name)).map(({ metadata }) => metadata.labels?.['keelson.dev/bundle']))];
  const conditionOf = async (name: string) => findCondition((await api.client.get<Cluster>(resources.clusters, { namespace, name }))?.status?.conditions, 'keelson.dev/AppsReady');
  const annotate = (name: string, annotations: object, where = namespace) => api.client.patch(resources.clusters, { namespace: where, name }, { type: 'merge', body: { metadata: { annotations } } });
  const newerBundle = (version: string, change: (apps: BundleObject['spec']['apps']) => unknown[] = (apps) => apps) => {
    const { spec, ...rest } = releaseBundle();
    return api.client.create(resources.clusterBundles, { ...rest, metadata: { name: `keelson-${version}`, namespace: 'keelson-system' }, spec: { ...spec, version, apps: change(spec.apps) } });
  };

  it('publishes the bundle of this release, which nobody can change', async () => {
    const { metadata } = releaseBundle();
    const found = await eventually(async () => {
      const bundle = await api.client.get<BundleObject>(resources.clusterBundles, { namespace: 'keelson-system', name: metadata.name });
      return findCondition(bundle?.status?.conditions, 'Valid')?.status === 'True' && bundle;
    });
    // The policy takes a moment to work; a dry run changes nothing in between.
    const change = { spec: { apps: found.spec.apps.map((one) => ({ ...one, values: { other: true } })) } };
    await eventually(() => api.client.patch(resources.clusterBundles, found.metadata, { type: 'merge', body: change, dryRun: true }).then(() => undefined, (error: Error) => /never changes/.test(error.message)));
  }, 60_000);

  it('leaves Clusters alone that are not ours', async () => {
    await api.client.create(resources.clusters, { ...cluster('foreign', { topology: { classRef: { name: 'other' } } }), metadata: { name: 'foreign', namespace: 'org-foreign' } });
    await api.client.create(resources.secrets, {
      apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'foreign-kubeconfig', namespace: 'org-foreign' },
      data: { value: Buffer.from(kubeconfigFor(api.url, api.ca.cert, { token: api.nobodyToken })).toString('base64') },
    });
    await api.client.create(resources.clusters, cluster('demo'));
    await eventually(() => app('metrics-server'));
    const { items } = await api.client.list<AppObject>(resources.apps);
    expect(items.every((a) => a.spec.cluster === 'demo')).toBe(true);
  }, 60_000);

  it('writes what needs no cloud at once, with the values it was told', async () => {
    expect((await app('metrics-server'))?.spec).toMatchObject({ version: '0.1.0', values: { replicas: 2 }, dependsOn: ['demo-openstack-cloud-controller-manager'] });
    expect(await app('openstack-cloud-controller-manager')).toBeUndefined();
    expect(await eventually(() => conditionOf('demo'))).toMatchObject({ status: 'False', reason: 'SomeNotReady', message: expect.stringContaining('waits for cloud.configChecksum, cloud.configSecret') as string });
  }, 60_000);

  it('says in the App what is left out, and why', async () => {
    const ready = await eventually(async () => findCondition((await app('cilium'))?.status?.conditions, 'Ready'));
    expect(ready).toMatchObject({ status: 'Unknown', reason: 'LeftOut', message: 'no eBPF here' });
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
    for (const name of installed) {
      const found = await eventually(() => app(name));
      const status = { observedGeneration: found.metadata.generation, conditions: [{ type: 'Ready', status: 'True', reason: 'Installed', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
      await api.client.patch(resources.apps, { namespace, name: `demo-${name}` }, { type: 'merge', body: { status }, subresource: 'status' });
    }
    await eventually(async () => (await conditionOf('demo'))?.status === 'True');
    expect(await conditionOf('demo')).toMatchObject({
      reason: 'AllReady', message: `all ${installed.length} Apps of bundle 0.1.0 are Ready; left out: cilium (no eBPF here), snapshot-controller (no volumes here), openstack-cinder-csi (no block devices here)`,
    });
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

  it('a new bundle moves no cluster that did not ask for it', async () => {
    await api.client.create(resources.clusters, { ...cluster('eager'), metadata: { name: 'eager', namespace, annotations: { 'keelson.dev/bundle': 'latest' } } });
    await eventually(async () => (await bundlesOf('eager'))[0] === '0.1.0');
    await newerBundle('0.2.0', (apps) => apps.map((one) => (one.name === 'net-exporter' ? { ...one, version: '9.9.9' } : one)));
    await eventually(async () => (await bundlesOf('eager')).join() === '0.2.0');
    // A version that this Keelson does not hold comes from the catalog.
    expect((await appsOf('eager')).find(({ metadata }) => metadata.name === 'eager-net-exporter')?.spec).toMatchObject({ version: '9.9.9', catalog: { name: 'older', shared: true } });
    expect((await appsOf('eager')).find(({ metadata }) => metadata.name === 'eager-cert-exporter')?.spec).not.toHaveProperty('catalog');
    expect((await bundlesOf('demo')).filter((version) => version !== undefined)).toEqual(['0.1.0']);
  }, 60_000);

  it('moves one that is told to, and back; says so when there is no such bundle, and leaves its Apps as they are', async () => {
    await annotate('demo', { 'keelson.dev/bundle': '0.2.0' });
    await eventually(async () => (await app('net-exporter'))?.spec.version === '9.9.9');
    await annotate('demo', { 'keelson.dev/bundle': '0.1.0' });
    await eventually(async () => (await app('net-exporter'))?.spec.version === '0.1.0');
    await annotate('demo', { 'keelson.dev/bundle': '7.0.0' });
    await eventually(async () => (await conditionOf('demo'))?.reason === 'NoBundle');
    await annotate('demo', { 'keelson.dev/bundle': 'newest' });
    await eventually(async () => (await conditionOf('demo'))?.reason === 'SettingsInvalid');
    expect(await componentsOf('demo')).toEqual([...components, undefined].sort());
    await annotate('demo', { 'keelson.dev/bundle': null, 'keelson.dev/bundle-without': 'policies' });
    await eventually(async () => (await conditionOf('demo'))?.message.includes('policies (the annotation keelson.dev/bundle-without'));
  }, 60_000);

  it('gives nobody a bundle that is wrong, and says what is', async () => {
    await newerBundle('0.3.0', (apps) => apps.map((one) => (one.name === 'policies' ? { ...one, dependsOn: ['nobody'] } : one)));
    const condition = await eventually(async () => findCondition((await api.client.get<BundleObject>(resources.clusterBundles, { namespace: 'keelson-system', name: 'keelson-0.3.0' }))?.status?.conditions, 'Valid'));
    expect(condition).toMatchObject({ status: 'False', message: 'policies: dependsOn nobody, which is not in the bundle' });
    expect(await bundlesOf('eager')).toEqual(['0.2.0']);
  }, 60_000);

  it('never wrote anything for the foreign Cluster without a label, nor spoke to it', async () => {
    const ofOurs = await audited((line) => line.userAgent === operatorAgent && !['get', 'list', 'watch'].includes(line.verb));
    expect(ofOurs.length).toBeGreaterThan(20);
    expect(ofOurs.filter(({ objectRef }) => objectRef?.namespace === 'org-foreign' || objectRef?.name?.startsWith('foreign'))).toEqual([]);
    expect(await audited((line) => line.user.username === 'nobody')).toEqual([]);
  });

  it('with the label it gets the add-ons and nothing else; without it they go again', async () => {
    await api.client.patch(resources.secrets, { namespace: 'org-foreign', name: 'foreign-kubeconfig' }, { type: 'merge', body: { data: { value: Buffer.from(api.kubeconfig).toString('base64') } } });
    const label = (value: string | null) => api.client.patch(resources.clusters, { namespace: 'org-foreign', name: 'foreign' }, { type: 'merge', body: { metadata: { labels: { 'keelson.dev/managed': value } } } });
    await label('true');
    await eventually(async () => JSON.stringify(await componentsOf('foreign', 'org-foreign')) === JSON.stringify([...addOns].sort()));
    await label(null);
    await eventually(async () => (await componentsOf('foreign', 'org-foreign')).length === 0);
  }, 60_000);

  it('leaves no App of a bundle behind when the Cluster is deleted, and takes none away while it waits for them', async () => {
    await api.client.patch(resources.clusters, { namespace, name: 'eager' }, { type: 'merge', body: { metadata: { finalizers: ['keelson.dev/test'] } } });
    const before = (await appsOf('eager')).length;
    await api.client.delete(resources.clusters, { namespace, name: 'eager' });
    await annotate('eager', { 'keelson.dev/apps-leave': '2026-01-01T00:00:00Z' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await appsOf('eager')).toHaveLength(before);
    await annotate('eager', { 'keelson.dev/workloads-removed': 'removed' });
    await eventually(async () => (await appsOf('eager')).length === 0);
    await api.client.patch(resources.clusters, { namespace, name: 'eager' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  }, 60_000);

  it('told no secret', () => {
    expect(context.said.join('\n')).not.toContain(secret);
  });

  interface AuditLine {
    readonly verb: string;
    readonly userAgent: string;
    readonly user: { readonly username: string };
    readonly objectRef?: { readonly namespace?: string; readonly name?: string; readonly resource: string };
  }

  async function audited(select: (line: AuditLine) => boolean): Promise<AuditLine[]> {
    return (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n').filter((text) => text !== '').map((text) => JSON.parse(text) as AuditLine).filter(select);
  }
});

function openStackCluster(): KubeObject {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { name: 'demo-x1', namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'demo' } },
    spec: { identityRef: { type: 'Secret', name: 'cloud', cloudName: 'openstack' }, apiServerLoadBalancer: { enabled: true, provider: 'ovn' } },
    status: { network: { id: 'network-1', name: 'n', subnets: [{ id: 'subnet-1', cidr: '10.20.0.0/24' }] }, router: { id: 'router-1' }, externalNetwork: { id: 'external-1', name: 'external' } },
  };
}
