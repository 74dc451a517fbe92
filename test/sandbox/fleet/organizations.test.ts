/** The organizations of `keelson up --organizations` are what the API server takes, and their clusters fit into them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { organizationSpec } from '../../../provisioner/api/organization.ts';
import type { KubeClient, KubeObject } from '../../../provisioner/kube/index.ts';
import type { Organization } from '../../../provisioner/operators/organization/organization-object.ts';
import { quotaVerdict, usageOf } from '../../../provisioner/operators/organization/usage.ts';
import type { FleetContext } from '../../../sandbox/fleet/context.ts';
import { asPerson } from '../../../sandbox/fleet/kubeconfig.ts';
import { newOrganization, personalRoles } from '../../../sandbox/fleet/organizations/organization-object.ts';
import { ensureOrganizations, organizationNames } from '../../../sandbox/fleet/organizations/organizations.ts';
import { peopleOf } from '../../../sandbox/fleet/organizations/people.ts';
import { clusterName, newCluster, nodeImage } from '../../../sandbox/fleet/cluster-object.ts';
import { defaultShape, maxWorkers } from '../../../sandbox/fleet/shape.ts';
import { parse } from 'yaml';

test('an organization is valid, has a person with each role, and owns its project alone', () => {
  const made = newOrganization('demo-2', { project: 'abc', authUrl: 'http://198.51.100.2:5000/v3' });
  const spec = organizationSpec.parse(made['spec']);
  expect(spec.members.map(({ name, role }) => `${name} ${role}`)).toEqual(personalRoles.map((role) => `sandbox:demo-2-${role} ${role}`));
  expect(spec.identities).toEqual([expect.objectContaining({ type: 'Secret', name: 'cloud', project: 'abc' })]);
});

test('an organization has the namespace of the cluster of its name', () => {
  expect(organizationNames(2).map((name) => [`org-${name}`, name])).toEqual([0, 1].map((i) => [clusterName(i).namespace, clusterName(i).name]));
});

test('the largest cluster that can be asked for fits into its quota, and a new one is of the Kubernetes that its default image holds', () => {
  const organization = { ...newOrganization('demo', { project: 'abc', authUrl: 'http://198.51.100.2:5000/v3' }) } as unknown as Organization;
  const example = parse(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as KubeObject;
  const used = usageOf([newCluster(example, 0, { controlPlanes: 3, workers: maxWorkers })], [], undefined);
  expect(used).toMatchObject({ clusters: 1, machines: 3 + maxWorkers });
  expect(quotaVerdict(organization, used)).toMatchObject({ status: 'True' });
  const { version, image } = organizationSpec.parse(organization.spec).defaults ?? {};
  expect([version, image]).toEqual([defaultShape.kubernetesVersion, nodeImage(defaultShape.kubernetesVersion)]);
});

test('a cluster that runs in a namespace of nobody is not taken into an organization', async () => {
  const kube = { get: () => Promise.resolve({ metadata: { name: 'org-demo', labels: {} } }) } as unknown as KubeClient;
  const context = { shape: { organizations: 1 }, signal: AbortSignal.timeout(5000) } as unknown as FleetContext;
  await expect(ensureOrganizations(context, kube, () => undefined)).rejects.toMatchObject({ code: 'FLEET_BAD_OPTION', message: expect.stringContaining('cluster demo runs already without an Organization') });
});

test('people are those who have a kubeconfig; clusters have some too', async () => {
  const state = await mkdtemp(join(tmpdir(), 'keelson-people-'));
  for (const name of ['management', 'demo', 'demo-2', 'demo-2-admin', 'demo-reader', 'demo-writer']) await writeFile(join(state, `kubeconfig-${name}`), '');
  const people = await peopleOf({ places: { state } } as unknown as FleetContext);
  await rm(state, { recursive: true });
  expect(people).toEqual([
    { name: 'demo-2-admin', organization: 'demo-2', role: 'admin', kubeconfig: join(state, 'kubeconfig-demo-2-admin') },
    { name: 'demo-reader', organization: 'demo', role: 'reader', kubeconfig: join(state, 'kubeconfig-demo-reader') },
  ]);
});

test('a person has the cluster of the kubeconfig and nothing of its user', () => {
  const admin = { clusters: [{ name: 'management', cluster: { server: 'https://127.0.0.1:1', 'tls-server-name': 'kubernetes' } }], users: [{ name: 'admin', user: { token: 'theirs' } }], contexts: [{ name: 'x', context: { cluster: 'management', user: 'admin' } }] };
  const text = asPerson(JSON.stringify(admin), { name: 'demo-admin', certificate: 'C', key: 'K' });
  expect(text).not.toContain('theirs');
  expect(parse(text)).toMatchObject({ 'current-context': 'demo-admin', clusters: admin.clusters, users: [{ user: { 'client-certificate-data': 'Qw==', 'client-key-data': 'Sw==' } }], contexts: [{ context: { cluster: 'management', user: 'demo-admin' } }] });
});
