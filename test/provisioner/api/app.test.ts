import { appDefinition, appSpec, releaseName } from '../../../provisioner/api/app.ts';
import { catalogDefinition, catalogSpec } from '../../../provisioner/api/catalog.ts';
import { ownershipTag } from '../../../provisioner/api/names.ts';

test('an App needs a cluster, a chart and a namespace', () => {
  expect(appSpec.safeParse({ cluster: 'demo', chart: 'metrics-server', namespace: 'kube-system' }).data).toEqual({
    cluster: 'demo', chart: 'metrics-server', namespace: 'kube-system', values: {}, dependsOn: [],
    target: 'Cluster', namespaceLabels: {}, valuesFrom: [], onUpgradeFailure: 'Rollback', crds: 'Upgrade', drift: { correct: false, ignoreManagers: [], ignoreFields: [] },
  });
  expect(appSpec.safeParse({ cluster: 'demo' }).success).toBe(false);
});

test('a Catalog is an address and what it takes to be let in', () => {
  expect(catalogSpec.parse({ repositories: [{ url: 'oci://r.example.com/charts' }], secret: 'login' })).toEqual({ repositories: [{ url: 'oci://r.example.com/charts' }], secret: 'login', values: {} });
  expect(catalogDefinition().metadata.name).toBe('catalogs.keelson.dev');
});

test('the definition has the status subresource and keeps values of any shape', () => {
  const crd = appDefinition() as unknown as { spec: { versions: { subresources: unknown; schema: { openAPIV3Schema: { properties: { spec: { properties: { values: unknown } } } } } }[] } };
  expect(crd.spec.versions[0]!.subresources).toEqual({ status: {} });
  expect(crd.spec.versions[0]!.schema.openAPIV3Schema.properties.spec.properties.values).toMatchObject({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
});

test('a release name fits what Helm allows', () => {
  const spec = appSpec.parse({ cluster: 'demo', chart: 'x', namespace: 'y' });
  expect(releaseName({ metadata: { name: 'demo-metrics-server' }, spec })).toBe('demo-metrics-server');
  expect(releaseName({ metadata: { name: `${'a'.repeat(52)}-b` }, spec })).toBe('a'.repeat(52));
  expect(releaseName({ metadata: { name: 'x' }, spec: { ...spec, releaseName: 'own' } })).toBe('own');
});

// printf %s <uid> | sha256sum | cut -c1-16
test('the ownership tag is short, exact and the same for the same cluster', () => {
  expect(ownershipTag('c1804a55-2549-448b-94c4-26c1a82d4128')).toBe('keelson-1f8c04c07958d0ea');
});
