import fc from 'fast-check';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { clusterIds, qualifiedId } from '../../../../provisioner/operators/monitoring/cluster-id.ts';

const cluster = (namespace: string, name: string, o: { made?: string; annotation?: string; isOurs?: boolean } = {}): Cluster => ({
  apiVersion: '', kind: 'Cluster',
  metadata: { namespace, name, creationTimestamp: o.made ?? '2026-01-01T00:00:00Z', ...(o.annotation === undefined ? {} : { annotations: { 'keelson.dev/cluster-id': o.annotation } }) },
  spec: { topology: { classRef: { name: o.isOurs === false ? 'other' : 'openstack-v1' } } },
});
const idsOf = (...all: Cluster[]): string[] => all.map(clusterIds(all));
const later = '2026-02-01T00:00:00Z';

test('a name that one Cluster has is its id', () => expect(idsOf(cluster('org-a', 'demo'), cluster('org-a', 'other'))).toEqual(['demo', 'other']));
test('who had it first keeps it, wherever it stands in the list', () => {
  expect(idsOf(cluster('org-b', 'demo', { made: later }), cluster('org-c', 'demo'))).toEqual(['demo.org-b', 'demo']);
  expect(idsOf(cluster('org-b', 'demo'), cluster('org-a', 'demo'))).toEqual(['demo.org-b', 'demo']);
});
test('one that was qualified stays it when the first is gone, and the name is free for a third', () => {
  const second = cluster('org-b', 'demo', { made: later, annotation: 'demo.org-b' });
  expect(idsOf(second)).toEqual(['demo.org-b']);
  expect(idsOf(second, cluster('org-c', 'demo', { made: '2026-03-01T00:00:00Z' }))).toEqual(['demo.org-b', 'demo']);
});
test("nobody takes another one's id by writing it, nor that of the management cluster", () => {
  expect(idsOf(cluster('org-a', 'demo'), cluster('org-b', 'mine', { annotation: 'demo' }))).toEqual(['demo', 'mine']);
  expect(idsOf(cluster('org-b', 'management'))).toEqual(['management.org-b']);
});
test('a Cluster that is not in our care takes no name', () => expect(idsOf(cluster('org-b', 'demo', { made: later }), cluster('org-a', 'demo', { isOurs: false }))[0]).toBe('demo'));

test('ids differ, whatever there is', () => {
  const names = fc.constantFrom('a', 'b', 'management');
  const one = fc.record({ namespace: fc.constantFrom('org-a', 'org-b', 'a'), name: names, made: fc.constantFrom('1', '2'), isMarked: fc.boolean() });
  fc.assert(fc.property(fc.uniqueArray(one, { selector: ({ namespace, name }) => `${namespace}/${name}` }), (list) => {
    const all = list.map(({ namespace, name, made, isMarked }) => cluster(namespace, name, { made, ...(isMarked ? { annotation: qualifiedId(cluster(namespace, name)) } : {}) }));
    expect(new Set(idsOf(...all)).size).toBe(all.length);
  }));
});
