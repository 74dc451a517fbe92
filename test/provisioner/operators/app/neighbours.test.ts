import type { Change, ChangeSource } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { neighboursOf } from '../../../../provisioner/operators/app/neighbours.ts';

const app = (namespace: string, name: string, chart = 'web'): AppObject => ({ apiVersion: '', kind: 'App', metadata: { name, namespace }, spec: { chart, namespace: 'n', values: {}, dependsOn: [] } });

it('knows the Apps of each namespace as they come, change and go', () => {
  let tell: (change: Change<AppObject>) => void = () => undefined;
  const neighbours = neighboursOf({ onChange: (listener: typeof tell) => (tell = listener, () => undefined) } as unknown as ChangeSource<AppObject>);
  const here = (namespace: string) => neighbours.in(namespace).map(({ metadata, spec }) => `${metadata.name} ${spec.chart}`).toSorted();
  for (const [namespace, name] of [['a', 'one'], ['a', 'two'], ['b', 'one']] as const) tell({ type: 'added', object: app(namespace, name) });
  tell({ type: 'modified', object: app('a', 'one', 'other'), old: app('a', 'one') });
  expect([here('a'), here('b'), here('c')]).toEqual([['one other', 'two web'], ['one web'], []]);
  tell({ type: 'deleted', object: app('b', 'one') });
  tell({ type: 'deleted', object: app('a', 'two') });
  expect([here('a'), here('b')]).toEqual([['one other'], []]);
});
