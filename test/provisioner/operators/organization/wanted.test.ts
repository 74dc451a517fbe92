import { organizationSpec } from '../../../../provisioner/api/organization.ts';
import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import { earlierOwner } from '../../../../provisioner/operators/organization/identities.ts';
import type { Organization } from '../../../../provisioner/operators/organization/organization-object.ts';
import { trimmedCluster } from '../../../../provisioner/operators/cluster.ts';
import { quotaVerdict, usageOf } from '../../../../provisioner/operators/organization/usage.ts';
import { wantedBindings, wantedBounds, wantedNamespace } from '../../../../provisioner/operators/organization/wanted.ts';
import { nothing } from '../../../../provisioner/preflight/footprint.ts';
import { clusterOf } from './objects.ts';

const organization = (spec: object, metadata: object = {}): Organization => ({ apiVersion: 'keelson.dev/v1alpha1', kind: 'Organization', metadata: { name: 'acme', uid: 'u1', ...metadata }, spec: organizationSpec.parse(spec) });

describe('bindings', () => {
  it('one per role that somebody has; a service account without namespace is the organization\'s; nobody twice', () => {
    const found = wantedBindings(organization({ members: [
      { kind: 'User', name: 'oidc:a', role: 'editor' }, { kind: 'User', name: 'oidc:a', role: 'editor' }, { kind: 'ServiceAccount', name: 'flux', role: 'automation' }, { kind: 'ServiceAccount', name: 'flux', namespace: 'flux-system', role: 'automation' },
    ] }));
    expect(found.map(({ metadata, subjects }) => [metadata.name, subjects])).toEqual([
      ['keelson-organization-editor', [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'oidc:a' }]],
      ['keelson-organization-automation', [{ kind: 'ServiceAccount', name: 'automation', namespace: 'org-acme' }, { kind: 'ServiceAccount', name: 'flux', namespace: 'org-acme' }, { kind: 'ServiceAccount', name: 'flux', namespace: 'flux-system' }]],
    ]);
  });
});

it('the namespace says which classes and credentials its Clusters may name', () => {
  const { metadata } = wantedNamespace(organization({ identities: [{ project: 'p' }, { type: 'ClusterIdentity', name: 'shared', project: 'q' }], allowedClasses: [{ name: 'openstack-v1' }, { name: 'mine', namespace: 'x' }] }));
  expect(metadata.annotations).toMatchObject({ 'keelson.dev/identities': 'Secret/cloud,ClusterIdentity/shared', 'keelson.dev/allowed-classes': 'keelson-system/openstack-v1,x/mine' });
});

it('the namespace says what new Clusters get, a field a line, and nothing of what has no default', () => {
  const textOf = (defaults: object | undefined) => wantedNamespace(organization({ ...(defaults ? { defaults } : {}) })).metadata.annotations?.['keelson.dev/defaults'];
  expect(textOf({ classRef: { name: 'openstack-v1' }, version: 'v1.36.3', image: 'node', identity: { name: 'cloud' }, externalNetwork: 'out side', controlPlane: { flavor: 'a' }, worker: { flavor: 'b=c' } })?.split('\n')).toEqual([
    'classRef=keelson-system/openstack-v1', 'version=v1.36.3', 'cloud/identity=Secret/cloud/openstack', 'network/externalNetwork=out side', 'controlPlane/flavor=a', 'controlPlane/image=node', 'worker/flavor=b=c',
  ]);
  expect([textOf({ worker: {} }), textOf(undefined)]).toEqual([undefined, undefined]);
});

it('no pod has room beside declarations; Clusters are counted where they are bounded', () => {
  const hard = (quota: object) => (wantedBounds(organization({ quota })).find(({ kind, metadata }) => kind === 'ResourceQuota' && metadata.name === 'keelson') as KubeObject & { spec: { hard: Record<string, string> } }).spec.hard;
  expect(hard({ clusters: 2 })).toMatchObject({ pods: '0', 'count/clusters.cluster.x-k8s.io': '2' });
  expect(hard({})).not.toHaveProperty('count/clusters.cluster.x-k8s.io');
  expect(hard({})).not.toHaveProperty('count/secrets');
});

