/** CRDs in a chart's folder crds/, which Helm never upgrades: from version to version, by the real Helm and a real API server. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubeObject, type Resource, resources } from '../../../../provisioner/kube/index.ts';
import type { LiveCrd } from '../../../../provisioner/operators/app/crd-step.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { tempFolder, writeChart } from '../../helm/charts.ts';
import { cluster, initialize, installKinds } from '../fleet.ts';
import { eventually, testContext } from '../surroundings.ts';
import { appsOf, type Running, startAppControllers } from './one-cluster.ts';

/** The first is the stored one. A field of the schema that the version does not name is refused. */
type Versions = Readonly<Record<string, readonly string[]>>;

const version = (name: string, fields: readonly string[], isStored: boolean): string => `
    - name: ${name}
      served: true
      storage: ${isStored}
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {${fields.map((field) => `${field}: {type: string}`).join(', ')}}}}}}`;

const definition = (plural: string, kind: string, versions: Versions): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.a.test}
spec:
  group: a.test
  scope: Namespaced
  names: {kind: ${kind}, plural: ${plural}}
  versions:${Object.entries(versions).map(([name, fields], i) => version(name, fields, i === 0)).join('')}
`;

const thing = (apiVersion: string, field: string): string => `apiVersion: a.test/${apiVersion}\nkind: Thing\nmetadata: {name: "{{ .Release.Name }}"}\nspec: {${field}: large}\n`;
const old = { v1alpha1: ['size'] };
/** Without a webhook that converts, server-side apply takes a field only if every version has it. */
const both = { v1: ['size', 'color'], v1alpha1: ['size', 'color'] };

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'CRDs of a chart', () => {
  let api: ApiServer;
  let charts: string;
  let running: Running;
  let apps: ReturnType<typeof appsOf>;
  const things = (v: string): Resource => ({ group: 'a.test', version: v, plural: 'things', kind: 'Thing', namespaced: true });
  const crd = (name = 'things.a.test') => api.client.get<KubeObject & LiveCrd>(resources.customResourceDefinitions, { name });
  const versionsOf = async () => (await crd())?.spec.versions.map(({ name }) => name);

  /** Another version of the chart, beside the operator as if it had come with it, and asked for. */
  async function goTo(chartVersion: string, versions: Versions, template: string): Promise<void> {
    await writeChart(charts, 'things', { 'a.yaml': template }, { 'Chart.yaml': `apiVersion: v2\nname: things\nversion: ${chartVersion}\n`, 'crds/things.yaml': definition('things', 'Thing', versions) });
    if (await apps.get('things')) await apps.patch('things', { spec: { version: chartVersion } });
    else await apps.create('things', { cluster: 'demo', chart: 'things', version: chartVersion });
  }
  const installed = async (chartVersion: string) => {
    const { app } = await apps.until('things', { status: 'True' });
    expect(app.status?.release?.version).toBe(chartVersion);
  };

  beforeAll(async () => {
    charts = await tempFolder();
    api = await startApiServer();
    apps = appsOf(api);
    await installKinds(api);
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    running = startAppControllers(api, testContext(api.client), { charts, kept: join(charts, 'kept') });
  }, 200_000);

  afterAll(async () => {
    await running?.stop();
    await api?.stop();
    await rm(charts, { recursive: true, force: true });
  });

  it('are there before the objects of their kinds, at the first installation and at an upgrade', async () => {
    await goTo('1.0.0', old, thing('v1alpha1', 'size'));
    await installed('1.0.0');
    expect((await crd())?.metadata.annotations?.['keelson.dev/crd-source']).toMatch(/^things 1\.0\.0 [0-9a-f]{16}$/);
    await goTo('1.1.0', both, thing('v1', 'color'));
    await installed('1.1.0');
    expect((await api.client.get<KubeObject & { spec: { color?: string } }>(things('v1'), { namespace: 'apps', name: 'things' }))?.spec.color).toBe('large');
  }, 60_000);

  it('do not go back with the chart', async () => {
    await goTo('1.0.0', old, thing('v1alpha1', 'size'));
    await installed('1.0.0');
    expect(await versionsOf()).toEqual(['v1', 'v1alpha1']);
  }, 60_000);

  it('keep a version in which objects are stored, and what runs goes on', async () => {
    await goTo('2.0.0', { v1: ['size', 'color'] }, thing('v1', 'color'));
    const { app, message } = await apps.until('things', { reason: 'CrdsRefused' });
    expect(message).toContain('CustomResourceDefinition things.a.test: objects are stored as v1alpha1');
    expect([app.status?.release?.version, app.status?.failed, await versionsOf()]).toEqual(['1.0.0', undefined, ['v1', 'v1alpha1']]);
  }, 60_000);

  it('keep a version that somebody still writes in, and let it go when all have moved on', async () => {
    await api.client.create(things('v1alpha1'), { apiVersion: 'a.test/v1alpha1', kind: 'Thing', metadata: { name: 'mine', namespace: 'apps' }, spec: { size: 'small' } });
    await api.client.patch(resources.customResourceDefinitions, { name: 'things.a.test' }, { type: 'merge', subresource: 'status', body: { status: { storedVersions: ['v1'] } } });
    await apps.patch('things', { metadata: { annotations: { 'keelson.dev/requested-at': 'now' } } });
    const message = await eventually(async () => {
      const told = (await apps.until('things', { reason: 'CrdsRefused' })).message;
      return !told.includes('stored') && told;
    });
    expect(message).toContain('version v1alpha1 would no longer be served, and is still used by');
    expect(message).toContain('Thing apps/mine (keelson-test)');
    expect(message).toContain('Thing apps/things (helm)');

    await goTo('1.1.0', both, thing('v1', 'color'));
    await installed('1.1.0');
    await api.client.patch(things('v1'), { namespace: 'apps', name: 'mine' }, { type: 'merge', body: { metadata: { annotations: { moved: 'on' } } } });
    await goTo('2.0.0', { v1: ['size', 'color'] }, thing('v1', 'color'));
    await installed('2.0.0');
    expect(await versionsOf()).toEqual(['v1']);
  }, 60_000);

  it('and what people made of them outlive the release', async () => {
    await apps.remove('things');
    await apps.gone('things');
    const { items } = await api.client.list(things('v1'), { namespace: 'apps' });
    expect([(await crd())?.metadata.name, items.map(({ metadata }) => metadata.name)]).toEqual(['things.a.test', ['mine']]);
  }, 60_000);

  it('are left to others where the App says so', async () => {
    await writeChart(charts, 'others', { 'a.yaml': 'apiVersion: a.test/v1\nkind: Other\nmetadata: {name: o}\n' }, { 'crds/a.yaml': definition('others', 'Other', { v1: ['size'] }) });
    await apps.create('others', { cluster: 'demo', chart: 'others', crds: 'Skip' });
    const { message } = await apps.until('others', { reason: 'InstallFailed' });
    expect([message, await crd('others.a.test')]).toEqual([expect.stringContaining('no matches for kind'), undefined]);
    await apps.patch('others', { spec: { crds: 'Upgrade' } });
    await apps.until('others', { status: 'True' });
    await apps.remove('others');
    await apps.gone('others');
  }, 60_000);

  it('are brought all or none', async () => {
    await writeChart(charts, 'two', {}, { 'crds/a.yaml': definition('firsts', 'First', { v1: ['size'] }), 'crds/b.yaml': definition('others', 'Else', { v1: ['size'] }) });
    await apps.create('two', { cluster: 'demo', chart: 'two' });
    const { message } = await apps.until('two', { reason: 'CrdsRefused' });
    expect([message, await crd('firsts.a.test')]).toEqual([expect.stringContaining('others.a.test: its kind is Other and would become Else'), undefined]);
    await apps.remove('two');
    await apps.gone('two');
  }, 60_000);

  it('whose kind another definition has are told so', async () => {
    await writeChart(charts, 'rival', {}, { 'crds/a.yaml': definition('rivals', 'Other', { v1: ['size'] }) });
    await apps.create('rival', { cluster: 'demo', chart: 'rival' });
    const { message } = await apps.until('rival', { reason: 'InstallFailed' });
    expect(message).toMatch(/rivals\.a\.test: .*Other.* is already in use; remove the other definition/);
    await apps.remove('rival');
    await apps.gone('rival');
  }, 60_000);
});
