/** The clusters that `keelson up` makes differ where they must and are examples/cluster.yaml everywhere else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { load } from 'js-yaml';
import type { KubeObject } from '../../../provisioner/kube/index.ts';
import { newCluster, resized, topologyOf, type Topology } from '../../../sandbox/fleet/cluster-object.ts';
import { missingMachines } from '../../../sandbox/fleet/phase-cluster.ts';
import { maxClusters, maxWorkers } from '../../../sandbox/fleet/shape.ts';
import { overlap } from '../../../provisioner/topology/validate/cidr.ts';

const example = load(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as KubeObject;
const variable = (cluster: KubeObject, name: string) => topologyOf(cluster).variables.find((one) => one.name === name)?.value;
const replicas = (topology: Pick<Topology, 'workers'>) => topology.workers.machineDeployments.map((group) => group.replicas);

describe('a new cluster', () => {
  test('without wishes is the example, with the sandbox\'s health checks and without a bastion', () => {
    const cluster = newCluster(example, 0, {});
    const withoutHealthCheck = JSON.parse(JSON.stringify(cluster, (key, value: unknown) => (key === 'healthCheck' ? undefined : value))) as KubeObject;
    expect(variable(cluster, 'bastion')).toEqual({ enabled: false });
    const topology = topologyOf(withoutHealthCheck);
    const variables = topology.variables.filter(({ name }) => name !== 'bastion');
    expect({ ...withoutHealthCheck, spec: { ...(withoutHealthCheck['spec'] as object), topology: { ...topology, variables } } }).toEqual(example);
    expect(JSON.stringify(cluster).match(/"healthCheck"/g)).toHaveLength(4);
  });

  test('has the sizes and the Kubernetes that were asked for, and the image of it', () => {
    const cluster = newCluster(example, 1, { controlPlanes: 3, workers: 5, kubernetesVersion: 'v1.35.4' });
    expect(cluster.metadata).toMatchObject({ name: 'demo-2', namespace: 'org-demo-2' });
    expect(topologyOf(cluster)).toMatchObject({ version: 'v1.35.4', controlPlane: { replicas: 3 } });
    expect(replicas(topologyOf(cluster))).toEqual([2, 2, 1]);
    expect(variable(cluster, 'controlPlane')).toMatchObject({ image: 'keelson-node-v1.35.4', flavor: 'k.small' });
    expect(variable(cluster, 'worker')).toEqual({ flavor: 'k.medium' });
  });

  test('shares no name and no address with another one, nor with the management cluster', () => {
    const clusters = Array.from({ length: maxClusters }, (_, index) => newCluster(example, index, {}));
    const network = (cluster: KubeObject) => (cluster['spec'] as { clusterNetwork: { pods: { cidrBlocks: string[] }; services: { cidrBlocks: string[] } } }).clusterNetwork;
    const ranges = ['10.10.0.0/24', '10.100.0.0/16', '10.101.0.0/16', ...clusters.flatMap((cluster) => [String(variable(cluster, 'network')?.['nodeCidr']), ...network(cluster).pods.cidrBlocks, ...network(cluster).services.cidrBlocks])];
    expect(ranges.flatMap((a, i) => ranges.slice(i + 1).filter((b) => overlap(a, b)))).toEqual([]);
    expect(new Set(clusters.map(({ metadata }) => metadata.namespace)).size).toBe(maxClusters);
  });
});

describe('other sizes', () => {
  test('what is not given stays', () => {
    const topology = topologyOf(newCluster(example, 0, { controlPlanes: 3, workers: 4 }));
    expect(resized(topology, { controlPlanes: 1 })).toEqual({ controlPlane: { ...topology.controlPlane, replicas: 1 }, workers: topology.workers });
    expect(replicas(resized(topology, { workers: 1 }))).toEqual([1, 0, 0]);
    expect(resized(topology, { workers: 1 }).controlPlane).toEqual(topology.controlPlane);
  });

  test('workers are spread evenly, the first zones have one more', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: maxWorkers }), (workers) => {
      const spread = replicas(resized(topologyOf(example), { workers })).map((n) => n ?? 0);
      expect(spread.reduce((a, b) => a + b)).toBe(workers);
      expect(Math.max(...spread) - Math.min(...spread)).toBeLessThanOrEqual(1);
      expect([...spread].sort((a, b) => b - a)).toEqual(spread);
    }));
  });
});

test('a cluster waits for machines that are still to come, and for those that are still to go', () => {
  const cluster = (controlPlane: object, workers: object) => ({ ...newCluster(example, 0, { controlPlanes: 3 }), status: { controlPlane, workers } });
  const all = { replicas: 2, availableReplicas: 2 };
  expect(missingMachines(cluster({ replicas: 3, availableReplicas: 3 }, all))).toBeUndefined();
  expect(missingMachines(cluster({ replicas: 2, availableReplicas: 1 }, all))).toBe('control planes: 3 wanted, 2 there, 1 available');
  expect(missingMachines(cluster({ replicas: 3, availableReplicas: 3 }, { replicas: 3, availableReplicas: 2 }))).toBe('workers: 2 wanted, 3 there, 2 available');
  expect(missingMachines(example)).toBe('control planes: 1 wanted, 0 there, 0 available; workers: 2 wanted, 0 there, 0 available');
});
