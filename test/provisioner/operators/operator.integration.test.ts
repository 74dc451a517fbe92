import { join } from 'node:path';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { runOperator } from '../../../provisioner/operators/index.ts';
import { type ApiServer, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { installKinds } from './fleet.ts';
import { eventually, testContext } from './surroundings.ts';

interface Running {
  readonly ports: { readonly health: number; readonly metrics: number | undefined };
  stop(): Promise<void>;
}

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'the operator, against a real API server', () => {
  let api: ApiServer;
  const running: Running[] = [];

  beforeAll(async () => {
    api = await startApiServer();
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
  }, 150_000);

  afterAll(async () => {
    await Promise.all(running.map((r) => r.stop()));
    await api?.stop();
  });

  async function start(identity: string): Promise<Running> {
    const abort = new AbortController();
    const { log } = testContext(api.client);
    const listening = Promise.withResolvers<Running['ports']>();
    const done = runOperator({
      client: api.client, log, signal: abort.signal, onListening: listening.resolve,
      options: { chartsDir: '/charts', helmBinary: join(toolsBin, 'helm'), classObjects: [], identity, metricsPort: 0, healthPort: 0, host: '127.0.0.1' },
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
    await eventually(async () => (await page(running[0]!.ports.metrics, '/metrics')).text.includes('keelson_app_ready{namespace="org-demo",cluster="demo",component="x",reason="WaitingForCluster"} 0'));
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
});
