/** Bounds of an organization that an administrator deletes or loosens, at a real API server; the hour passes by a clock of the test. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { organizationDefinition, organizationSpec } from '../../../../provisioner/api/organization.ts';
import { Reflector, resources, systemClock } from '../../../../provisioner/kube/index.ts';
import { boundsMs, OrganizationApplier } from '../../../../provisioner/operators/organization/apply.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { organizationController } from '../../../../provisioner/operators/organization/controller.ts';
import type { Organization } from '../../../../provisioner/operators/organization/organization-object.ts';
import type { RoleBinding } from '../../../../provisioner/operators/organization/wanted.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { eventually, startControllers, testContext } from '../surroundings.ts';

const organization: Organization = { apiVersion: 'keelson.dev/v1alpha1', kind: 'Organization', metadata: { name: 'acme', uid: '7a0c1c3e-0b52-4a8e-9b9a-1f9a3d4a5b6c' }, spec: organizationSpec.parse({ members: [], identities: [{ project: 'p' }] }) };
const namespace = 'org-acme';
const policy = { namespace, name: 'keelson-default-deny' };

describeWith(apiServerNeeds, 'bounds', () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer();
  }, 60_000);
  afterAll(() => api?.stop());

  test('that somebody deletes or loosens are back within the hour, and not written before for nothing', async () => {
    const { client } = api;
    let nowMs = 0;
    const applier = new OrganizationApplier({ client, random: () => 1, clock: { ...systemClock, monotonicMs: () => nowMs } }, { get: () => undefined });
    const apply = (): Promise<unknown> => applier.apply(organization, AbortSignal.timeout(10_000));
    await apply();
    const [limits] = (await client.list(resources.limitRanges, { namespace })).items;
    expect(limits).toBeDefined();
    expect(await client.get(resources.networkPolicies, policy)).toBeDefined();

    await client.delete(resources.networkPolicies, policy);
    await client.patch(resources.limitRanges, limits!.metadata, { type: 'merge', body: { spec: { limits: [{ type: 'Pod', max: { cpu: '900' } }] } }, fieldManager: 'somebody' });
    nowMs += boundsMs - 1;
    await apply();
    expect(await client.get(resources.networkPolicies, policy)).toBeUndefined();
    nowMs += 1;
    await apply();
    expect(await client.get(resources.networkPolicies, policy)).toMatchObject({ spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } });
    expect((await client.get(resources.limitRanges, limits!.metadata))?.['spec']).toEqual(limits!['spec']);
  }, 60_000);

  test('and the controller comes back for them by itself', async () => {
    const { client } = api;
    await client.apply(resources.customResourceDefinitions, { ...organizationDefinition() }, { fieldManager: 'test', force: true });
    const { metadata: _, ...rest } = organization;
    await eventually(() => client.create(resources.organizations, { ...rest, metadata: { name: 'beta' } }));
    const context = testContext(client);
    const organizations = new Reflector<Organization>({ client, resource: resources.organizations });
    const [namespaces, bindings] = [new Reflector({ client, resource: resources.namespaces }), new Reflector<RoleBinding>({ client, resource: resources.roleBindings })];
    // This API server has no kind Cluster: a selection that finds nothing stands for no Clusters.
    const clusters = new Reflector<Cluster>({ client, resource: resources.configMaps, labelSelector: 'none=any' });
    const stop = startControllers([organizationController({ context, organizations, namespaces, bindings, clusters, boundsMs: 500 })]);
    const here = { namespace: 'org-beta', name: policy.name };
    await eventually(() => client.get(resources.networkPolicies, here));
    await client.delete(resources.networkPolicies, here);
    await eventually(() => client.get(resources.networkPolicies, here));
    expect(context.said.filter((line) => line.startsWith('error'))).toEqual([]);
    await stop();
  }, 60_000);
});
