import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { releaseBundle } from '../../../charts/keelson/bundle/release-bundle.ts';
import { Helm } from '../../../provisioner/helm/index.ts';
import { KubeClient, type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { runOperator } from '../../../provisioner/operators/index.ts';
import { servedResource } from '../../../provisioner/operators/served.ts';
import { classObjects } from '../../../provisioner/topology/class/objects.ts';
import { extensionConfig } from '../../../provisioner/topology/extension/extension-config.ts';
import { type ApiServer, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { cluster, installKinds, namespace, openBox } from './fleet.ts';
import { eventually, type TestContext, testContext } from './surroundings.ts';

interface Running {
  readonly ports: { readonly health: number; readonly metrics: number | undefined };
  stop(): Promise<void>;
}

const helm = new Helm({ binary: join(toolsBin, 'helm') });
const repository = join(import.meta.dirname, '../../..');

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'the operator, against a real API server, with the rights its chart gives it', () => {
  let api: ApiServer;
  let client: KubeClient;
  const contexts: TestContext[] = [];
  const running: Running[] = [];

  beforeAll(async () => {
    api = await startApiServer();
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
    await grantRights(api);
    const token = await tokenOf(api, 'keelson-operator');
    client = new KubeClient({ server: api.url, ca: api.ca.cert, token: () => Promise.resolve(token), userAgent: 'keelson-operator' });
  }, 150_000);

  afterAll(async () => {
    await Promise.all(running.map((r) => r.stop()));
    client?.close();
    await api?.stop();
  });

  async function start(identity: string): Promise<Running> {
    const abort = new AbortController();
    const context = testContext(client);
    contexts.push(context);
    const listening = Promise.withResolvers<Running['ports']>();
    const done = runOperator({
      client, log: context.log, signal: abort.signal, onListening: listening.resolve,
      options: { chartsDir: '/charts', bundles: [releaseBundle()], helmBinary: join(toolsBin, 'helm'), classObjects: [...classObjects(), extensionConfig()], classHandlers: [], identity, metricsPort: 0, healthPort: 0, host: '127.0.0.1' },
    });
    const ports = await Promise.race([listening.promise, done.then(() => Promise.reject(new Error('ended at once')))]);
    const started = { ports, stop: () => (abort.abort(), done) };
    running.push(started);
    return started;
  }

  const page = async (port: number | undefined, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const leader = async () => ((await api.client.get<KubeObject & { spec?: { holderIdentity?: string } }>(resources.leases, { namespace: 'keelson-system', name: 'keelson-operator' }))?.spec?.holderIdentity);

  it('is ready and issues certificates although neither Cluster API nor App is installed', async () => {
    const one = await start('one');
    await eventually(async () => (await page(one.ports.health, '/readyz')).status === 200);
    expect(await eventually(leader)).toBe('one');
    const metadata = { name: 'hook', namespace: 'keelson-system', annotations: { 'keelson.dev/serving-cert-secret': 'hook-tls' } };
    await api.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 443 }] } });
    await eventually(() => api.client.get(resources.secrets, { namespace: 'keelson-system', name: 'hook-tls' }));
  }, 60_000);

  it('begins with Apps as soon as their kind is there', async () => {
    await installKinds(api, { withNamespaces: false });
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-demo' } });
    await api.client.create(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name: 'a', namespace: 'org-demo' }, spec: { cluster: 'demo', chart: 'x', namespace: 'x' } });
    await eventually(async () => (await page(running[0]!.ports.metrics, '/metrics')).text.includes('keelson_app_ready{namespace="org-demo",cluster="demo",cluster_id="demo",organization="demo",component="x",reason="WaitingForCluster"} 0'));
  }, 60_000);

  it('takes up Silences, and says that no Alertmanager is known', async () => {
    const spec = { owner: 'anna', reason: 'the disk is replaced', expiresAt: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z'), matchers: [{ name: 'alertname', value: 'NodeDiskFull' }] };
    await api.client.create(resources.silences, { apiVersion: 'keelson.dev/v1alpha1', kind: 'Silence', metadata: { name: 'disk', namespace: 'org-demo' }, spec });
    await eventually(async () => JSON.stringify(await api.client.get(resources.silences, { namespace: 'org-demo', name: 'disk' })).includes('NoAlertmanager'));
  }, 60_000);

  it('publishes the class once Cluster API is there', async () => {
    for (const box of classKinds) await api.client.create(resources.customResourceDefinitions, openBox(box));
    await eventually(() => api.client.get(resources.extensionConfigs, { name: 'keelson' }));
    await eventually(() => api.client.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' }));
  }, 60_000);

  it('writes Apps for a Cluster, and what it knows of them into the Cluster', async () => {
    await api.client.create(resources.clusters, cluster('demo'));
    await eventually(() => api.client.get(resources.apps, { namespace, name: 'demo-metrics-server' }));
    await eventually(async () => JSON.stringify(await api.client.get(resources.clusters, { namespace, name: 'demo' })).includes('keelson.dev/AppsReady'));
  }, 60_000);

  it('measures its controllers under the usual names', async () => {
    const { text } = await page(running[0]!.ports.metrics, '/metrics');
    for (const name of ['workqueue_depth{name="app"}', 'controller_runtime_reconcile_total{controller="certificates-serving",result="requeue_after"}', 'leader_election_master_status{name="keelson-operator"} 1', 'reflector_store_objects']) {
      expect(text).toContain(name);
    }
  });

  it('hands over to another replica when it stops', async () => {
    const two = await start('two');
    await eventually(async () => (await page(two.ports.health, '/readyz')).status === 200);
    expect(await leader()).toBe('one');
    await running[0]!.stop();
    await eventually(async () => (await leader()) === 'two');
    const metadata = { name: 'later', namespace: 'keelson-system', annotations: { 'keelson.dev/serving-cert-secret': 'later-tls' } };
    await api.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 443 }] } });
    await eventually(() => api.client.get(resources.secrets, { namespace: 'keelson-system', name: 'later-tls' }));
  }, 60_000);

  it('was refused nothing', () => {
    expect(contexts.flatMap((c) => c.said).filter((line) => /forbidden|\b403\b/i.test(line))).toEqual([]);
  });
});

