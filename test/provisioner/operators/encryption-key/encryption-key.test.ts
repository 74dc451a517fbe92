import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { encryptionConfiguration } from '../../../../provisioner/operators/encryption-key/configuration.ts';
import { needsKey, wantedSecret } from '../../../../provisioner/operators/encryption-key/controller.ts';

const cluster = (change: object = {}): Cluster => ({ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-demo', uid: 'u', ...change }, spec: { topology: { classRef: { name: 'openstack-v1', namespace: 'keelson-system' } } } });

test('a key has 32 bytes and is another one every time', () => {
  const keyOf = (text: string): string => (JSON.parse(text) as { resources: { providers: { secretbox: { keys: { secret: string }[] } }[] }[] }).resources[0]!.providers[0]!.secretbox.keys[0]!.secret;
  const [a, b] = [keyOf(encryptionConfiguration()), keyOf(encryptionConfiguration())];
  expect(Buffer.from(a, 'base64')).toHaveLength(32);
  expect(a).not.toBe(b);
});

test('the Secret goes and moves with its Cluster', () => {
  const secret = wantedSecret(cluster(), 'x') as KubeObject & { data: Record<string, string> };
  expect(secret.metadata).toMatchObject({ name: 'demo-encryption', namespace: 'org-demo', labels: { 'cluster.x-k8s.io/cluster-name': 'demo', 'clusterctl.cluster.x-k8s.io/move': '' }, ownerReferences: [{ kind: 'Cluster', name: 'demo', uid: 'u' }] });
  expect(secret.data).toEqual({ 'encryption.json': Buffer.from('x').toString('base64') });
});

test('clusters of other classes and those on their way out get none', () => {
  expect(needsKey(cluster())).toBe(true);
  expect(needsKey(cluster({ deletionTimestamp: '2026-11-26T00:00:00Z' }))).toBe(false);
  expect(needsKey({ ...cluster(), spec: { topology: { classRef: { name: 'other' } } } })).toBe(false);
});
