import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { type Change, Store } from '../../../provisioner/kube/store.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';

const object = (name: string, uid: string, resourceVersion: string): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: { name, uid, resourceVersion } });
const names = ['a', 'b', 'c'];
const anyObject = fc.record({ name: fc.constantFrom(...names), uid: fc.constantFrom('u1', 'u2'), resourceVersion: fc.constantFrom('1', '2', '3') });
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), object: anyObject }),
  fc.record({ kind: fc.constant('delete' as const), name: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constant('replace' as const), objects: fc.uniqueArray(anyObject, { selector: (o) => o.name }) }),
);

/** Follows the changes alone, and refuses any that cannot follow what came before. */
function mirrorOf(store: Store<KubeObject>): Map<string, string> {
  const mirror = new Map<string, string>();
  store.onChange((change: Change) => {
    const { name, uid, resourceVersion } = change.object.metadata;
    const known = mirror.get(name);
    const isPossible = change.type === 'added' ? known === undefined : change.type === 'modified' ? known?.startsWith(`${uid}@`) && change.old.metadata.uid === uid : known !== undefined;
    mirror.set(name, isPossible ? `${uid}@${resourceVersion}` : 'impossible');
    if (change.type === 'deleted') mirror.delete(name);
  });
  return mirror;
}

const contents = (store: Store<KubeObject>): Record<string, string> => Object.fromEntries(store.items().map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]));

test('property: the changes told, replayed, are the content, for listeners from the start and for late ones', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (before, after) => {
      const store = new Store<KubeObject>(silentLog);
      const early = mirrorOf(store);
      const run = (steps: typeof before): void => {
        for (const s of steps) {
          if (s.kind === 'set') store.set(s.object.name, object(s.object.name, s.object.uid, s.object.resourceVersion));
          if (s.kind === 'delete') store.delete(s.name, undefined);
          if (s.kind === 'replace') store.replace(new Map(s.objects.map((o) => [o.name, object(o.name, o.uid, o.resourceVersion)])));
        }
      };
      run(before);
      const late = mirrorOf(store);
      run(after);
      expect(Object.fromEntries(early)).toEqual(contents(store));
      expect(Object.fromEntries(late)).toEqual(contents(store));
    }),
  );
});

test('a list that brings nothing new tells nothing', () => {
  const store = new Store<KubeObject>(silentLog);
  const told: Change[] = [];
  store.set('a', object('a', 'u', '1'));
  store.onChange((change) => told.push(change));
  told.length = 0;
  store.replace(new Map([['a', object('a', 'u', '1')]]));
  expect(told).toEqual([]);
});

test('while changes of a list are told, readers see the whole new list', () => {
  const store = new Store<KubeObject>(silentLog);
  const seen: number[] = [];
  store.onChange(() => seen.push(store.size));
  store.replace(new Map(['a', 'b', 'c'].map((name) => [name, object(name, 'u', '1')])));
  expect(seen).toEqual([3, 3, 3]);
});

test('a listener that throws does not keep others from hearing', () => {
  const errors: string[] = [];
  const store = new Store<KubeObject>({ ...silentLog, error: (_fields, message) => void errors.push(message) });
  const told: string[] = [];
  store.onChange(() => {
    throw new Error('defect');
  });
  store.onChange((change) => told.push(change.type));
  store.set('a', object('a', 'u', '1'));
  expect([told, errors]).toEqual([['added'], ['a listener of changes threw']]);
});
