import fc from 'fast-check';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { dependencyCycle, gate, isReadyNow } from '../../../../provisioner/operators/app/gate.ts';
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

  it('does nothing while the App or its Cluster is paused', () => {
    expect(gate(app('a'), { ...open, cluster: { ...cluster, spec: { paused: true } } })).toEqual({ kind: 'paused' });
    const paused = app('a');
    paused.metadata.annotations = { 'cluster.x-k8s.io/paused': '' };
    expect(gate(paused, open)).toEqual({ kind: 'paused' });
  });

  it('tells an App that depends on itself by a circle', () => {
    const [a, b, c] = [app('a', ['b']), app('b', ['c']), app('c', ['a'])];
    expect(gate(a, { ...open, appNamed: among(a, b, c) })).toMatchObject({ message: expect.stringContaining('a → b → c → a') as string });
  });
});

describe('dependencyCycle', () => {
  it('finds a way back exactly where there is one, and always ends', () => {
    const graph = fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }), { minLength: 8, maxLength: 8 });
    fc.assert(fc.property(graph, (edges) => {
      const apps = edges.map((to, i) => app(`a${i}`, to.map((t) => `a${t}`)));
      const reaches = new Set<number>();
      const visit = (i: number): void => edges[i]!.forEach((t) => { if (!reaches.has(t)) { reaches.add(t); visit(t); } });
      visit(0);
      const cycle = dependencyCycle(apps[0]!, among(...apps));
      expect(cycle !== undefined).toBe(reaches.has(0));
      if (cycle) for (const [i, name] of cycle.slice(0, -1).entries()) expect(among(...apps)(name)?.spec.dependsOn).toContain(cycle[i + 1]);
    }));
  });
});

it('an App that was never looked at is not Ready', () => {
  const fresh = app('a', [], 'True');
  delete fresh.status;
  expect(isReadyNow(fresh)).toBe(false);
});
