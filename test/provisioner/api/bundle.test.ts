import fc from 'fast-check';
import { releaseBundle } from '../../../charts/keelson/bundle/release-bundle.ts';
import { bundleProblems } from '../../../provisioner/api/bundle-check.ts';
import { fillValues, placeholdersOf } from '../../../provisioner/api/bundle-template.ts';
import { clusterBundleSpec, compareVersions } from '../../../provisioner/api/cluster-bundle.ts';

describe('facts in values', () => {
  const facts: Readonly<Record<string, string | number | boolean | string[]>> = { 'cluster.name': 'demo', 'cluster.apiPort': 6443, 'cluster.podCidrs': ['10.0.0.0/16', 'fd00::/56'], 'has.net-exporter': false };
  const fill = (values: Record<string, unknown>) => fillValues(values, (name) => facts[name]);

  it('stay what they are where they stand alone, and are text in text', () => {
    expect(fill({ a: '${cluster.apiPort}', b: '${cluster.podCidrs}', c: '${has.net-exporter}', d: 'https://${cluster.name}:${cluster.apiPort}', e: ['${cluster.name}'] })).toEqual({
      values: { a: 6443, b: ['10.0.0.0/16', 'fd00::/56'], c: false, d: 'https://demo:6443', e: ['demo'] }, missing: [],
    });
  });

  it('take their key along where they are optional and not there, and are named where they are needed', () => {
    expect(fill({ a: '${cloud.region?}', b: { c: '${cloud.region?}' }, d: ['${cloud.region?}', 'x'] })).toEqual({ values: { b: {}, d: ['x'] }, missing: [] });
    expect(fill({ a: '${cloud.region}', b: 'in ${cloud.region} and ${cloud.routerId}' }).missing).toEqual(['cloud.region', 'cloud.routerId']);
  });

  it('can be written as text', () => {
    expect(fill({ a: '$${cluster.name}', b: '$${cluster.name}-${cluster.name}', c: '$1 {x} ${1}' }).values).toEqual({ a: '${cluster.name}', b: '${cluster.name}-demo', c: '$1 {x} ${1}' });
    expect(placeholdersOf({ a: '$${cluster.name}', b: ['${x.y}'] })).toEqual(['x.y']);
  });

  it('leave any other values as they are', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
      fc.pre(!JSON.stringify(values).includes('${'));
      expect(fill(values).values).toEqual(values);
    }));
  });
});

describe('what is wrong with a bundle', () => {
  const app = (name: string, more: object = {}) => ({ name, chart: name, version: '1.0.0', namespace: 'x', ...more });
  const problems = (...apps: object[]) => bundleProblems(clusterBundleSpec.parse({ version: '1.0.0', kubernetes: { min: '1.35', max: '1.36' }, apps }));

  it('is nothing with that of this release', () => {
    expect(bundleProblems(releaseBundle().spec)).toEqual([]);
  });

  it.each([
    ['a circle, once', [app('a', { dependsOn: ['b'] }), app('b', { dependsOn: ['c'] }), app('c', { dependsOn: ['b'] })], ['dependsOn goes in a circle: b → c → b']],
    ['a stranger', [app('a', { dependsOn: ['z'] })], ['a: dependsOn z, which is not in the bundle']],
    ['two of one name', [app('a'), app('a')], ['a: is there twice for the same minor of Kubernetes; give each its kubernetes.min and max']],
    ['a range upside down', [app('a', { kubernetes: { min: '1.36', max: '1.9' } })], ['a: kubernetes.min 1.36 is newer than max 1.9']],
    ['a fact that is none', [app('a', { values: { x: '${cluster.nam}', y: '${has.b}', z: '${has.a}' } })], [
      'a: values name ${cluster.nam}, and there is no such fact (docs/apps.md); write $${cluster.nam} if it is meant as it stands',
      'a: values name ${has.b}, and there is no such fact (docs/apps.md); write $${has.b} if it is meant as it stands',
    ]],
  ])('%s', (_what, apps, expected) => {
    expect(problems(...apps)).toEqual(expected);
  });

  it('two of one name for minors that do not overlap are fine', () => {
    expect(problems(app('a', { kubernetes: { min: '1.34', max: '1.35' } }), app('a', { kubernetes: { min: '1.36', max: '1.36' } }))).toEqual([]);
  });
});

describe('versions', () => {
  // SemVer 2.0.0, section 11.
  const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.10', '1.2.0', '1.10.0', '2.0.0'];
  it('are ordered as SemVer orders them', () => {
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    for (const version of ordered) expect(compareVersions(version, version)).toBe(0);
  });
});
