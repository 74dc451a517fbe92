import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { awaitedApps, endingOf, hasLeft } from '../../../../provisioner/operators/app/ending.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';

const now = new Date('2026-01-01T12:00:00Z');
function cluster(o: { readonly annotations?: Record<string, string>; readonly isDeleting?: boolean; readonly className?: string } = {}): Cluster {
  const metadata = { name: 'demo', namespace: 'n', ...(o.annotations ? { annotations: o.annotations } : {}), ...(o.isDeleting === false ? {} : { deletionTimestamp: '2026-01-01T00:00:00Z' }) };
  return { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata, spec: { topology: { classRef: { name: o.className ?? 'openstack-v1' } } } };
}
function app(name: string, o: { readonly cluster?: string; readonly namespace?: string; readonly annotations?: Record<string, string>; readonly reason?: string; readonly generation?: number } = {}): AppObject {
  const metadata = { name, namespace: o.namespace ?? 'n', generation: o.generation ?? 1, ...(o.annotations ? { annotations: o.annotations } : {}) };
  const conditions = [{ type: 'Ready', status: 'False' as const, reason: o.reason ?? 'Installed', message: '', lastTransitionTime: '' }];
  return { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata, spec: { target: 'Cluster', cluster: o.cluster ?? 'demo', chart: 'x', namespace: 'x', values: {}, dependsOn: [] }, status: { observedGeneration: 1, conditions } };
}

describe('the end of a cluster', () => {
  it.each([
    ['no', cluster({ isDeleting: false, annotations: { 'keelson.dev/apps-leave': 'x', 'keelson.dev/workloads-removed': 'x' } })],
    ['no', undefined],
    ['workloads', cluster({ annotations: { 'keelson.dev/deletion-hold': 'removing Service default/web' } })],
    ['apps', cluster({ annotations: { 'keelson.dev/apps-leave': '2026-01-01T00:00:00Z' } })],
    ['over', cluster({ annotations: { 'keelson.dev/apps-leave': '2026-01-01T00:00:00Z', 'keelson.dev/workloads-removed': 'removed' } })],
    ['over', cluster({ annotations: { 'keelson.dev/workloads-removed': 'api-dead' } })],
    ['over', cluster({ className: 'other', annotations: { 'keelson.dev/apps-leave': 'x' } })],
  ])('%s', (ending, given) => expect(endingOf(given)).toBe(ending));

  it('an App has left at the generation it is now', () => {
    expect([hasLeft(app('a', { reason: 'Uninstalled' })), hasLeft(app('a', { reason: 'Uninstalled', generation: 2 })), hasLeft(app('a'))]).toEqual([true, false, false]);
  });

  it('waits for the Apps of this cluster that have not left, and are not paused themselves', () => {
    const apps = [
      app('own'), app('left', { reason: 'Uninstalled' }), app('other', { cluster: 'demo-2' }), app('elsewhere', { namespace: 'm' }), app('paused', { annotations: { 'cluster.x-k8s.io/paused': '' } }),
      app('paused-long-ago', { annotations: { 'keelson.dev/paused-until': '2026-01-01T11:00:00Z' } }),
    ];
    expect(awaitedApps(apps, cluster(), now).map(({ metadata }) => metadata.name)).toEqual(['own', 'paused-long-ago']);
  });
});
