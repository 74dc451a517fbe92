/** The end of a cluster in which Apps are, with the operator and the real Helm. The test plays Cluster API and the clean-up of the cluster. */
import { Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import { cluster, initialize, namespace } from '../fleet.ts';
import type { appsOf } from './one-cluster.ts';

export interface AppsOfACluster {
  readonly api: ApiServer;
  readonly apps: ReturnType<typeof appsOf>;
  /** What the release says, in a namespace. */
  greetingOf(release: string, at: string): Promise<string | undefined>;
}

/** @param theirs once they run, with the chart `greeting` */
export function clusterGoesCase(theirs: () => AppsOfACluster): void {
  it('goes before its cluster does, each after what depends on it; the label holds, a pause does not', async () => {
    const { api, apps, greetingOf } = theirs();
    const gone: string[] = [];
    const abort = new AbortController();
    const removed = new Reflector({ client: api.client, resource: resources.configMaps, namespace: 'end' });
    removed.onChange(({ type, object }) => void (type === 'deleted' && gone.push(object.metadata.name)));
    removed.start(abort.signal);
    await api.client.create(resources.clusters, { ...cluster('end'), metadata: { name: 'end', namespace, finalizers: ['test.io/machines'] } });
    await initialize(api, 'end', api.kubeconfig);
    const make = (name: string, dependsOn: readonly string[], metadata: object = {}) => apps.create(name, { cluster: 'end', namespace: 'end', chart: 'greeting', dependsOn }, metadata);
    await make('end-1', []);
    await make('end-2', ['end-1']);
    await make('end-3', ['end-2']);
    await make('end-safe', ['end-1'], { labels: { 'keelson.dev/prevent-deletion': 'true' } });
    await make('end-still', ['end-1']);
    for (const name of ['end-3', 'end-safe', 'end-still']) await apps.until(name, { status: 'True' });
    await apps.patch('end-still', { metadata: { annotations: { 'cluster.x-k8s.io/paused': '' } } });
    await apps.until('end-still', { status: 'True' }, 'Paused');

    await api.client.delete(resources.clusters, { namespace, name: 'end' });
    await apps.until('end-1', { reason: 'WaitingForCluster', message: 'Cluster end is being deleted' });
    await apps.remove('end-3');
    await apps.until('end-3', { reason: 'HeldByDependents', message: 'Cluster end is being deleted; load balancers and volumes of its workloads go first' });
    expect(gone).toEqual([]);
    const say = (annotation: string) => api.client.patch(resources.clusters, { namespace, name: 'end' }, { type: 'merge', body: { metadata: { annotations: { [`keelson.dev/${annotation}`]: new Date().toISOString() } } } });
    await say('apps-leave');
    await apps.gone('end-3');
    await apps.until('end-2', { reason: 'Uninstalled' });
    await apps.until('end-safe', { reason: 'DeletionPrevented' });
    await apps.until('end-1', { reason: 'HeldByDependents', message: 'depended on by end-safe; it goes after them' });
    await apps.patch('end-safe', { metadata: { labels: { 'keelson.dev/prevent-deletion': null } } });
    const { app } = await apps.until('end-1', { reason: 'Uninstalled' });
    expect([app.status?.release, app.status?.lastGood]).toEqual([undefined, undefined]);
    expect(gone.filter((name) => name.endsWith('-greeting'))).toEqual(['end-3-greeting', 'end-2-greeting', 'end-safe-greeting', 'end-1-greeting']);

    await say('workloads-removed');
    for (const name of ['end-still', 'end-2']) await apps.remove(name);
    for (const name of ['end-still', 'end-2']) await apps.gone(name);
    expect(await greetingOf('end-still', 'end')).toBe('hello');
    await api.client.patch(resources.clusters, { namespace, name: 'end' }, { type: 'merge', body: { metadata: { finalizers: [] } } });
    await apps.until('end-1', { reason: 'WaitingForCluster', message: 'there is no Cluster end in this namespace' });
    // Another cluster of that name gets what its owner still wants.
    await api.client.create(resources.clusters, cluster('end'));
    await api.client.patch(resources.clusters, { namespace, name: 'end' }, { type: 'merge', body: { status: { initialization: { controlPlaneInitialized: true } } }, subresource: 'status' });
    await apps.until('end-1', { status: 'True' });
    expect(await greetingOf('end-1', 'end')).toBe('hello');
    abort.abort();
  }, 120_000);
}
