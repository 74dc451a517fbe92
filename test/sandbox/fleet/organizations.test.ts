/** The organizations of `keelson up --organizations` are what the API server takes, and their clusters fit into them. */
import { expect, test } from '@jest/globals';
import { organizationSpec } from '../../../provisioner/api/organization.ts';
import { asPerson } from '../../../sandbox/fleet/kubeconfig.ts';
import { newOrganization, personalRoles } from '../../../sandbox/fleet/organizations/organization-object.ts';
import { organizationNames } from '../../../sandbox/fleet/organizations/organizations.ts';
import { clusterName } from '../../../sandbox/fleet/cluster-object.ts';
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

test('a person has the cluster of the kubeconfig and nothing of its user', () => {
  const admin = { clusters: [{ name: 'management', cluster: { server: 'https://127.0.0.1:1', 'tls-server-name': 'kubernetes' } }], users: [{ name: 'admin', user: { token: 'theirs' } }], contexts: [{ name: 'x', context: { cluster: 'management', user: 'admin' } }] };
  const text = asPerson(JSON.stringify(admin), { name: 'demo-admin', certificate: 'C', key: 'K' });
  expect(text).not.toContain('theirs');
  expect(parse(text)).toMatchObject({ 'current-context': 'demo-admin', clusters: admin.clusters, users: [{ user: { 'client-certificate-data': 'Qw==', 'client-key-data': 'Sw==' } }], contexts: [{ context: { cluster: 'management', user: 'demo-admin' } }] });
});
