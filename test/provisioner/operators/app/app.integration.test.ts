import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { annotations } from '../../../../provisioner/api/labels.ts';
import { Helm } from '../../../../provisioner/helm/index.ts';
import { type Condition, findCondition, type KubeObject, type ObjectRef, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { appController } from '../../../../provisioner/operators/app/controller.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { rolledOut } from '../../../fixtures/rolled-out.ts';
import { configMap, tempFolder, writeChart } from '../../helm/charts.ts';
import { cluster, initialize, installKinds, namespace, openBox } from '../fleet.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: x, image: example.test/x, env: [{name: GREETING, value: {{ .Values.greeting | quote }}}]}]}
`;

/** Every object as it was at first. */
class Behind<T extends KubeObject> extends Reflector<T> {
  readonly #first = new Map<string, T>();

  override get(ref: ObjectRef): T | undefined {
    const now = this.#first.get(ref.name) ?? super.get(ref);
    if (now) this.#first.set(ref.name, now);
    return now;
  }
}

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'app, with the real Helm from one API server into another', () => {
  let management: ApiServer;
  let workload: ApiServer;
  let context: TestContext;
  let remotes: RemoteClusters;
  let charts: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    charts = await tempFolder();
    [management, workload] = await Promise.all([startApiServer(), startApiServer()]);
    await installKinds(management);
    await writeChart(charts, 'greeting', { 'a.yaml': configMap });
    await writeChart(charts, 'web', { 'a.yaml': deployment });
    context = testContext(management.client);
    await start();
  }, 200_000);

  afterAll(async () => {
    await stop?.();
    remotes?.close();
    await Promise.all([management?.stop(), workload?.stop()]);
    await rm(charts, { recursive: true, force: true });
  });

  async function start({ patienceMs = 300_000, clusters = Reflector<Cluster> }: { patienceMs?: number; clusters?: typeof Reflector<Cluster> } = {}): Promise<void> {
    await stop?.();
    const seams = { client: management.client, log: context.log };
    const labelSelector = 'keelson.dev/app-values=true';
    const kubeconfigs = kubeconfigSecrets(context);
    remotes = new RemoteClusters({ secrets: kubeconfigs });
    stop = startControllers([appController({
      context, chartsDir: charts, workers: 2, remotes, kubeconfigs, patienceMs, backoff: { baseMs: 200, maxMs: 1000 },
      helm: new Helm({ binary: join(toolsBin, 'helm'), pendingAfterMs: 0 }),
      apps: new Reflector<AppObject>({ ...seams, resource: resources.apps }),
      clusters: new clusters({ ...seams, resource: resources.clusters }),
      values: { configMaps: new Reflector<KubeObject>({ ...seams, resource: resources.configMaps, labelSelector }), secrets: new Reflector<KubeObject>({ ...seams, resource: resources.secrets, labelSelector }) },
    })]);
  }

  const create = (name: string, spec: object) =>
    management.client.create(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace }, spec: { namespace: 'apps', ...spec } });
  const get = (name: string) => management.client.get<AppObject>(resources.apps, { namespace, name });
  const until = (name: string, want: Partial<Condition>) =>
    eventually(async () => {
      const app = await get(name);
      const ready = findCondition(app?.status?.conditions, 'Ready');
      if (app && ready && Object.entries(want).every(([field, value]) => ready[field as keyof Condition] === value)) return { app, message: ready.message };
      throw new Error(`${name} is ${JSON.stringify(ready)}`);
    });
  const greetingOf = async (release: string) =>
    (await workload.client.get<KubeObject & { data: { greeting: string } }>(resources.configMaps, { namespace: 'apps', name: `${release}-greeting` }))?.data.greeting;
  const patch = (name: string, spec: object) => management.client.patch(resources.apps, { namespace, name }, { type: 'merge', body: { spec } });

  it('waits for the cluster, then installs', async () => {
    await create('demo-first', { cluster: 'demo', chart: 'greeting', releaseName: 'first', values: { greeting: 'from an App' } });
    await until('demo-first', { status: 'False', reason: 'WaitingForCluster' });
    await management.client.create(resources.clusters, cluster('demo'));
    await initialize(management, 'demo', workload.kubeconfig);

    const { app } = await until('demo-first', { status: 'True', reason: 'Installed' });
    expect(await greetingOf('first')).toBe('from an App');
    expect(app.status?.release).toMatchObject({ name: 'first', namespace: 'apps', chart: 'greeting', version: '0.1.0', revision: 1 });
    expect(app.status?.observedGeneration).toBe(app.metadata.generation);
  }, 60_000);

  it('upgrades when values change, and does nothing while they do not', async () => {
    await patch('demo-first', { values: { greeting: 'changed' } });
    await eventually(async () => (await greetingOf('first')) === 'changed');
    await until('demo-first', { status: 'True' });
    await management.client.patch(resources.apps, { namespace, name: 'demo-first' }, { type: 'merge', body: { metadata: { annotations: { touched: 'yes' } } } });
    await start();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { app } = await until('demo-first', { status: 'True' });
    expect(app.status?.release?.revision).toBe(2);
  }, 60_000);

  it('is Ready only when the workloads are, and lets dependents wait for that', async () => {
    await create('demo-web', { cluster: 'demo', chart: 'web', releaseName: 'web', onUpgradeFailure: 'Keep', drift: { correct: true } });
    await create('demo-after', { cluster: 'demo', chart: 'greeting', releaseName: 'after', dependsOn: ['demo-web', 'demo-first'] });
    const { message } = await until('demo-web', { reason: 'Installing', message: 'Deployment apps/web: its controller has not seen the change yet' });
    expect(message).toContain('apps/web');
    await until('demo-after', { reason: 'WaitingForDependency', message: 'App demo-web is not Ready: Installing' });
    expect(await greetingOf('after')).toBeUndefined();

    await rollOut('web');
    await until('demo-web', { status: 'True', reason: 'Installed' });
    await until('demo-after', { status: 'True' });
    expect(await greetingOf('after')).toBe('hello');
  }, 60_000);

  it('says what is unhealthy when patience is over, and recovers', async () => {
    await start({ patienceMs: 500 });
    await patch('demo-web', { values: { greeting: 'v2' } });
    await until('demo-web', { status: 'False', reason: 'Unhealthy' });
    await rollOut('web');
    await start();
    await until('demo-web', { status: 'True' });
  }, 60_000);

  it('installs again what somebody deleted, where the App says so', async () => {
    await workload.client.delete(resources.deployments, { namespace: 'apps', name: 'web' });
    await start();
    await eventually(() => workload.client.get(resources.deployments, { namespace: 'apps', name: 'web' }));
    await rollOut('web');
    await until('demo-web', { status: 'True' });
  }, 60_000);

  it.each([
    ['no-such-chart', 'ChartNotFound'],
    ['../../etc', 'ChartNotFound'],
    ['refusing', 'ValuesInvalid'],
    ['broken', 'InstallFailed'],
  ])('reports chart %s as %s', async (chart, reason) => {
    await writeChart(charts, 'refusing', { 'a.yaml': configMap }, { 'values.schema.json': '{"type":"object","properties":{"greeting":{"type":"integer"}}}' });
    await writeChart(charts, 'broken', { 'a.yaml': '{{ .Values.greeting' });
    const name = `demo-${reason.toLowerCase()}-${chart.length}`;
    await create(name, { cluster: 'demo', chart });
    await until(name, { status: 'False', reason });
    await management.client.delete(resources.apps, { namespace, name });
    await eventually(async () => (await get(name)) === undefined);
  }, 60_000);

  it('retries what may get better', async () => {
    await writeChart(charts, 'early', { 'a.yaml': 'apiVersion: example.test/v1\nkind: Thing\nmetadata: {name: x}\n' });
    await create('demo-early', { cluster: 'demo', chart: 'early' });
    await until('demo-early', { status: 'False', reason: 'InstallFailed' });
    await workload.client.create(resources.customResourceDefinitions, openBox({ group: 'example.test', version: 'v1', kind: 'Thing', plural: 'things' }));
    await until('demo-early', { status: 'True' });
  }, 60_000);

  it('tells of a circle', async () => {
    await create('demo-a', { cluster: 'demo', chart: 'greeting', dependsOn: ['demo-b'] });
    await create('demo-b', { cluster: 'demo', chart: 'greeting', dependsOn: ['demo-a'] });
    await until('demo-a', { reason: 'DependencyCycle', message: 'dependsOn goes in a circle: demo-a → demo-b → demo-a; remove one of them' });
  }, 60_000);

  it('leaves a release alone whose chart a new Keelson has in another version only', async () => {
    await writeChart(charts, 'former', { 'a.yaml': configMap });
    await create('demo-former', { cluster: 'demo', chart: 'former', version: '0.1.0' });
    await until('demo-former', { status: 'True' });
    await writeFile(join(charts, 'former/Chart.yaml'), 'apiVersion: v2\nname: former\nversion: 0.2.0\n');
    await start();
    const { revision } = (await get('demo-former'))!.status!.release!;
    await management.client.patch(resources.apps, { namespace, name: 'demo-former' }, { type: 'merge', body: { metadata: { annotations: { [annotations.requestedAt]: 'now' } } } });
    await eventually(async () => (await get('demo-former'))?.status?.handledRequest === 'now');
    await until('demo-former', { status: 'True' });
    expect((await get('demo-former'))?.status?.release).toMatchObject({ version: '0.1.0', revision });
    await management.client.patch(resources.apps, { namespace, name: 'demo-former' }, { type: 'merge', body: { spec: { values: { greeting: 'another' } } } });
    await until('demo-former', { status: 'False', reason: 'ChartNotFound' });
  }, 60_000);

  it('picks up a chart that changed with a new Keelson', async () => {
    await writeFile(join(charts, 'greeting/Chart.yaml'), 'apiVersion: v2\nname: greeting\nversion: 0.2.0\n');
    await start();
    await eventually(async () => (await get('demo-first'))?.status?.release?.version === '0.2.0');
    await until('demo-first', { status: 'True' });
  }, 60_000);

  it('removes the release with the App', async () => {
    await management.client.delete(resources.apps, { namespace, name: 'demo-after' });
    await eventually(async () => (await get('demo-after')) === undefined);
    expect(await greetingOf('after')).toBeUndefined();
  }, 60_000);

  it('asks nothing of a cluster that goes, once nobody waits for what is in it, however far behind the watch over Clusters is', async () => {
    await start({ clusters: Behind<Cluster> });
    await until('demo-first', { status: 'True' });
    const say = (metadata: object): Promise<unknown> => management.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body: { metadata } });
    await say({ finalizers: ['test/hold'] });
    await management.client.delete(resources.clusters, { namespace, name: 'demo' });
    await management.client.delete(resources.apps, { namespace, name: 'demo-first' });
    await until('demo-first', { reason: 'HeldByDependents', message: 'Cluster demo is being deleted; load balancers and volumes of its workloads go first' });
    await start();
    await say({ annotations: { [annotations.workloadsRemoved]: new Date().toISOString() } });
    await eventually(async () => (await get('demo-first')) === undefined);
    expect(await greetingOf('first')).toBe('changed');
  }, 60_000);

  it('told no secret of a kubeconfig', () => {
    const key = /client-key-data: (\S+)/.exec(workload.kubeconfig)?.[1];
    expect(key).toBeDefined();
    expect(context.said.join('\n')).not.toContain(key);
  });

  /** What the Deployment controller and the kubelets would do. */
  async function rollOut(name: string): Promise<void> {
    const ref = { namespace: 'apps', name };
    await eventually(async () => {
      const found = await workload.client.get(resources.deployments, ref);
      return await workload.client.patch(resources.deployments, ref, { type: 'merge', body: { status: rolledOut(1, found?.metadata.generation) }, subresource: 'status' });
    });
  }
});
