import { execFile, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type KubeObject, Reflector, type Resource, resources } from '../../../../provisioner/kube/index.ts';
import type { AppControllerOptions } from '../../../../provisioner/operators/app/controller.ts';
import { buildProgram } from '../../../../provisioner/cli/program.ts';
import { deletionPolicy } from '../../../../provisioner/api/deletion-policy.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { rolledOut } from '../../../fixtures/rolled-out.ts';
import { configMap, stuckHook, tempFolder, writeChart } from '../../helm/charts.ts';
import { type HttpRepository, packaged, startHttpRepository } from '../../helm/repository/places.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, type TestContext, testContext } from '../surroundings.ts';
import { clusterGoesCase } from './cluster-goes.ts';
import { appsOf, type Running, startAppControllers, startWire, values, type Wire } from './one-cluster.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}", labels: {team: blue}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: web, image: "{{ .Values.image }}", env: [{name: A, value: a}]}]}
`;
const schema = '{"type":"object","additionalProperties":false,"properties":{"greeting":{"type":"string"},"global":{}}}';

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm', 'kubectl'] }, 'the life of an App', () => {
  let api: ApiServer;
  let context: TestContext;
  let charts: string;
  let repository: HttpRepository;
  let wire: Wire;
  let running: Running;
  let apps: ReturnType<typeof appsOf>;

  beforeAll(async () => {
    charts = await tempFolder();
    [api, repository] = await Promise.all([startApiServer(), startHttpRepository()]);
    wire = await startWire(api.port);
    apps = appsOf(api);
    await installKinds(api);
    for (const object of deletionPolicy()) await api.client.request({ method: 'POST', path: `/apis/admissionregistration.k8s.io/v1/${(object as KubeObject).kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings'}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) });
    await writeChart(charts, 'greeting', { 'a.yaml': configMap }, { 'values.schema.json': schema });
    await writeChart(charts, 'web', { 'a.yaml': deployment, 'b.yaml': configMap }, { 'values.yaml': 'replicas: 2\nimage: a.test/a\ngreeting: hello\n' });
    repository.add({ name: 'remote', version: '1.0.0', archive: await packaged(await writeChart(charts, 'remote', { 'a.yaml': configMap }), charts, '1.0.0') });
    await writeFile(join(charts, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    context = testContext(api.client);
    await api.client.create(resources.clusters, cluster('demo'));
    await api.client.create(resources.clusters, cluster('far'));
    await initialize(api, 'demo', api.kubeconfig);
    await initialize(api, 'far', api.kubeconfig.replace(`:${api.port}`, `:${wire.port}`));
    start();
  }, 200_000);

  afterAll(async () => {
    await running?.stop();
    await Promise.all([wire?.stop(), repository?.stop(), api?.stop()]);
    await rm(charts, { recursive: true, force: true });
  });

  function start(o: Partial<AppControllerOptions> = {}): void {
    running = startAppControllers(api, context, { charts, kept: join(charts, 'kept'), ...o });
  }
  const greetingOf = async (release: string, at = 'apps') => (await api.client.get<KubeObject & { data: { greeting: string } }>(resources.configMaps, { namespace: at, name: `${release}-greeting` }))?.data.greeting;
  const kubectl = async (...args: string[]) => (await promisify(execFile)(join(toolsBin, 'kubectl'), [`--kubeconfig=${join(charts, 'kubeconfig')}`, '-n', 'apps', ...args])).stdout;
  const ask = async (name: string) => {
    const at = String(Math.random());
    await apps.patch(name, { metadata: { annotations: { 'keelson.dev/requested-at': at } } });
    await eventually(async () => (await apps.get(name))?.status?.handledRequest === at);
    return (await apps.get(name))!;
  };
  const drift = (app: Awaited<ReturnType<typeof ask>>) => app.status?.drift?.fields.map(({ object, field, change, by }) => `${object} ${field} ${change} ${by}`.trim()).toSorted();

  /** `keelson …` in this process. */
  async function run(...args: string[]): Promise<{ text: string; code: number }> {
    let text = '';
    let code = 0;
    const stream = { write: (chunk: string | Uint8Array) => ((text += String(chunk)), true), isTTY: false as never, columns: 80 };
    const cli = { env: {}, home: charts, repository: charts, signal: new AbortController().signal, stdin: process.stdin, stdout: stream, stderr: stream, setExitCode: (given: 0 | 1 | 2) => void (code = given) };
    await buildProgram(cli).parseAsync(args, { from: 'user' });
    return { text, code };
  }

  it('takes a chart from a Catalog, with values in the one order, and follows them', async () => {
    const catalog = { apiVersion: 'keelson.dev/v1alpha1', kind: 'Catalog', metadata: { name: 'team', namespace }, spec: { repositories: [{ url: repository.url }], values: { configMap: 'base' } } };
    await api.client.create(resources.configMaps, values('ConfigMap', 'base', 'greeting: of the catalog'));
    await api.client.create(resources.catalogs, catalog);
    await apps.create('remote', { cluster: 'demo', catalog: { name: 'team' }, chart: 'remote', version: '1.0.0' });
    await apps.until('remote', { status: 'True' });
    expect(await greetingOf('remote')).toBe('of the catalog');
    await api.client.create(resources.secrets, values('Secret', 'remote-user-values', 'greeting: of the user'));
    await eventually(async () => (await greetingOf('remote')) === 'of the user');
    await eventually(async () => (await api.client.get<KubeObject & { status?: { conditions?: { status: string }[] } }>(resources.catalogs, { namespace, name: 'team' }))?.status?.conditions?.[0]?.status === 'True');
    await apps.remove('remote');
    await apps.gone('remote');
  }, 60_000);

  it('what was made before the App is in its first release, however far behind the watch over values is', async () => {
    await running.stop();
    const blind = (resource: Resource) => new Reflector<KubeObject>({ client: api.client, log: context.log, resource, labelSelector: 'nobody=has-it' });
    start({ values: { configMaps: blind(resources.configMaps), secrets: blind(resources.secrets) } });
    await api.client.create(resources.configMaps, { ...values('ConfigMap', 'early-user-values', 'greeting: read without its label'), metadata: { name: 'early-user-values', namespace } });
    await api.client.create(resources.secrets, values('Secret', 'early-named', 'greeting: of the Secret'));
    await apps.create('early', { cluster: 'demo', chart: 'greeting', valuesFrom: [{ kind: 'Secret', name: 'early-named', level: 'App' }] });
    const { app } = await apps.until('early', { status: 'True' });
    expect([app.status?.release?.revision, await greetingOf('early')]).toEqual([1, 'of the Secret']);
    await running.stop();
    start();
    await apps.remove('early');
    await apps.gone('early');
  }, 60_000);

  it('tells a typo with its place and who made it, and runs nothing', async () => {
    await api.client.create(resources.configMaps, values('ConfigMap', 'typo-user-values', 'greetng: hi'));
    await apps.create('typo', { cluster: 'demo', chart: 'greeting', namespace: 'untouched', values: { greeting: 1 } });
    const { message } = await apps.until('typo', { reason: 'ValuesInvalid' });
    expect(message).toContain('greetng: the chart has no such value, set in ConfigMap org-demo/typo-user-values (user)');
    expect(message).toContain('greeting: got number, want string, set in spec.values');
    expect(await api.client.get(resources.namespaces, { name: 'untouched' })).toBeUndefined();
    await apps.patch('typo', { spec: { values: { greeting: 'one' } } });
    await api.client.delete(resources.configMaps, { namespace, name: 'typo-user-values' });
    await apps.until('typo', { status: 'True' });
    await apps.patch('typo', { spec: { values: { greeting: 2 } } });
    const again = await apps.until('typo', { reason: 'ValuesInvalid' });
    expect([again.message, again.app.status?.release?.revision, await greetingOf('typo', 'untouched')]).toEqual([expect.stringContaining('greeting: got number, want string, set in spec.values'), 1, 'one']);
    await apps.remove('typo');
  }, 60_000);

  it('an upgrade that fails is rolled back, and a mended one goes through', async () => {
    await apps.create('turn', { cluster: 'demo', chart: 'remote', catalog: { name: 'team' }, version: '1.0.0', values: { greeting: 'good' } });
    await apps.until('turn', { status: 'True' });
    await writeChart(charts, 'remote', { 'a.yaml': configMap, 'z.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n' });
    repository.add({ name: 'remote', version: '2.0.0', archive: await packaged(join(charts, 'remote'), charts, '2.0.0') });
    await apps.patch('turn', { spec: { version: '2.0.0', values: { greeting: 'bad' } } });
    const { app, message } = await apps.until('turn', { reason: 'RolledBack' });
    expect(message).toContain('99999');
    expect([app.status?.release?.version, app.status?.failed?.attempts, app.status?.release?.revision]).toEqual(['1.0.0', 1, 3]);
    expect(await greetingOf('turn')).toBe('good');
    await apps.patch('turn', { spec: { version: '1.0.0', values: { greeting: 'better' } } });
    const mended = await apps.until('turn', { status: 'True' });
    expect([mended.app.status?.failed, await greetingOf('turn')]).toEqual([undefined, 'better']);
    await apps.remove('turn');
  }, 60_000);

  it('an upgrade whose pods do not come is rolled back; a node that fails later is not taken for one', async () => {
    const image = async () => (await api.client.get<KubeObject & { spec: { template: { spec: { containers: { image: string }[] } } } }>(resources.deployments, { namespace: 'apps', name: 'pods' }))?.spec.template.spec.containers[0]?.image;
    const pods = (availableReplicas: number) => eventually(async () => {
      const ref = { namespace: 'apps', name: 'pods' };
      const found = await api.client.get(resources.deployments, ref);
      if (!found) return undefined; // it may come to be before the patch, which would then say nothing of its generation
      return await api.client.patch(resources.deployments, ref, { type: 'merge', body: { status: { ...rolledOut(2, found.metadata.generation), readyReplicas: availableReplicas, availableReplicas } }, subresource: 'status' });
    });
    await apps.create('pods', { cluster: 'demo', chart: 'web' });
    await pods(2);
    await apps.until('pods', { status: 'True' });
    await running.stop();
    start({ patienceMs: 500 });
    await pods(0);
    await apps.patch('pods', { metadata: { annotations: { 'keelson.dev/requested-at': 'now' } } });
    await apps.until('pods', { reason: 'Unhealthy' });
    expect((await apps.get('pods'))?.status?.release?.revision).toBe(1);
    await pods(2);
    await apps.patch('pods', { spec: { values: { image: 'bad.test/bad' } } });
    const { message } = await apps.until('pods', { reason: 'RolledBack' });
    expect([message, await image()]).toEqual([expect.stringContaining('Deployment apps/pods: its controller has not seen the change yet'), 'a.test/a']);
    await running.stop();
    start();
    await apps.remove('pods');
    await apps.gone('pods');
  }, 60_000);

  it('the commands tell what an App has, would change and made', async () => {
    await api.client.create(resources.secrets, values('Secret', 'told-user-values', 'greeting: hunter22'));
    await apps.create('told', { cluster: 'demo', chart: 'greeting', values: { greeting: 'plain' } });
    await apps.until('told', { status: 'True' });
    const own = ['-n', namespace, '--kubeconfig', join(charts, 'kubeconfig'), '--charts-dir', charts, '--helm', join(toolsBin, 'helm')];
    const said = await run('app', 'values', 'told', ...own);
    expect(said.text).toContain('greeting  "(secret)"  Secret org-demo/told-user-values (user), over spec.values, chart');
    expect(await run('app', 'diff', 'told', ...own)).toEqual({ text: 'nothing would change\n', code: 0 });
    await kubectl('patch', 'configmap', 'told-greeting', '--type=merge', '-p', '{"data":{"greeting":"by hand"}}');
    expect(await run('app', 'diff', 'told', ...own)).toEqual({ text: '~ ConfigMap apps/told-greeting\n    data.greeting: "by hand" → "hunter22"\n', code: 1 });
    expect(await run('app', 'tree', 'told', ...own)).toEqual({ text: 'App told\n└─ ✓ ConfigMap apps/told-greeting\n', code: 0 });
    await kubectl('delete', 'configmap', 'told-greeting');
    expect(await run('app', 'tree', 'told', ...own)).toEqual({ text: 'App told\n└─ ✗ ConfigMap apps/told-greeting is not there\n', code: 1 });
    expect((await run('app', 'diff', 'told', ...own)).text).toBe('+ ConfigMap apps/told-greeting\n');
    await apps.remove('told');
  }, 60_000);

  describe('drift', () => {
    it('every kind of change by a person is told with its field; an autoscaler does its task', async () => {
      await apps.create('web', { cluster: 'demo', chart: 'web', onUpgradeFailure: 'Keep' });
      await apps.until('web', { reason: 'Installing', message: 'Deployment apps/web: its controller has not seen the change yet' });
      expect(drift(await ask('web'))).toEqual([]);
      await apps.until('web', { status: 'False', reason: 'InSync' }, 'Drifted');

      await api.client.request({ method: 'PATCH', path: '/apis/apps/v1/namespaces/apps/deployments/web/scale', query: { fieldManager: 'kube-controller-manager' }, headers: { 'content-type': 'application/merge-patch+json' }, body: '{"spec":{"replicas":7}}' });
      expect(drift(await ask('web'))).toEqual([]);

      await kubectl('scale', 'deployment/web', '--replicas=5');
      await kubectl('set', 'image', 'deployment/web', 'web=b.test/b');
      await kubectl('label', 'deployment/web', 'team=red', '--overwrite');
      await kubectl('label', 'deployment/web', 'mine=yes');
      await kubectl('delete', 'configmap', 'web-greeting');
      expect(drift(await ask('web'))).toEqual([
        'ConfigMap apps/web-greeting  deleted',
        'Deployment apps/web metadata.labels.mine added kubectl-label',
        'Deployment apps/web metadata.labels.team changed kubectl-label',
        'Deployment apps/web spec.replicas changed kubectl',
        'Deployment apps/web spec.template.spec.containers[web].image changed kubectl-set',
      ]);
      await apps.until('web', { status: 'True', reason: 'Changed' }, 'Drifted');
    }, 60_000);

    it('is taken back where the App says so, in what the chart sets and nobody else may decide', async () => {
      await apps.patch('web', { spec: { drift: { correct: true, ignoreFields: ['spec.replicas'] } } });
      await ask('web');
      const live = await api.client.get<KubeObject & { spec: { replicas: number; template: { spec: { containers: { image: string }[] } } } }>(resources.deployments, { namespace: 'apps', name: 'web' });
      expect([live?.spec.template.spec.containers[0]?.image, live?.metadata.labels, live?.spec.replicas]).toEqual(['a.test/a', expect.objectContaining({ team: 'blue', mine: 'yes' }), 5]);
      expect(await greetingOf('web')).toBe('hello');
      expect(drift(await ask('web'))).toEqual(['Deployment apps/web metadata.labels.mine added kubectl-label']);
      await apps.remove('web');
      await apps.gone('web');
    }, 60_000);

    it('a release that somebody changed with Helm is told, and compared with what we had installed', async () => {
      await apps.create('hand', { cluster: 'demo', chart: 'greeting', values: { greeting: 'ours' } });
      await apps.until('hand', { status: 'True' });
      await promisify(execFile)(join(toolsBin, 'helm'), ['upgrade', 'hand', join(charts, 'greeting'), '--namespace=apps', '--set=greeting=theirs', '--server-side=true', `--kubeconfig=${join(charts, 'kubeconfig')}`]);
      expect(drift(await ask('hand'))).toEqual(['ConfigMap apps/hand-greeting data.greeting changed', 'Helm release apps/hand revision changed helm']);
      await apps.remove('hand');
    }, 60_000);
  });

  it('goes in reverse order, and not at all while the label says so', async () => {
    await apps.create('base', { cluster: 'demo', chart: 'greeting' });
    await apps.create('top', { cluster: 'demo', chart: 'greeting', dependsOn: ['base'] }, { labels: { 'keelson.dev/prevent-deletion': 'true' } });
    await apps.until('top', { status: 'True' });
    await expect(apps.remove('top')).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN', message: expect.stringContaining('prevent-deletion') as string });
    await apps.remove('base');
    const { message } = await apps.until('base', { reason: 'HeldByDependents' });
    expect(message).toContain('top');
    expect(await greetingOf('base')).toBe('hello');
    await apps.patch('top', { metadata: { labels: { 'keelson.dev/prevent-deletion': null } } });
    await apps.remove('top');
    await apps.gone('top');
    await apps.gone('base');
    expect([await greetingOf('base'), await greetingOf('top')]).toEqual([undefined, undefined]);
  }, 60_000);

  clusterGoesCase(() => ({ api, apps, greetingOf }));

  it('a pause ends by itself', async () => {
    const pausedFor = (ms: number) => ({ annotations: { 'keelson.dev/paused-until': new Date(Date.now() + ms).toISOString() } });
    await apps.create('late', { cluster: 'demo', chart: 'greeting' }, pausedFor(3_600_000));
    await apps.until('late', { status: 'True', reason: 'UntilTime' }, 'Paused');
    expect(await greetingOf('late')).toBeUndefined();
    await apps.patch('late', { metadata: pausedFor(2500) });
    await apps.until('late', { status: 'True' });
    await apps.until('late', { status: 'False' }, 'Paused');
    await apps.create('never', { cluster: 'demo', chart: 'greeting' }, { annotations: { 'cluster.x-k8s.io/paused': '' } });
    await apps.until('never', { status: 'True', reason: 'Annotated' }, 'Paused');
    await apps.patch('late', { metadata: { annotations: { 'cluster.x-k8s.io/paused': '' } } });
    await apps.until('late', { status: 'True' }, 'Paused');
    for (const name of ['never', 'late']) await apps.remove(name);
    await apps.gone('never');
    expect([(await apps.get('late'))?.metadata.name, await greetingOf('late')]).toEqual(['late', 'hello']);
    await apps.patch('late', { metadata: { annotations: null } });
    await apps.gone('late');
  }, 60_000);

  it('acts on the management cluster for owners only, and with the rights of their account', async () => {
    await apps.create('theirs', { target: 'Management', chart: 'greeting', namespace: 'keelson-system' });
    await apps.until('theirs', { reason: 'TargetRefused' });
    const owners = appsOf(api, 'keelson-system');
    await owners.create('ours', { target: 'Management', chart: 'greeting', namespace: 'keelson-system' });
    const { message } = await owners.until('ours', { reason: 'InstallFailed' });
    expect(message).toContain('system:serviceaccount:keelson-system:keelson-apps');
    const rule = { apiGroups: [''], resources: ['configmaps', 'secrets', 'namespaces'], verbs: ['*'] };
    const metadata = { name: 'apps', namespace: 'keelson-system' };
    await api.client.create(resources.roles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [rule] });
    await api.client.create(resources.roleBindings, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'apps' }, subjects: [{ kind: 'ServiceAccount', name: 'keelson-apps', namespace: 'keelson-system' }] });
    await owners.until('ours', { status: 'True' });
    expect(await greetingOf('ours', 'keelson-system')).toBe('hello');
    await owners.remove('ours');
    await owners.gone('ours');
  }, 60_000);

  it('does not use a kubeconfig that would run something', async () => {
    const users = [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [join(charts, 'ran')] } } }];
    await api.client.create(resources.clusters, cluster('sly'));
    await initialize(api, 'sly', stringify({ apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'c', cluster: { server: api.url } }], users, contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x' }));
    await apps.create('sly', { cluster: 'sly', chart: 'greeting' });
    const { message } = await apps.until('sly', { reason: 'TargetRefused' });
    expect(message).toContain('users[].user.exec');
    expect((await promisify(execFile)('ls', [charts])).stdout).not.toContain('ran');
  }, 60_000);

  it('takes up what a killed Helm left, and stops nothing that runs', async () => {
    const chart = await writeChart(charts, 'held', { 'a.yaml': configMap, 'hook.yaml': stuckHook.replace('pre-install,pre-upgrade', 'post-install,post-upgrade') });
    const child = spawn(join(toolsBin, 'helm'), ['install', 'held', chart, '--namespace=apps', '--create-namespace', `--kubeconfig=${join(charts, 'kubeconfig')}`], { stdio: 'ignore' });
    const made = await eventually(() => api.client.get(resources.configMaps, { namespace: 'apps', name: 'held-greeting' }));
    child.kill('SIGKILL');
    await rm(join(chart, 'templates/hook.yaml'));
    await apps.create('held', { cluster: 'demo', chart: 'held', values: { greeting: 'taken up' } });
    const { app } = await apps.until('held', { status: 'True' });
    const after = await api.client.get(resources.configMaps, { namespace: 'apps', name: 'held-greeting' });
    expect([app.status?.release?.revision, after?.metadata.uid, await greetingOf('held')]).toEqual([2, made.metadata.uid, 'taken up']);
    await apps.remove('held');
  }, 60_000);

  it('a cluster that is away costs a question now and then, and is caught up in order', async () => {
    const names = Array.from({ length: 3 }, (_, i) => `far-${i}`);
    for (const [i, name] of names.entries()) await apps.create(name, { cluster: 'far', chart: 'greeting', dependsOn: i === 0 ? [] : [names[i - 1]], values: { greeting: 'first' } });
    await apps.until('far-2', { status: 'True' });
    wire.cut();
    for (const name of names) await apps.patch(name, { spec: { values: { greeting: 'second' } } });
    for (const name of names) await apps.until(name, { reason: 'WaitingForCluster' });
    const before = wire.tries();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(wire.tries() - before).toBeLessThanOrEqual(6);
    wire.mend();
    for (const name of names) await apps.until(name, { status: 'True' });
    const revisions = await Promise.all(names.map(async (name) => (await api.client.list(resources.secrets, { namespace: 'apps', labelSelector: `owner=helm,name=${name},version=2` })).items[0]?.metadata.creationTimestamp));
    expect(revisions).toEqual(revisions.toSorted());
  }, 90_000);

  it('told no secret', () => {
    const said = context.said.join('\n');
    expect(said).not.toContain(/client-key-data: (\S+)/.exec(api.kubeconfig)?.[1]);
    expect(said).not.toContain('of the user');
  });
});
