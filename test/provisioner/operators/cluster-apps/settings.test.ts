import { parseBundle } from '../../../../provisioner/operators/cluster-apps/published-bundles.ts';
import { parseBundleSettings } from '../../../../provisioner/operators/cluster-apps/settings.ts';
import { parseBundleValues } from '../../../../provisioner/operators/cluster-apps/bundle-values.ts';

describe('parseBundleValues', () => {
  const known = ['metrics-server'];
  it('reads values per app; an empty file is none', () => {
    expect(parseBundleValues('metrics-server: {replicas: 2}', known)).toEqual({ 'metrics-server': { replicas: 2 } });
    expect(parseBundleValues('', known)).toEqual({});
    expect(parseBundleValues('{}', known)).toEqual({});
  });

  it.each(['metric-server: {}', 'metrics-server: 2', '- a', 'a: [', '"'])('refuses %s', (text) => {
    expect(() => parseBundleValues(text, known)).toThrow(expect.objectContaining({ code: 'BUNDLE_VALUES_INVALID' }));
  });
});

describe('parseBundleSettings', () => {
  it('moves nothing and gives the management cluster nothing unless told to', () => {
    expect(parseBundleSettings('')).toEqual({ policy: { kind: 'with-kubernetes' }, leaveOut: {} });
  });

  it('reads all of it', () => {
    expect(parseBundleSettings('{policy: 1.2.3, leaveOut: {cilium: ours}, imageRegistry: mirror.example, management: {enabled: true, without: {policies: by hand}}}')).toEqual({
      policy: { kind: 'pinned', version: '1.2.3' }, leaveOut: { cilium: 'ours' }, imageRegistry: 'mirror.example', management: { policy: 'latest', without: { policies: 'by hand' } },
    });
  });

  it.each(['policy: newest', 'policies: latest', 'management: {enabled: true, policy: 1.2}', 'leaveOut: [cilium]', 'a: ['])('refuses %s', (text) => {
    expect(() => parseBundleSettings(text)).toThrow(expect.objectContaining({ code: 'BUNDLE_SETTINGS_INVALID' }));
  });
});

describe('parseBundle', () => {
  const app = { name: 'a', chart: 'a', version: '1.0.0', namespace: 'x' };
  const bundle = (apps: readonly object[]) => ({ metadata: { name: 'b' }, spec: { version: '1.0.0', kubernetes: { min: '1.35', max: '1.36' }, apps } });

  it('reads a bundle', () => {
    expect(parseBundle(bundle([app]), 'b.yaml')).toMatchObject({ kind: 'ClusterBundle', metadata: { name: 'b' }, spec: { apps: [{ ...app, dependsOn: [], clusters: ['ours', 'foreign', 'management'] }] } });
  });

  it.each([
    ['no apps', bundle([])], ['a circle', bundle([{ ...app, dependsOn: ['a'] }])], ['nothing', null], ['no name', { ...bundle([app]), metadata: {} }],
  ])('refuses one with %s, and names the file', (_what, content) => {
    expect(() => parseBundle(content, 'b.yaml')).toThrow(expect.objectContaining({ code: 'BUNDLE_INVALID', message: expect.stringContaining('b.yaml') as string }));
  });
});
