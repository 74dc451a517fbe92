import fc from 'fast-check';
import { compareMinors, isWithin } from '../../../../provisioner/api/cluster-bundle.ts';
import type { BundleObject } from '../../../../provisioner/operators/cluster-apps/bundle-object.ts';
import { chooseBundle, parsePolicy, type Present } from '../../../../provisioner/operators/cluster-apps/policy.ts';

const bundle = (version: string, min = '1.34', max = '1.36'): BundleObject => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'ClusterBundle', metadata: { name: `b-${version}` },
  spec: { version, kubernetes: { min, max }, apps: [{ name: 'a', chart: 'a', version: '1.0.0', namespace: 'x', dependsOn: [], clusters: ['ours'], values: {} }] },
});
const bundles = [bundle('1.0.0', '1.34', '1.35'), bundle('1.10.0'), bundle('1.9.0'), bundle('1.10.0-rc.1')];
const choose = (policy: string, o: { present?: Present; kubernetes?: string } = {}) => {
  const choice = chooseBundle({ bundles, policy: parsePolicy(policy), present: o.present, kubernetes: o.kubernetes ?? '1.35' });
  return choice.kind === 'bundle' ? `${choice.bundle.spec.version} for ${choice.kubernetes}` : choice.message;
};

describe('which bundle a cluster has', () => {
  it('is the newest that is for its Kubernetes, when it has none', () => {
    expect(choose('with-kubernetes')).toBe('1.10.0 for 1.35');
    expect(choose('latest')).toBe('1.10.0 for 1.35');
  });

  it('with-kubernetes: stays when a new one comes, and moves with the minor', () => {
    const present = { version: '1.0.0', kubernetes: '1.35' };
    expect(choose('with-kubernetes', { present })).toBe('1.0.0 for 1.35');
    expect(choose('with-kubernetes', { present, kubernetes: '1.36' })).toBe('1.10.0 for 1.36');
  });

  it('latest: moves at once', () => {
    expect(choose('latest', { present: { version: '1.0.0', kubernetes: '1.35' } })).toBe('1.10.0 for 1.35');
  });

  it('a version: that one, forth and back', () => {
    expect(choose('1.9.0', { present: { version: '1.10.0', kubernetes: '1.35' } })).toBe('1.9.0 for 1.35');
  });

  it('does not go back while API servers of two minors answer in turn', () => {
    expect(choose('with-kubernetes', { present: { version: '1.10.0', kubernetes: '1.36' }, kubernetes: '1.35' })).toBe('1.10.0 for 1.36');
  });

  it('says why there is none', () => {
    expect(choose('2.0.0')).toBe('there is no valid ClusterBundle of version 2.0.0; there are 1.0.0 (1.34 to 1.35), 1.10.0 (1.34 to 1.36), 1.9.0 (1.34 to 1.36), 1.10.0-rc.1 (1.34 to 1.36)');
    expect(choose('1.0.0', { kubernetes: '1.36' })).toMatch(/^bundle 1\.0\.0 is for Kubernetes 1\.34 to 1\.35, and this cluster runs 1\.36/);
    expect(choose('latest', { kubernetes: '1.40' })).toMatch(/^no ClusterBundle is for Kubernetes 1\.40/);
    expect(choose('with-kubernetes', { present: { version: '0.9.0', kubernetes: '1.35' } })).toMatch(/no valid ClusterBundle of version 0\.9\.0/);
  });

  it.each(['newest', '1.2', '', '1.2.3+build'])('refuses the wish "%s"', (text) => {
    expect(() => parsePolicy(text)).toThrow(expect.objectContaining({ code: 'BUNDLE_SETTINGS_INVALID' }));
  });

  it('whatever there is: never one for another minor, and never another than the present one while nothing but new bundles comes', () => {
    const minor = fc.integer({ min: 30, max: 40 }).map((n) => `1.${n}`);
    const version = fc.tuple(fc.nat(3), fc.nat(12), fc.nat(3)).map((parts) => parts.join('.'));
    const some = fc.uniqueArray(fc.tuple(version, minor, minor).map(([v, a, b]) => (compareMinors(a, b) <= 0 ? bundle(v, a, b) : bundle(v, b, a))), { minLength: 1, maxLength: 8, selector: ({ spec }) => spec.version });
    fc.assert(fc.property(some, some, minor, (before, more, kubernetes) => {
      const first = chooseBundle({ bundles: before, policy: { kind: 'with-kubernetes' }, present: undefined, kubernetes });
      if (first.kind === 'none') return before.every(({ spec }) => !isWithin(kubernetes, spec.kubernetes));
      const present = { version: first.bundle.spec.version, kubernetes };
      const all = [...before, ...more.filter(({ spec }) => !before.some((b) => b.spec.version === spec.version))];
      const second = chooseBundle({ bundles: all, policy: { kind: 'with-kubernetes' }, present, kubernetes });
      return isWithin(kubernetes, first.bundle.spec.kubernetes) && second.kind === 'bundle' && second.bundle.spec.version === present.version;
    }));
  });
});
