import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Helm } from '../../../../provisioner/helm/index.ts';
import { Reflector, resources, type KubeObject } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { federationSecrets, monitoringController } from '../../../../provisioner/operators/monitoring/controller.ts';
import type { FederationSecret } from '../../../../provisioner/operators/monitoring/federation.ts';
import { phaseOf } from '../../../../provisioner/operators/monitoring/phase.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const system = 'keelson-system';
const name = 'federation-org-demo.demo';
const hour = 3_600_000;

/** The real one: its schema judges what we write. */
async function scrapeConfigDefinition(): Promise<KubeObject> {
  const chart = join(import.meta.dirname, '../../../../charts/prometheus-operator');
  const documents = parseAllDocuments(await new Helm({ binary: join(toolsBin, 'helm') }).template({ release: 'x', namespace: 'x', chart }));
  const objects = (Array.isArray(documents) ? documents : []).map((d) => d.toJS() as KubeObject | null);
  return objects.find((o) => o?.metadata.name === 'scrapeconfigs.monitoring.coreos.com')!;
}

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'monitoring, against a real API server that is both clusters', () => {
  let api: ApiServer;
  let context: TestContext;
  let remotes: RemoteClusters;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    api = await startApiServer();
    await installKinds(api);
    context = testContext(api.client);
    start();
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    remotes?.close();
    await api?.stop();
  });

  function start(): void {
    const seams = { client: api.client, log: context.log };
    const kubeconfigs = kubeconfigSecrets(context);
    remotes = new RemoteClusters({ secrets: kubeconfigs });
    stop = startControllers([monitoringController({
      context, remotes, kubeconfigs, secrets: federationSecrets(context),
      clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
      apps: new Reflector<AppObject>({ ...seams, resource: resources.apps }),
    })]);
  }

  const secret = () => api.client.get<FederationSecret>(resources.secrets, { namespace: system, name });
  const tokenOf = (s: FederationSecret) => Buffer.from(s.data?.['token'] ?? '', 'base64').toString();

  it('asks for a token when the monitoring of a cluster is Ready, and not before', async () => {
    await api.client.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'keelson-federation-reader', namespace: system } });
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    const metadata = { name: 'demo-workload-monitoring', namespace, labels: { 'keelson.dev/component': 'workload-monitoring' } };
    const app = await api.client.create<KubeObject>(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata, spec: { cluster: 'demo', chart: 'workload-monitoring', namespace: system } });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await secret()).toBeUndefined();

    const status = { observedGeneration: app.metadata.generation, conditions: [{ type: 'Ready', status: 'True', reason: 'Installed', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    await api.client.patch(resources.apps, { namespace, name: metadata.name }, { type: 'merge', body: { status }, subresource: 'status' });
    const token = tokenOf(await eventually(secret));
    const review = await api.client.request({
      method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }),
    });
    expect(JSON.parse(review.body.toString())).toMatchObject({ status: { authenticated: true, user: { username: `system:serviceaccount:${system}:keelson-federation-reader` } } });
  }, 60_000);

  it('writes the ScrapeConfig once prometheus-operator is there', async () => {
    await api.client.create(resources.customResourceDefinitions, await scrapeConfigDefinition());
    await eventually(() => api.client.list(resources.scrapeConfigs));
    await stop();
    start();
    const found = await eventually(() => api.client.get<KubeObject & { spec: object }>(resources.scrapeConfigs, { namespace: system, name }));
    expect(found.spec).toMatchObject({ staticConfigs: [{ targets: [`127.0.0.1:${api.port}`] }] });
  }, 60_000);

  it('tells a second Cluster of the name apart, in its series and on itself', async () => {
    const late = 'org-late';
    const { metadata, ...rest } = cluster('demo');
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: late } });
    await api.client.create(resources.clusters, { ...rest, metadata: { ...metadata, namespace: late } });
    await api.client.patch(resources.clusters, { namespace: late, name: 'demo' }, { type: 'merge', subresource: 'status', body: { status: { initialization: { controlPlaneInitialized: true } } } });
    const ofFirst = (await api.client.get<KubeObject & { data?: object }>(resources.secrets, { namespace, name: 'demo-kubeconfig' }))!;
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'demo-kubeconfig', namespace: late, labels: { 'cluster.x-k8s.io/cluster-name': 'demo' } }, data: ofFirst.data } as KubeObject);
    const app = (await api.client.get<KubeObject>(resources.apps, { namespace, name: 'demo-workload-monitoring' }))!;
    const ref = { namespace: late, name: app.metadata.name };
    await api.client.create<KubeObject>(resources.apps, { apiVersion: app.apiVersion, kind: app.kind, metadata: { ...ref, labels: app.metadata.labels! }, spec: app['spec'] });
    await api.client.patch(resources.apps, ref, { type: 'merge', subresource: 'status', body: { status: app['status'] } });
    const labelsOf = async (of: string): Promise<unknown> => (await api.client.get<KubeObject & { spec: { staticConfigs: { labels: object }[] } }>(resources.scrapeConfigs, { namespace: system, name: of }))?.spec.staticConfigs[0]?.labels;
    expect(await eventually(() => labelsOf('federation-org-late.demo'))).toMatchObject({ cluster_id: 'demo.org-late' });
    expect(await labelsOf(name)).toMatchObject({ cluster_id: 'demo' });
    const annotationOf = async (at: string): Promise<string | undefined> => (await api.client.get(resources.clusters, { namespace: at, name: 'demo' }))?.metadata.annotations?.['keelson.dev/cluster-id'];
    expect([await annotationOf(late), await annotationOf(namespace)]).toEqual(['demo.org-late', undefined]);
  }, 60_000);

  it('notes that a Cluster was available, which stays when it is no more and the operator was away', async () => {
    const available = (status: string, since: string) => api.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', subresource: 'status', body: { status: { conditions: [{ type: 'Available', status, reason: 'x', message: '', lastTransitionTime: since }] } } });
    const found = async (): Promise<Cluster> => (await api.client.get<Cluster>(resources.clusters, { namespace, name: 'demo' }))!;
    const created = new Date((await found()).metadata.creationTimestamp!);
    const after = (seconds: number): string => new Date(created.getTime() + seconds * 1000).toISOString();
    await available('False', after(1));
    expect(phaseOf(await found()).phase).toBe('creating');
    await available('True', after(300));
    const noted = async (): Promise<string | undefined> => (await found()).metadata.annotations?.['keelson.dev/first-available'];
    expect(await eventually(noted)).toBe(after(300));
    await available('False', after(600));
    await stop();
    start();
    await available('True', after(900));
    await available('False', after(1000));
    expect([phaseOf(await found()).phase, await noted()]).toEqual(['running', after(300)]);
  }, 60_000);

  it('renews the token at two thirds of its life', async () => {
    const before = tokenOf(await eventually(secret));
    context.turn(17 * hour);
    await api.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
    await eventually(async () => tokenOf(await eventually(secret)) !== before);
  }, 60_000);

  it('takes both away with the cluster, also when it went while nobody looked', async () => {
    await stop();
    await api.client.delete(resources.clusters, { namespace, name: 'demo' });
    start();
    await eventually(async () => (await secret()) === undefined);
    expect(await api.client.get(resources.scrapeConfigs, { namespace: system, name })).toBeUndefined();
  }, 60_000);

  it('told no token', async () => {
    expect(context.said.join('\n')).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
  });
});
