/** The end of a cluster of the running operator, as far as its Apps go: its machines wait for them, and for how long. The test plays the room of Apps. */
import { stringify } from 'yaml';
import { type Condition, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import { initialize, namespace } from '../fleet.ts';
import { eventually, type TestContext } from '../surroundings.ts';

export interface ClusterAndApps {
  readonly management: ApiServer;
  readonly context: TestContext;
  create(name: string): Promise<unknown>;
  get(name: string): Promise<KubeObject | undefined>;
  condition(name: string, type: string): Promise<Condition | undefined>;
  /** Seconds for which Cluster API has to leave its machines alone; 0: it may take them. */
  machinesWait(name: string): Promise<number>;
  /** The way to an API server that is not there. */
  deadKubeconfig(): string;
}

/** @param theirs once they run */
export function appsLeaveCases(theirs: () => ClusterAndApps): void {
  // What the clusters before it have left in the one API server.
  beforeAll(async () => {
    for (const { metadata: { name } } of (await theirs().management.client.list(resources.persistentVolumes)).items) {
      await theirs().management.client.patch(resources.persistentVolumes, { name }, { type: 'merge', body: { metadata: { finalizers: null } } });
      await theirs().management.client.delete(resources.persistentVolumes, { name });
    }
  });

  const isLetGo = async (name: string): Promise<boolean> => (await theirs().machinesWait(name)) === 0;
  const app = (name: string) => ({ namespace, name });
  /** A cluster with two Apps that waits for them. */
  async function deleted(name: string, labels: Record<string, string> = {}): Promise<void> {
    await theirs().create(name);
    await initialize(theirs().management, name, theirs().management.kubeconfig);
    for (const one of ['a', 'b']) await theirs().management.client.create(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { ...app(`${name}-${one}`), ...(one === 'b' ? { labels } : {}) }, spec: { cluster: name, chart: 'x', namespace: 'x' } });
    await eventually(async () => (await theirs().get(name))?.metadata.finalizers?.includes('keelson.dev/cluster'));
    // Cluster API's own, which stays until the machines are gone.
    await theirs().management.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { finalizers: ['keelson.dev/cluster', 'cluster.cluster.x-k8s.io'] } } });
    await theirs().management.client.delete(resources.clusters, { namespace, name });
    await eventually(async () => (await theirs().condition(name, 'CloudCleaned'))?.reason === 'RemovingApps');
    expect(await theirs().machinesWait(name)).toBe(10);
  }
  /** As the room of Apps does it. */
  const leaves = async (name: string): Promise<unknown> => {
    const found = await theirs().management.client.get<AppObject>(resources.apps, app(name));
    const status = { observedGeneration: found?.metadata.generation, conditions: [{ type: 'Ready', status: 'False', reason: 'Uninstalled', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    return theirs().management.client.patch(resources.apps, app(name), { type: 'merge', body: { status }, subresource: 'status' });
  };
  const says = (name: string, message: string): Promise<unknown> => eventually(async () => (await theirs().condition(name, 'CloudCleaned'))?.message === message);

  it('keeps its machines until they are uninstalled, those of people too', async () => {
    await deleted('wide');
    await says('wide', 'uninstalling Apps: wide-a, wide-b');
    await theirs().management.client.delete(resources.apps, app('wide-a'));
    await says('wide', 'uninstalling Apps: wide-b');
    await leaves('wide-b');
    await eventually(() => isLetGo('wide'));
  }, 60_000);

  it('is held by one that must not be deleted for as long as its label says so, and its API answers', async () => {
    await deleted('held', { 'keelson.dev/prevent-deletion': 'true' });
    await leaves('held-a');
    await says('held', 'kept by the label keelson.dev/prevent-deletion, remove it from: held-b');
    theirs().context.turn(901_000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await isLetGo('held')).toBe(false);
    await theirs().management.client.patch(resources.secrets, { namespace, name: 'held-kubeconfig' }, { type: 'merge', body: { data: { value: Buffer.from(theirs().deadKubeconfig()).toString('base64') } } });
    await eventually(() => isLetGo('held'));
    expect(theirs().context.said.join('\n')).toContain('RemovingApps Cluster held: not uninstalled, because its API does not answer: held-b; they go with the machines');
  }, 60_000);

  it('waits for one that cannot be uninstalled a quarter of an hour', async () => {
    await deleted('late');
    await leaves('late-a');
    await says('late', 'uninstalling Apps: late-b');
    theirs().context.turn(901_000);
    await eventually(() => isLetGo('late'));
    expect(theirs().context.said.join('\n')).toContain('RemovingApps Cluster late: not uninstalled, because it took too long: late-b; they go with the machines');
  }, 60_000);

  it('whose kubeconfig must not be used any more is held no longer than one whose API is dead', async () => {
    await deleted('sly');
    const users = [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false' } } }];
    const sly = stringify({ apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'c', cluster: { server: theirs().management.url } }], users, contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x' });
    await theirs().management.client.patch(resources.secrets, { namespace, name: 'sly-kubeconfig' }, { type: 'merge', body: { data: { value: Buffer.from(sly).toString('base64') } } });
    await eventually(() => isLetGo('sly'));
    expect(theirs().context.said.join('\n')).toContain('Cluster sly: not uninstalled, because its API does not answer: sly-a, sly-b; they go with the machines');
  }, 60_000);

  it('given up in the cloud is let go at once', async () => {
    await deleted('yielded');
    await theirs().management.client.patch(resources.clusters, { namespace, name: 'yielded' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/abandon-cloud': 'true' } } } });
    await eventually(() => isLetGo('yielded'));
  }, 60_000);
}
