import fc from 'fast-check';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { gate } from '../../../../provisioner/operators/app/gate.ts';
import { allDependents, dependencyCycle, directDependents, heldBy } from '../../../../provisioner/operators/app/order.ts';

function app(name: string, dependsOn: readonly string[] = []): AppObject {
  return { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace: 'n', generation: 1 }, spec: { target: 'Management', chart: 'x', namespace: 'n', values: {}, dependsOn: [...dependsOn] } };
}
const among = (apps: readonly AppObject[]) => (name: string) => apps.find((a) => a.metadata.name === name);
const names = (apps: readonly AppObject[]) => apps.map((a) => a.metadata.name).toSorted();
/** Each node's arrows; to lower numbers only where there should be no circle. */
const graph = (o: { acyclic: boolean }) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), { minLength: 10, maxLength: 10 })
    .map((edges) => edges.map((to, i) => app(`a${i}`, [...new Set(to.filter((t) => !o.acyclic || t < i))].map((t) => `a${t}`))));

describe('dependencyCycle', () => {
  it('finds a way back exactly where there is one, and always ends', () => {
    fc.assert(fc.property(graph({ acyclic: false }), (apps) => {
      const reaches = new Set<string>();
      const visit = (a: AppObject): void => a.spec.dependsOn.forEach((t) => { if (!reaches.has(t)) { reaches.add(t); visit(among(apps)(t)!); } });
      visit(apps[0]!);
      const cycle = dependencyCycle(apps[0]!, among(apps));
      expect(cycle !== undefined).toBe(reaches.has('a0'));
      if (cycle) for (const [i, name] of cycle.slice(0, -1).entries()) expect(among(apps)(name)?.spec.dependsOn).toContain(cycle[i + 1]);
    }));
  });

  it('is told by every member of the circle and by nobody else', () => {
    const apps = [app('a', ['b']), app('b', ['c']), app('c', ['a']), app('d', ['a'])];
    const reasons = apps.map((a) => { const g = gate(a, { cluster: undefined, hasKubeconfig: false, appNamed: among(apps) }); return g.kind === 'closed' ? g.reason : ''; });
    expect(reasons).toEqual(['DependencyCycle', 'DependencyCycle', 'DependencyCycle', 'WaitingForDependency']);
  });
});

/** One App at a time, chosen at random among those that the gate lets through; some never become healthy. */
function installAll(apps: readonly AppObject[], o: { broken: ReadonlySet<string>; choose: (n: number) => number }): readonly string[] {
  const order: string[] = [];
  for (;;) {
    const ready = apps.filter((a) => !order.includes(a.metadata.name) && gate(a, { cluster: undefined, hasKubeconfig: false, appNamed: among(apps) }).kind === 'open');
    if (ready.length === 0) return order;
    const next = ready[o.choose(ready.length)]!;
    order.push(next.metadata.name);
    const status = o.broken.has(next.metadata.name) ? 'False' : 'True';
    next.status = { observedGeneration: 1, conditions: [{ type: 'Ready', status, reason: 'R', message: '', lastTransitionTime: '' }] };
  }
}

describe('random graphs', () => {
  it('nothing starts before all it depends on is healthy, whatever fails, and nothing that could start is left out', () => {
    fc.assert(fc.property(graph({ acyclic: true }), fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }), fc.infiniteStream(fc.nat()), (apps, broken, dice) => {
      const bad = new Set(broken.map((i) => `a${i}`));
      const order = installAll(apps, { broken: bad, choose: (n) => (dice.next().value as number) % n });
      for (const [i, name] of order.entries()) for (const needed of among(apps)(name)!.spec.dependsOn) expect(order.slice(0, i).includes(needed) && !bad.has(needed)).toBe(true);
      const blocked = new Set(apps.filter((a) => bad.has(a.metadata.name)).flatMap((a) => names(allDependents(a, apps))));
      expect(order.length).toBe(apps.filter((a) => !blocked.has(a.metadata.name)).length);
    }));
  });

  it('the way out is the mirror image: nothing goes while something that depends on it is there, and all go, circles too', () => {
    fc.assert(fc.property(fc.boolean().chain((acyclic) => graph({ acyclic })), fc.infiniteStream(fc.nat()), (apps, dice) => {
      let left = [...apps];
      while (left.length > 0) {
        const free = left.filter((a) => heldBy(a, left).length === 0);
        expect(free.length).toBeGreaterThan(0);
        const next = free[(dice.next().value as number) % free.length]!;
        if (!dependencyCycle(next, among(left))) expect(directDependents(next, left)).toEqual([]);
        left = left.filter((a) => a !== next);
      }
    }));
  });
});