const classKinds = [
  { group: 'cluster.x-k8s.io', version: 'v1beta2', kind: 'ClusterClass', plural: 'clusterclasses' },
  { group: 'bootstrap.cluster.x-k8s.io', version: 'v1beta2', kind: 'KubeadmConfigTemplate', plural: 'kubeadmconfigtemplates' },
  { group: 'controlplane.cluster.x-k8s.io', version: 'v1beta2', kind: 'KubeadmControlPlaneTemplate', plural: 'kubeadmcontrolplanetemplates' },
  { group: 'infrastructure.cluster.x-k8s.io', version: 'v1beta1', kind: 'OpenStackClusterTemplate', plural: 'openstackclustertemplates' },
  { group: 'infrastructure.cluster.x-k8s.io', version: 'v1beta1', kind: 'OpenStackMachineTemplate', plural: 'openstackmachinetemplates' },
  { group: 'runtime.cluster.x-k8s.io', version: 'v1beta2', kind: 'ExtensionConfig', plural: 'extensionconfigs', scope: 'Cluster' as const },
];

/** ServiceAccount, roles and bindings of the chart keelson. */
async function grantRights(api: ApiServer): Promise<void> {
  const manifests = await helm.template({ release: 'keelson', namespace: 'keelson-system', chart: join(repository, 'charts/keelson') });
  const documents = parseAllDocuments(manifests);
  const objects = (Array.isArray(documents) ? documents : []).map((d) => d.toJS() as KubeObject | null);
  const granting = objects.filter((o): o is KubeObject => o !== null && ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].includes(o.kind));
  for (const object of granting) {
    const resource = await servedResource(api.client, object.apiVersion, object.kind);
    await api.client.apply(resource!, object, { fieldManager: 'test' });
  }
}

async function tokenOf(api: ApiServer, serviceAccount: string): Promise<string> {
  const answer = await api.client.request({
    method: 'POST', path: `/api/v1/namespaces/keelson-system/serviceaccounts/${serviceAccount}/token`, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
  });
  return (JSON.parse(answer.body.toString()) as { status: { token: string } }).status.token;
}
