import fc from 'fast-check';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { CatalogObject } from '../../../../provisioner/operators/app/catalog-object.ts';
import { releaseValues, valueObjectsOf } from '../../../../provisioner/operators/app/value-layers.ts';

const clock = { now: () => new Date('2026-06-01T00:00:00Z') };
const app = (spec: object = {}): AppObject => ({ apiVersion: '', kind: 'App', metadata: { name: 'web', namespace: 'org-a' }, spec: { chart: 'web', namespace: 'n', values: {}, dependsOn: [], ...spec } });
const objects = (known: Record<string, string>) => ({
  get: (kind: 'ConfigMap' | 'Secret', { namespace, name }: { namespace?: string | undefined; name: string }) => {
    const text = known[`${kind} ${namespace}/${name}`];
    return text === undefined ? undefined : { apiVersion: 'v1', kind, metadata: { name }, data: { 'values.yaml': kind === 'Secret' ? Buffer.from(text).toString('base64') : text } };
  },
});
const catalog: CatalogObject = { apiVersion: '', kind: 'Catalog', metadata: { name: 'c', namespace: 'keelson-system' }, spec: { repositories: [{ url: 'https://x.test' }], values: { configMap: 'base', secret: 'base' } } };
const reference = (level: string, kind: string) => ({ level, kind, name: level.toLowerCase(), key: 'values.yaml', optional: false });

describe('the order', () => {
  const sources = [
    ['ConfigMap keelson-system/base', 'catalog ConfigMap'], ['Secret keelson-system/base', 'catalog Secret'],
    ['ConfigMap org-a/cluster', 'cluster ConfigMap'], ['Secret org-a/cluster', 'cluster Secret'],
    ['ConfigMap org-a/bundle', 'bundle ConfigMap'], ['Secret org-a/bundle', 'bundle Secret'],
    ['', 'spec.values'], ['ConfigMap org-a/app', 'app ConfigMap'], ['Secret org-a/app', 'app Secret'],
    ['ConfigMap org-a/user', 'user ConfigMap'], ['ConfigMap org-a/web-user-values', 'own ConfigMap'], ['Secret org-a/user', 'user Secret'], ['Secret org-a/web-user-values', 'own Secret'],
  ] as const;
  const named = ['User', 'App', 'Bundle', 'Cluster'].flatMap((level) => ['Secret', 'ConfigMap'].map((kind) => reference(level, kind)));

  it('is chart, catalog, cluster, bundle, app, user; ConfigMap, then Secret: however the App lists them', () => {
    fc.assert(fc.property(fc.shuffledSubarray(named, { minLength: named.length }), fc.subarray([...sources.keys()], { minLength: 1 }), (valuesFrom, present) => {
      const said = new Map(sources.map(([key, name], i) => [key, present.includes(i) ? `who: ${name}` : '{}']));
      const spec = { valuesFrom, values: present.includes(6) ? { who: 'spec.values' } : {} };
      const { merged } = releaseValues(app(spec), { objects: objects(Object.fromEntries([...said].filter(([key]) => key !== ''))), catalog, clock });
      expect(merged['who']).toBe(sources[Math.max(...present)]![1]);
    }));
  });
});

it('names what is missing, has no such key, or is no mapping; never what is in a Secret', () => {
  const of = (valuesFrom: object[], known: Record<string, string>) => () => releaseValues(app({ valuesFrom }), { objects: objects(known), catalog: undefined, clock });
  expect(of([reference('App', 'Secret')], {})).toThrow(/Secret org-a\/app with values of the app is not there, or lacks the label keelson.dev\/app-values/);
  expect(of([{ ...reference('App', 'Secret'), optional: true }], {})).not.toThrow();
  expect(of([{ ...reference('App', 'Secret'), key: 'x' }], { 'Secret org-a/app': 'a: 1' })).toThrow(/Secret org-a\/app has no key x/);
  expect(of([reference('App', 'Secret')], { 'Secret org-a/app': '- hunter22' })).toThrow(/Secret org-a\/app, values.yaml: values are a mapping/);
  let message = '';
  try { of([reference('App', 'Secret')], { 'Secret org-a/app': 'ok: 1\npassword: "hunter22' })(); } catch (error) { message = (error as Error).message; }
  expect(message).toMatch(/not valid YAML at line/);
  expect(message).not.toContain('hunter22');
});

it('strings of Secrets are known as secret, others are not', () => {
  const { secrets } = releaseValues(app({ values: { open: 'sesame-1' } }), { objects: objects({ 'Secret org-a/web-user-values': 'db: {password: hunter22}' }), catalog: undefined, clock });
  expect(secrets).toEqual(['hunter22']);
});

it('what the App takes values from is what wakes it', () => {
  expect(valueObjectsOf(app({ valuesFrom: [reference('App', 'Secret')] }))).toMatchObject([{ kind: 'Secret', name: 'app' }, { kind: 'ConfigMap', name: 'web-user-values' }, { kind: 'Secret', name: 'web-user-values' }]);
});

describe('exceptions of the chart policies', () => {
  const [over, runs] = [{ name: 'a', expires: '2026-06-01T00:00:00Z' }, { name: 'b', expires: '2026-06-01T00:00:01Z' }];
  const merged = (spec: object) => releaseValues(app(spec), { objects: objects({}), catalog: undefined, clock }).merged;

  it('are left out of the release from their end on, all else stays', () => {
    expect(merged({ chart: 'policies', values: { pods: { mode: 'deny', exceptions: [over, runs] }, network: {} } })).toEqual({ pods: { mode: 'deny', exceptions: [runs] }, network: {} });
  });

  it.each([{ pods: { exceptions: [runs] } }, { pods: { exceptions: [{ name: 'no end' }, null, { expires: 'soon' }] } }, { pods: null }, {}])('%j stays as it is: the chart refuses what it cannot read', (values) => {
    expect(merged({ chart: 'policies', values })).toEqual(values);
  });

  it('are those of our own chart only', () => {
    expect(merged({ chart: 'web', values: { pods: { exceptions: [over] } } })).toEqual({ pods: { exceptions: [over] } });
  });
});
