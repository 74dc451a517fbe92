/** The real Cluster API asks the extension, which waits for the operator, which asks the simulated cloud: a creation refused and let go, a deletion held. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { stringify } from 'yaml';
import { buildProgram } from '../../../../provisioner/cli/program.ts';
import { type Condition, type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { clusterController } from '../../../../provisioner/operators/cluster/controller.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import { operatorDecides } from '../../../../provisioner/topology/extension/lifecycle.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { managementPlaneNeeds, startManagementPlane, until, type ManagementPlane } from '../../topology/management-plane.ts';
import { startControllers, testContext, type TestContext } from '../surroundings.ts';

type Held = KubeObject & { spec: { infrastructureRef?: { name: string }; topology: { version: string; variables: { name: string; value: Record<string, unknown> }[] } }; status?: { conditions?: Condition[] } };

describeWith(managementPlaneNeeds, 'hooks that wait for the operator', () => {
  const namespace = 'org-demo';
  let plane: ManagementPlane;
  let cloud: Running;
  let context: TestContext;
  let stop: () => Promise<void>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-hooks-'));
    plane = await startManagementPlane(operatorDecides);
    cloud = await start(recorded());
    context = testContext(plane.client);
    const clouds = stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson-password'] } });
    await plane.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': clouds } } as KubeObject);
    await until('VariablesReady of the class', async () => {
      const found = await plane.client.get<Held>(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });
      return found?.status?.conditions?.find(({ type, status }) => type === 'VariablesReady' && status === 'True');
    });
    stop = startControllers([clusterController({
      context, workers: 2, againMs: 500,
      clusters: new Reflector<Cluster>({ client: plane.client, resource: resources.clusters }), openStackClusters: new Reflector<OpenStackCluster>({ client: plane.client, resource: resources.openStackClusters }),
      apps: new Reflector<AppObject>({ client: plane.client, resource: resources.apps }), remotes: { client: () => Promise.resolve(undefined) },
    })]);
  }, 300_000);
  afterAll(async () => {
    await stop?.();
    await cloud?.stop();
    await plane?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const example = (): Held => load(readFileSync(join(import.meta.dirname, '../../../../examples/cluster.yaml'), 'utf8')) as Held;
  const get = (): Promise<Held | undefined> => plane.client.get<Held>(resources.clusters, { namespace, name: 'demo' });
  const condition = async (type: string): Promise<Condition | undefined> => (await get())?.status?.conditions?.find((one) => one.type === type);
  const infrastructure = async (): Promise<number> => (await plane.client.list(resources.openStackClusters, { namespace })).items.length;

  it('creation is refused in the Cluster\'s own condition, nothing is made, and it goes on by itself when the cloud has what it lacked', async () => {
    const project = (await cloud.member.projectId())!;
    cloud.cloud.state.nova.quotas[project] = { cores: 1 };
    await plane.client.create(resources.clusters, example());
    const refused = await until('TopologyReconciled with our words', async () => {
      const now = await condition('TopologyReconciled');
      return now?.message.includes('the whole cluster needs 16 cores') ? now : undefined;
    });
    expect(refused).toMatchObject({ status: 'False' });
    expect(await infrastructure()).toBe(0);
    cloud.cloud.state.nova.quotas[project] = {};
    // The operator looks again every half minute.
    await until('the OpenStackCluster', async () => ((await infrastructure()) === 1 ? true : undefined));
    expect(await condition('keelson.dev/PreflightPassed')).toMatchObject({ status: 'True' });
  }, 200_000);

  it('a plan says what a change replaces, and what the real admission refuses, and changes nothing', async () => {
    const planned = async (change: (cluster: Held) => void): Promise<{ code: number; out: string }> => {
      const file = join(folder, 'cluster.json');
      const cluster = example();
      change(cluster);
      await writeFile(file, JSON.stringify(cluster));
      let [out, code] = ['', 0];
      const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
      const outside = { env: {}, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield ''; })(), stdout: stream, stderr: stream, setExitCode: (value: number) => { code = value; } };
      await buildProgram(outside as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'cluster', 'plan', file, '--kubeconfig', plane.kubeconfig]);
      return { code, out };
    };
    const set = (name: string, field: string, value: unknown) => ({ spec }: Held): void => { spec.topology.variables.find((one) => one.name === name)!.value[field] = value; };
    const before = (await get())?.spec.topology;
    expect(await planned(set('worker', 'flavor', 'k.large'))).toMatchObject({ code: 0, out: expect.stringMatching(/control plane: keep[\s\S]*workers az1: roll 1 machine .*\n\s+because of flavor/) });
    const refused = await planned(set('network', 'nodeCidr', '10.99.0.0/24'));
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/✗ refused: .*cannot be changed/) });
    expect((await get())?.spec.topology).toEqual(before);
  }, 60_000);

  it('deletion ends, and our finalizer goes last', async () => {
    await plane.client.delete(resources.clusters, { namespace, name: 'demo' });
    await until('the operator lets go', async () => ((await get())?.metadata.annotations?.['keelson.dev/workloads-removed'] ? true : undefined));
    // No provider runs here: what they hold is let go as they would.
    for (const resource of [resources.kubeadmControlPlanes, resources.openStackClusters]) {
      await until(`the ${resource.kind} going`, async () => {
        const { items } = await plane.client.list(resource, { namespace });
        for (const { metadata } of items.filter((one) => one.metadata.deletionTimestamp !== undefined)) await plane.client.patch(resource, { namespace, name: metadata.name }, { type: 'merge', body: { metadata: { finalizers: [] } } });
        return items.length === 0 ? true : undefined;
      });
    }
    await until('the end of the Cluster', async () => ((await get()) === undefined ? true : undefined));
    expect(context.said.join('\n')).toMatch(/event Normal Cleaned Cluster demo: nothing is left in the cloud/);
  }, 300_000);
});
