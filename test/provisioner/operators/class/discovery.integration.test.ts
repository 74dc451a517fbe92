/**
 * An upgrade to a release with a further version of the class, before the real Cluster API: the operator publishes the new class,
 * its extension comes later, and Cluster API has to be told that there is something new to ask for.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Condition, findCondition, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { classController } from '../../../../provisioner/operators/class/controller.ts';
import { discoveryController, type ExtensionConfig, missingHandlers } from '../../../../provisioner/operators/class/discovery-controller.ts';
import { classObjects } from '../../../../provisioner/topology/class/objects.ts';
import { openstackV1 } from '../../../../provisioner/topology/class/versions.ts';
import { registeredHandlers } from '../../../../provisioner/topology/extension/handlers.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { withMoreProcesses } from '../../topology/later-classes.ts';
import { type ManagementPlane, managementPlaneNeeds, startManagementPlane } from '../../topology/management-plane.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const former = [openstackV1];
const next = [openstackV1, withMoreProcesses];
const pauses = { firstMs: 1000, maxMs: 2000 };

describeWith(managementPlaneNeeds, 'the handlers of a further version of the class, under the real Cluster API', () => {
  let plane: ManagementPlane;
  const stops: (() => Promise<void>)[] = [];

  type Config = ExtensionConfig & { readonly status?: { readonly conditions?: readonly Condition[] } };
  const config = async (): Promise<Config> => (await plane.client.get<Config>(resources.extensionConfigs, { name: 'keelson' }))!;
  const asked = async (): Promise<string | undefined> => (await config()).metadata.annotations?.['keelson.dev/asked'];
  const variablesReady = async (name: string): Promise<Condition | undefined> => {
    const found = await plane.client.get<KubeObject & { status?: { conditions?: Condition[] } }>(resources.clusterClasses, { namespace: 'keelson-system', name });
    return findCondition(found?.status?.conditions, 'VariablesReady');
  };
  const whenReady = (name: string): Promise<unknown> => eventually(async () => (await variablesReady(name))?.status === 'True');
  /** Resolves when nobody wrote the ExtensionConfig for longer than the longest pause. */
  const untouched = async (): Promise<void> => {
    const { resourceVersion } = (await config()).metadata;
    await new Promise((resolve) => setTimeout(resolve, 2 * pauses.maxMs));
    expect((await config()).metadata.resourceVersion).toBe(resourceVersion);
  };
  /** The operator's part in discovery, of a release with these versions. */
  const operatorOf = (versions: typeof next): { readonly context: TestContext; stop(): Promise<void> } => {
    const context = testContext(plane.client);
    const stop = startControllers([discoveryController({ context, handlers: registeredHandlers(versions), ...pauses })]);
    stops.push(stop);
    return { context, stop };
  };
  const told = ({ said }: TestContext): string[] => said.filter((line) => line.startsWith('event ')).map((line) => line.split(' ')[2] ?? '');

  beforeAll(async () => {
    plane = await startManagementPlane({}, { versions: former });
    await whenReady('openstack-v1');
  }, 240_000);
  afterAll(async () => {
    for (const stop of stops) await stop();
    await plane?.stop();
  }, 60_000);

  it('are all known of the release that was installed, and nothing is written', async () => {
    expect(missingHandlers(await config(), registeredHandlers(former))).toEqual([]);
    const { context, stop } = operatorOf(former);
    await untouched();
    expect(told(context)).toEqual([]);
    await stop();
  }, 60_000);

  it('are unknown to Cluster API by itself, although the new class is published and the new extension answers', async () => {
    await plane.killExtension();
    await plane.startExtensionAgain(next);
    stops.push(startControllers([classController({ context: testContext(plane.client), objects: classObjects(next) })]));
    // Cluster API tries the class again and again, and the extension never: not before every object is looked at anew, which takes it ten minutes.
    const condition = await eventually(async () => ((await variablesReady('openstack-v2'))?.status === 'False' ? variablesReady('openstack-v2') : undefined));
    expect(condition.message).toMatch(/openstack-v2-variables\.keelson.* has not been registered/);
    await untouched();
    expect(missingHandlers(await config(), registeredHandlers(next))).toEqual(['openstack-v2-variables.keelson', 'openstack-v2-patches.keelson', 'openstack-v2-validate.keelson']);
  }, 90_000);

  it('are asked for again and again while the former extension still answers, and known soon after the new one does', async () => {
    await plane.killExtension();
    await plane.startExtensionAgain(former);
    const { context, stop } = operatorOf(next);
    const first = await eventually(asked);
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await eventually(async () => (await asked()) !== first);
    expect((await variablesReady('openstack-v2'))?.status).toBe('False');
    expect(told(context)).toEqual(['HandlersMissing']);

    await plane.killExtension();
    await plane.startExtensionAgain(next);
    await whenReady('openstack-v2');
    await eventually(() => told(context).includes('HandlersKnown'));
    await untouched();
    expect(told(context)).toEqual(['HandlersMissing', 'HandlersKnown']);
    await stop();
  }, 90_000);

  it('are asked for where the release calls them otherwise, by their hook, their time or what a silent one means', async () => {
    const known = registeredHandlers(next);
    for (const change of [{ timeoutSeconds: 5 }, { failurePolicy: 'Ignore' as const }, { requestHook: { ...known[1]!.requestHook, hook: 'ValidateTopology' } }]) {
      expect(missingHandlers(await config(), known.with(1, { ...known[1]!, ...change }))).toEqual([known[1]!.name]);
    }
    expect(missingHandlers(await config(), known)).toEqual([]);
  });

  it('are left alone by a restarted operator, and by one of the former release', async () => {
    const operators = [operatorOf(next), operatorOf(former)];
    await untouched();
    for (const { context, stop } of operators) {
      expect(told(context)).toEqual([]);
      await stop();
    }
  }, 60_000);

  it('are not asked for while the ExtensionConfig is paused, or gone, and are when it is back', async () => {
    await plane.killExtension();
    await plane.startExtensionAgain(former);
    const annotate = (annotations: Record<string, string | null>): Promise<unknown> => plane.client.patch(resources.extensionConfigs, { name: 'keelson' }, { type: 'merge', body: { metadata: { annotations } } });
    await annotate({ 'made-to': 'ask' });
    await eventually(async () => missingHandlers(await config(), registeredHandlers(next)).length > 0);
    await annotate({ 'cluster.x-k8s.io/paused': '' });
    await eventually(async () => findCondition((await config()).status?.conditions, 'Paused')?.status === 'True');
    const { context } = operatorOf(next);
    await untouched();

    const { apiVersion, kind, metadata: { name }, spec } = (await config()) as Config & { readonly spec: object };
    await plane.client.delete(resources.extensionConfigs, { name });
    await new Promise((resolve) => setTimeout(resolve, 2 * pauses.maxMs));
    expect(await plane.client.get(resources.extensionConfigs, { name })).toBeUndefined();
    expect(told(context)).toEqual([]);
    expect(context.said.filter((line) => line.startsWith('error'))).toEqual([]);

    await plane.client.create<KubeObject>(resources.extensionConfigs, { apiVersion, kind, metadata: { name }, spec } as KubeObject);
    await eventually(asked);
    await plane.killExtension();
    await plane.startExtensionAgain(next);
    await eventually(() => told(context).includes('HandlersKnown'));
  }, 90_000);
});