it('a project is the older organization\'s', () => {
  const [old, young] = [organization({ identities: [{ project: 'p' }] }, { uid: 'z', creationTimestamp: '2026-01-01T00:00:00Z', name: 'old' }), organization({ identities: [{ project: 'p' }] }, { uid: 'a', creationTimestamp: '2026-01-02T00:00:00Z', name: 'young' })];
  expect(earlierOwner(young, [young, old])).toEqual({ project: 'p', owner: 'old' });
  expect(earlierOwner(old, [young, old])).toBeUndefined();
});

describe('usage', () => {
  const flavors = [{ name: 'k.small', cores: 2, memoryMiB: 4096 }];
  const deployment = (replicas: number, cluster = 'demo', namespace = 'org-acme') => ({ apiVersion: '', kind: 'MachineDeployment', metadata: { name: 'x', namespace, labels: { 'cluster.x-k8s.io/cluster-name': cluster, 'topology.cluster.x-k8s.io/deployment-name': 'a' } }, spec: { replicas } });
  it('is what is declared, and what was scaled past it in the same cluster alone', () => {
    expect(usageOf([clusterOf('demo', 'org-acme')], [], flavors)).toMatchObject({ machines: 2, cores: 4, memory: 8192 });
    expect(usageOf([clusterOf('demo', 'org-acme')], [deployment(9), deployment(50, 'else'), deployment(50, 'demo', 'org-other')], flavors)).toMatchObject({ machines: 10, cores: 20 });
  });
  it('counts a control plane that was scaled, whose KubeadmControlPlane names no group', () => {
    const controlPlane = (replicas: number) => ({ apiVersion: '', kind: 'KubeadmControlPlane', metadata: { name: 'x', namespace: 'org-acme', labels: { 'cluster.x-k8s.io/cluster-name': 'demo' } }, spec: { replicas } });
    expect(usageOf([clusterOf('demo', 'org-acme')], [controlPlane(5), deployment(9)], flavors)).toMatchObject({ machines: 14, cores: 28 });
    expect(usageOf([clusterOf('demo', 'org-acme')], [controlPlane(0)], flavors)).toMatchObject({ machines: 2 });
  });
  it('is the same of what the cache keeps of a Cluster', () => {
    const whole = clusterOf('demo', 'org-acme', { workers: 3 });
    const { topology } = whole.spec;
    const [group] = topology.workers.machineDeployments;
    const large = { ...whole, spec: { ...whole.spec, topology: { ...topology, workers: { machineDeployments: [
      { ...group!, metadata: { annotations: { 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size': '7' } }, variables: { overrides: [{ name: 'worker', value: { flavor: 'k.large' } }] } },
    ] } } } };
    const sizes = [...flavors, { name: 'k.large', cores: 8, memoryMiB: 16_384 }];
    expect(usageOf([large], [], sizes)).toMatchObject({ machines: 8, cores: 58, unknownFlavors: [] });
    for (const cluster of [large, whole, clusterOf('other', 'org-acme', { className: 'theirs', workers: 4 })]) expect(usageOf([trimmedCluster(cluster)], [], sizes)).toEqual(usageOf([cluster], [], sizes));
  });
  it('is within the quota, exceeds it, or cannot be told', () => {
    const verdict = (quota: object, used: object) => quotaVerdict(organization({ quota }), { ...nothing, ...used });
    expect(verdict({ machines: 2 }, { machines: 2 })).toMatchObject({ status: 'True', reason: 'Within' });
    expect(verdict({ machines: 2, memory: '1Gi' }, { machines: 3, memory: 2048 })).toEqual({ status: 'False', reason: 'Exceeded', message: 'there are 3 machines where 2 machines are allowed, 2Gi memory where 1Gi memory are allowed' });
    expect(verdict({ cores: 2 }, { unknownFlavors: ['x'] })).toMatchObject({ status: 'Unknown', reason: 'FlavorUnknown' });
  });
});
