import { Registry } from 'prom-client';
import type { Change } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { appChanges, clusterChanges, registerClusterChanges } from '../../../../provisioner/operators/monitoring/changes.ts';

const condition = (type: string, status: 'True' | 'False') => ({ type, status, reason: type, message: '', lastTransitionTime: '2026-01-02T00:00:00Z' });
const cluster = (o: { version?: string; machines?: number; uid?: string; rolling?: boolean; variables?: object[]; metadata?: object } = {}): Cluster => ({
  apiVersion: '', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-a', uid: o.uid ?? 'u', creationTimestamp: '2026-01-01T00:00:00Z', ...o.metadata },
  spec: { topology: { version: o.version ?? 'v1.35.4', classRef: { name: 'openstack-v1' }, variables: (o.variables ?? []) as never } },
  status: { initialization: { controlPlaneInitialized: true }, conditions: [condition('Available', 'True'), condition('RollingOut', o.rolling ? 'True' : 'False')], workers: { desiredReplicas: o.machines ?? 3 } },
});
const app = (o: { version?: string; generation?: number; revision?: number; release?: string; uid?: string } = {}): AppObject => ({
  apiVersion: '', kind: 'App', metadata: { name: 'demo-dns', namespace: 'org-a', uid: o.uid ?? 'v', generation: o.generation ?? 1, labels: { 'keelson.dev/component': 'coredns' } },
  spec: { cluster: 'demo', chart: 'coredns', namespace: 'kube-system', values: {}, dependsOn: [], ...(o.version === undefined ? {} : { version: o.version }) },
  status: { release: { name: 'dns', namespace: 'kube-system', chart: 'coredns', version: o.release ?? '1.0.0', revision: o.revision ?? 1, digest: '' } },
});
const from = <T>(old: T, object: T): Change<never> => ({ type: 'modified', old, object }) as unknown as Change<never>;

test.each<[string, Cluster, string[]]>([
  ['its version', cluster({ version: 'v1.36.3' }), ['version v1.35.4 → v1.36.3']],
  ['its machines', cluster({ machines: 5 }), ['worker machines 3 → 5']],
  ['a roll-out begins', cluster({ rolling: true }), ['machines began to be changed']],
  ['it is deleted', cluster({ metadata: { deletionTimestamp: '2026-01-03T00:00:00Z' } }), ['it is being deleted']],
  ['a variable', cluster({ variables: [{ name: 'cilium', value: {} }] }), ['variables of its cloud or network']],
  ['nothing that matters', cluster({ metadata: { labels: { a: 'b' } } }), []],
  ['another object of that name', cluster({ uid: 'w', version: 'v1.36.3' }), []],
])('of a Cluster: %s', (_, after, expected) => expect(clusterChanges(from(cluster(), after))).toEqual(expected));

test('a roll-out that ends is a change too', () => expect(clusterChanges(from(cluster({ rolling: true }), cluster()))).toEqual(['machines are as they should be']));

test.each<[string, AppObject, string[]]>([
  ['its version', app({ version: '2.0.0', generation: 2 }), ['App coredns as shipped → 2.0.0']],
  ['its values', app({ generation: 2 }), ['App coredns: its spec']],
  ['another revision', app({ revision: 2, release: '1.1.0' }), ['App coredns 1.0.0 → 1.1.0 installed']],
  ['nothing', app(), []],
])('of an App: %s', (_, after, expected) => expect(appChanges(from(app(), after))).toEqual(expected));

test('an App that is removed is a change, what is there at the start is none', () => {
  expect(appChanges({ type: 'deleted', object: app() } as Change<AppObject>)).toEqual(['App coredns removed']);
  expect([...appChanges({ type: 'added', object: app() } as Change<AppObject>), ...clusterChanges({ type: 'added', object: cluster() } as Change<Cluster>)]).toEqual([]);
});

test('a change is shown for a quarter of an hour, twenty of a cluster at most', async () => {
  const registry = new Registry();
  let now = new Date('2026-01-05T12:00:00Z');
  let tell: (change: Change<Cluster>) => void = () => undefined;
  registerClusterChanges({ registry, clock: { now: () => now }, clusters: { items: () => [cluster()], onChange: (listener) => { tell = listener; return () => undefined; } }, apps: { onChange: () => () => undefined } });
  const lines = async (): Promise<string[]> => (await registry.metrics()).split('\n').filter((line) => line.startsWith('keelson'));
  tell(from(cluster(), cluster({ version: 'v1.36.3' })));
  expect(await lines()).toEqual([`keelson_cluster_change_timestamp_seconds{cluster_id="demo",change="version v1.35.4 → v1.36.3"} ${now.getTime() / 1000}`]);
  for (let machines = 4; machines < 40; machines++) tell(from(cluster({ machines: machines - 1 }), cluster({ machines })));
  expect(await lines()).toHaveLength(20);
  now = new Date(now.getTime() + 16 * 60_000);
  expect(await lines()).toEqual([]);
});
