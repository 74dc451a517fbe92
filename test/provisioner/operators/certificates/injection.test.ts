import { resources, type KubeObject } from '../../../../provisioner/kube/index.ts';
import { injectedKinds, injectFrom } from '../../../../provisioner/operators/certificates/injection.ts';

const kind = (plural: string) => injectedKinds.find((k) => k.resource.plural === plural)!;
const metadata = { name: 'x', annotations: { 'keelson.dev/inject-ca-from': 'ns/secret' } };
const object = (fields: object): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata, ...fields });

describe('injection', () => {
  it('reads the annotation', () => {
    expect(injectFrom(object({}))).toEqual({ namespace: 'ns', name: 'secret' });
    expect(injectFrom({ ...object({}), metadata: { name: 'x' } })).toBeUndefined();
    expect(injectFrom({ ...object({}), metadata: { name: 'x', annotations: { 'keelson.dev/inject-ca-from': 'no-namespace' } } })).toBeUndefined();
  });

  it('patches only the webhooks that lack the bundle, after a test of their name', () => {
    const config = object({ webhooks: [{ name: 'a', clientConfig: { caBundle: 'new' } }, { name: 'b', clientConfig: {} }] });
    expect(kind('validatingwebhookconfigurations').patch(config, 'new')).toEqual([
      { op: 'test', path: '/webhooks/1/name', value: 'b' },
      { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: 'new' },
    ]);
  });

  it('leaves a CRD without conversion webhook alone', () => {
    expect(kind('customresourcedefinitions').patch(object({ spec: { conversion: { strategy: 'None' } } }), 'new')).toEqual([]);
  });

  it.each([
    ['customresourcedefinitions', { spec: { conversion: { webhook: { clientConfig: { service: {} } } } } }, '/spec/conversion/webhook/clientConfig/caBundle'],
    ['apiservices', { spec: { service: {} } }, '/spec/caBundle'],
    ['extensionconfigs', { spec: { clientConfig: {} } }, '/spec/clientConfig/caBundle'],
  ])('knows where %s keep it', (plural, fields, path) => {
    expect(kind(plural).patch(object(fields), 'new')).toEqual([{ op: 'add', path, value: 'new' }]);
  });

  it.each(injectedKinds.map((k) => [k.resource.plural, k] as const))('%s: what the cache keeps is enough to see that all is done', (_plural, { keep, patch }) => {
    const full = object({ webhooks: [{ name: 'a', clientConfig: { caBundle: 'b' } }], spec: { caBundle: 'b', clientConfig: { caBundle: 'b' }, conversion: { webhook: { clientConfig: { caBundle: 'b' } } }, versions: 'large' } });
    const kept = { ...object({}), ...keep(full) };
    expect(patch(kept, 'b')).toEqual([]);
    expect(patch(kept, 'c')).not.toEqual([]);
    expect(JSON.stringify(kept)).not.toContain('large');
  });

  it('covers the kinds of the contract', () => {
    expect(injectedKinds.map((k) => k.resource)).toEqual([
      resources.mutatingWebhookConfigurations, resources.validatingWebhookConfigurations, resources.customResourceDefinitions, resources.apiServices, resources.extensionConfigs,
    ]);
  });
});
