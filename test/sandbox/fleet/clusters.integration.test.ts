/** `keelson up` and kubectl on the same clusters, under the real Cluster API: what one of them did, the other does not undo. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { cloudName, innerCloudsFile, localCloudsFile } from '../../../sandbox/fleet/cloud.ts';
import { topologyOf } from '../../../sandbox/fleet/cluster-object.ts';
import { ensureClusters } from '../../../sandbox/fleet/clusters.ts';
import type { FleetContext } from '../../../sandbox/fleet/context.ts';
import { placesOf } from '../../../sandbox/fleet/places.ts';
import type { FleetShape } from '../../../sandbox/fleet/shape.ts';
import { resources, type KubeObject } from '../../../provisioner/kube/index.ts';
import { runDocumented } from '../../e2e/documented.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { managementPlaneNeeds, startManagementPlane, until, type ManagementPlane } from '../../provisioner/topology/management-plane.ts';
import { recorded, start, type Running } from '../openstack/fixture.ts';

describeWith(managementPlaneNeeds, 'the clusters of keelson up', () => {
  let plane: ManagementPlane;
  let cloud: Running;
  let stateHome: string;
  const places = () => placesOf({ home: '/none', repository: join(import.meta.dirname, '../../..'), stateHome });
  const up = (shape: FleetShape): Promise<void> => {
    const context: FleetContext = { places: places(), signal: AbortSignal.timeout(60_000), environment: {}, allowPackages: false, shape };
    return ensureClusters(context, plane.client);
  };
  const cluster = async (name: string): Promise<KubeObject> => (await plane.client.get(resources.clusters, { namespace: `org-${name}`, name })) as KubeObject;
  const sizes = async (name: string): Promise<number[]> => {
    const { controlPlane, workers } = topologyOf(await cluster(name));
    return [controlPlane.replicas, ...workers.machineDeployments.map(({ replicas }) => replicas ?? 0)];
  };

  beforeAll(async () => {
    stateHome = await mkdtemp(join(tmpdir(), 'keelson-clusters-'));
    const { state } = places();
    const fabric = recorded();
    [plane, cloud] = await Promise.all([startManagementPlane(), start(fabric, { seed: { images: [{ name: 'keelson-node-v1.36.3', sizeBytes: 1 }] } })]);
    const clouds = { clouds: { [cloudName]: cloud.cloud.clouds().clouds['keelson'] } };
    await mkdir(state, { recursive: true });
    for (const file of [innerCloudsFile(state), localCloudsFile(state)]) await writeFile(file, stringify(clouds));
    await until('VariablesReady of the class', async () => {
      const found = await plane.client.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });
      return (found?.['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.find(({ type, status }) => type === 'VariablesReady' && status === 'True');
    });
  }, 240_000);
  afterAll(async () => {
    await plane?.stop();
    await cloud?.stop();
    await rm(stateHome, { recursive: true, force: true });
  });

  test('are made in the sizes that were asked for, each with the Secret of its cloud', async () => {
    await up({ clusters: 2, workers: 4 });
    expect([await sizes('demo'), await sizes('demo-2')]).toEqual([[1, 2, 1, 1], [1, 2, 1, 1]]);
    for (const namespace of ['org-demo', 'org-demo-2']) expect(await plane.client.get(resources.secrets, { namespace, name: 'cloud' })).toBeDefined();
  }, 90_000);

  test('keep what kubectl changed when up runs again without a size', async () => {
    expect(await runDocumented({ tools: toolsBin, kubeconfig: plane.kubeconfig }, 'three-control-planes')).toMatchObject({ code: 0 });
    // The references in the spec are Cluster API's, which writes them when it likes.
    const asked = async (): Promise<object> => {
      const { topology, clusterNetwork } = (await cluster('demo'))['spec'] as { topology: object; clusterNetwork: object };
      return { topology, clusterNetwork };
    };
    const before = await asked();
    await up({});
    expect(await asked()).toEqual(before);
    expect(await sizes('demo')).toEqual([3, 2, 1, 1]);
  }, 90_000);

  test('change in the sizes that are given, and in no other', async () => {
    await up({ workers: 2 });
    expect([await sizes('demo'), await sizes('demo-2')]).toEqual([[3, 1, 1, 0], [1, 2, 1, 1]]);
    await up({ clusters: 2, controlPlanes: 3 });
    expect([await sizes('demo'), await sizes('demo-2')]).toEqual([[3, 1, 1, 0], [3, 2, 1, 1]]);
  }, 90_000);

  test('are not upgraded by up; the error says where the command is', async () => {
    await expect(up({ kubernetesVersion: 'v1.35.4' })).rejects.toMatchObject({ code: 'FLEET_BAD_OPTION', message: expect.stringMatching(/cluster demo has v1\.36\.3.*docs\/sandbox\.md/) });
  }, 90_000);

  test('of a Kubernetes that the running cloud has no image of are refused before anything is made', async () => {
    await plane.client.delete(resources.clusters, { namespace: 'org-demo', name: 'demo' });
    await until('demo is gone', async () => (await plane.client.get(resources.clusters, { namespace: 'org-demo', name: 'demo' })) === undefined);
    await expect(up({ kubernetesVersion: 'v1.35.4' })).rejects.toMatchObject({ code: 'CLOUD_NOT_FOUND', message: expect.stringMatching(/no image keelson-node-v1\.35\.4.*keelson down/) });
    expect(await plane.client.get(resources.clusters, { namespace: 'org-demo', name: 'demo' })).toBeUndefined();
  }, 150_000);
});
