import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { gate, isReadyNow } from '../../../../provisioner/operators/app/gate.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';

function app(name: string, dependsOn: string[] = [], ready?: 'True' | 'False', generation = 1): AppObject {
  const conditions = ready ? [{ type: 'Ready', status: ready, reason: 'R', message: '', lastTransitionTime: '' }] : [];
  return {
    apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace: 'n', generation },
    spec: { cluster: 'demo', chart: 'x', namespace: 'n', values: {}, dependsOn }, status: { observedGeneration: 1, conditions },
  };
}
const cluster: Cluster = { apiVersion: '', kind: 'Cluster', metadata: { name: 'demo', labels: { 'keelson.dev/managed': 'true' } }, status: { initialization: { controlPlaneInitialized: true } } };
const among = (...apps: AppObject[]) => (name: string) => apps.find((a) => a.metadata.name === name);
const open = { cluster, hasKubeconfig: true, appNamed: among() };

describe('gate', () => {
  it('is open for an App without dependencies on a cluster that answers', () => {
    expect(gate(app('a'), open)).toEqual({ kind: 'open' });
  });

  it.each([
    ['no Cluster', { ...open, cluster: undefined }, 'WaitingForCluster'],
    ['a Cluster that is not ours', { ...open, cluster: { ...cluster, metadata: { name: 'demo' } } }, 'WaitingForCluster'],
    ['no control plane', { ...open, cluster: { ...cluster, status: {} } }, 'WaitingForCluster'],
    ['no kubeconfig', { ...open, hasKubeconfig: false }, 'WaitingForCluster'],
    ['no such App', open, 'WaitingForDependency'],
    ['an App that is not Ready', { ...open, appNamed: among(app('b', [], 'False')) }, 'WaitingForDependency'],
    ['an App that is Ready for what it was before', { ...open, appNamed: among(app('b', [], 'True', 2)) }, 'WaitingForDependency'],
  ])('is closed: %s', (_name, surroundings, reason) => {
    expect(gate(app('a', ['b']), surroundings)).toMatchObject({ kind: 'closed', reason });
  });

  it('opens when every dependency is Ready', () => {
    expect(gate(app('a', ['b', 'c']), { ...open, appNamed: among(app('b', [], 'True'), app('c', [], 'True')) })).toEqual({ kind: 'open' });
  });

  it('the reason of a dependency is told, without its message', () => {
    expect(gate(app('a', ['b']), { ...open, appNamed: among(app('b', [], 'False')) })).toMatchObject({ message: 'App b is not Ready: R' });
  });

  it('an App of the management cluster needs no Cluster, one that is refused never goes', () => {
    const own = app('a');
    own.spec = { ...own.spec, target: 'Management' };
    expect(gate(own, { ...open, cluster: undefined, hasKubeconfig: false })).toEqual({ kind: 'open' });
    expect(gate(own, { ...open, refusal: 'no' })).toMatchObject({ kind: 'closed', reason: 'TargetRefused' });
  });

  it('tells an App that depends on itself by a circle', () => {
    const [a, b, c] = [app('a', ['b']), app('b', ['c']), app('c', ['a'])];
    expect(gate(a, { ...open, appNamed: among(a, b, c) })).toMatchObject({ message: expect.stringContaining('a → b → c → a') as string });
  });
});

it('an App that was never looked at is not Ready', () => {
  const fresh = app('a', [], 'True');
  delete fresh.status;
  expect(isReadyNow(fresh)).toBe(false);
});
