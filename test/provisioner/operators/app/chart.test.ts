import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { CatalogObject } from '../../../../provisioner/operators/app/catalog-object.ts';
import { Charts, findShipped, releaseDigest } from '../../../../provisioner/operators/app/chart.ts';
import { configMap, tempFolder, writeChart } from '../../helm/charts.ts';

let charts: string;
beforeEach(async () => {
  charts = await tempFolder();
  await writeChart(charts, 'web', { 'a.yaml': configMap });
});
afterEach(() => rm(charts, { recursive: true }));

const app = (spec: object): AppObject => ({ apiVersion: '', kind: 'App', metadata: { name: 'a', namespace: 'org-a' }, spec: { chart: 'web', namespace: 'n', values: {}, dependsOn: [], ...spec } });
const catalog = (namespace: string, name: string): CatalogObject => ({ apiVersion: '', kind: 'Catalog', metadata: { name, namespace }, spec: { repositories: [{ url: `https://${namespace}.test/${name}` }] } });
const fetched: unknown[] = [];
const inside = (catalogs: readonly CatalogObject[] = [], o: { secret?: KubeObject; keptMs?: number } = {}) => new Charts({
  chartsDir: charts, sharedNamespace: 'keelson-system', client: { get: () => Promise.resolve(o.secret as never) }, keptMs: o.keptMs,
  store: { fetch: (...args) => (fetched.push(args.slice(0, 2)), Promise.resolve({ path: '/kept.tgz', digest: 'd' })), ping: () => Promise.resolve('') },
  catalogs: { get: (ref) => catalogs.find(({ metadata }) => metadata.namespace === ref.namespace && metadata.name === ref.name) },
});

describe('charts that ship with Keelson', () => {
  it('are found by name, with the version they have', async () => {
    const found = await inside().find(app({ version: '0.1.0' }));
    expect(await found.path()).toBe(join(charts, 'web'));
    expect(found.version).toBe('0.1.0');
  });

  it('are read again after a while only, where they cannot change meanwhile', async () => {
    const [kept, fresh] = [inside([], { keptMs: 60_000 }), inside()];
    const digests = async () => [(await kept.find(app({}))).digest, (await fresh.find(app({}))).digest];
    const [before] = await digests();
    await writeFile(join(charts, 'web/templates/b.yaml'), 'kind: Other\n');
    const after = await digests();
    expect([after[0] === before, after[1] === before]).toEqual([true, false]);
    await expect(kept.find(app({ version: '9.9.9' }))).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' });
  });

  it.each([{ chart: 'none' }, { chart: '../web' }, { chart: '' }, { chart: 'web', version: '9.9.9' }, { chart: 'oci://r.test/x' }, { chart: 'oci://r.test/x', version: '^1.0.0' }])('%j is refused', async (spec) => {
    await expect(inside().find(app(spec))).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' });
  });
});

describe('a chart of a former Keelson', () => {
  const installed = (release: object): AppObject => ({ ...app({ version: '0.0.9' }), status: { release: { name: 'a', namespace: 'n', chart: 'web', version: '0.0.9', revision: 1, digest: 'd', ...release } } });

  it('is known by what is installed of it, and can be installed no more', async () => {
    const found = await inside().find(installed({ chartDigest: 'known' }));
    expect(found).toMatchObject({ version: '0.0.9', digest: 'known' });
    await expect(found.path()).rejects.toMatchObject({ code: 'CHART_NOT_FOUND', message: expect.stringMatching(/ships in version 0.1.0, not 0.0.9/) });
  });

  it.each([{}, { chartDigest: 'known', version: '0.0.8' }, { chartDigest: 'known', chart: 'other' }])('is not found where %j is installed', async (release) => {
    await expect(inside().find(installed(release))).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' });
  });
});

describe('charts from elsewhere', () => {
  it('an OCI reference is a registry without credentials', async () => {
    const found = await inside().find(app({ chart: 'oci://r.test/team/x', version: '1.2.3' }));
    expect(await found.path()).toBe('/kept.tgz');
    expect(fetched.at(-1)).toEqual([{ urls: ['oci://r.test/team'] }, { chart: 'x', version: '1.2.3' }]);
  });

  it('a Catalog stands beside the App, or is a shared one of the owners; no other is reached', async () => {
    const all = [catalog('org-a', 'own'), catalog('org-b', 'theirs'), catalog('keelson-system', 'common')];
    const of = async (reference: object) => (await inside(all).find(app({ catalog: reference, version: '1.2.3' }))).path();
    await of({ name: 'own', shared: false });
    expect(fetched.at(-1)).toMatchObject([{ urls: ['https://org-a.test/own'] }, { chart: 'web' }]);
    await of({ name: 'common', shared: true });
    expect(fetched.at(-1)).toMatchObject([{ urls: ['https://keelson-system.test/common'] }, { chart: 'web' }]);
    await expect(of({ name: 'theirs', shared: false })).rejects.toMatchObject({ code: 'CATALOG_NOT_FOUND' });
    await expect(of({ name: 'own', shared: true })).rejects.toMatchObject({ code: 'CATALOG_NOT_FOUND' });
  });

  it('a Secret that is not there is told before anything is fetched', async () => {
    const own = catalog('org-a', 'own');
    const found = await inside([{ ...own, spec: { ...own.spec, secret: 'login' } }]).find(app({ catalog: { name: 'own', shared: false }, version: '1.2.3' }));
    await expect(found.path()).rejects.toMatchObject({ code: 'CATALOG_NOT_FOUND', message: expect.stringContaining('Secret login is not there') as string });
  });

  it('a login is sent only where its Secret says that it may be', async () => {
    const own = catalog('org-a', 'own');
    const pathWith = async (labels: Record<string, string>) => {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', labels }, data: { username: 'dQ==', password: 'cA==' } };
      return (await inside([{ ...own, spec: { ...own.spec, secret: 'login' } }], { secret }).find(app({ catalog: { name: 'own', shared: false }, version: '1.2.3' }))).path();
    };
    const before = fetched.length;
    await expect(pathWith({})).rejects.toMatchObject({ code: 'CATALOG_NOT_FOUND', message: expect.stringContaining('lacks the label keelson.dev/catalog-login') as string });
    expect(fetched).toHaveLength(before);
    await pathWith({ 'keelson.dev/catalog-login': 'true' });
    expect(fetched.at(-1)).toMatchObject([{ credentials: { username: 'u', password: 'p' } }, {}]);
  });
});

describe('findShipped', () => {
  it('has another digest when any file of the chart is another', async () => {
    const before = await findShipped(charts, { chart: 'web' });
    expect((await findShipped(charts, { chart: 'web' })).digest).toBe(before.digest);
    await writeFile(join(charts, 'web/templates/a.yaml'), `${configMap}\n`);
    expect((await findShipped(charts, { chart: 'web' })).digest).not.toBe(before.digest);
  });
});

describe('releaseDigest', () => {
  const chart = { digest: 'd' };
  const of = (values: unknown, release = 'r') => releaseDigest(chart, { release, namespace: 'n', values });

  it('does not mind the order of keys', () => {
    expect(of({ a: 1, b: { c: 2, d: [1, 2] } })).toBe(of({ b: { d: [1, 2], c: 2 }, a: 1 }));
  });

  it('minds values, the order of lists, and the release', () => {
    expect(new Set([of({ a: 1 }), of({ a: '1' }), of({ a: [1, 2] }), of({ a: [2, 1] }), of({ a: 1 }, 'other')]).size).toBe(5);
  });
});
