import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { differences, plan, type Step } from '../../../provisioner/cluster-plan/plan.ts';
import { withLaterClasses } from '../topology/later-classes.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';

interface Mutable {
  metadata: { uid?: string };
  spec: { topology: { version: string; controlPlane: { replicas: number }; workers: { machineDeployments: { name: string; class: string; replicas?: number; failureDomain?: string; variables?: object }[] }; variables: { name: string; value: Record<string, unknown> }[] } };
}
const example = (change: (cluster: Mutable) => void = () => undefined): PreflightCluster => {
  const cluster = load(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as Mutable;
  cluster.metadata.uid = 'u-1';
  change(cluster);
  return cluster as unknown as PreflightCluster;
};
const set = (name: string, value: Record<string, unknown>) => (cluster: Mutable): void => {
  const found = cluster.spec.topology.variables.find((variable) => variable.name === name);
  if (found) Object.assign(found.value, value);
  else cluster.spec.topology.variables.push({ name, value });
};
const planned = (change: (cluster: Mutable) => void): Record<string, [Step['action'], number]> =>
  Object.fromEntries(plan({ before: example(), after: example(change) }).filter(({ action }) => action !== 'keep').map(({ part, action, machines }) => [part, [action, machines]]));

describe('a change of examples/cluster.yaml', () => {
  test.each<[string, (cluster: Mutable) => void, Record<string, [Step['action'], number]>]>([
    ['that is none keeps everything', () => undefined, {}],
    ['of Kubernetes rolls every machine there is', ({ spec }) => { spec.topology.version = 'v1.37.0'; }, { 'control plane': ['roll', 1], 'workers az1': ['roll', 1], 'workers az2': ['roll', 1] }],
    ['of the flavor of workers rolls them alone', set('worker', { flavor: 'k.large' }), { 'workers az1': ['roll', 1], 'workers az2': ['roll', 1] }],
    ['of the flavor of the control plane rolls it, and workers stay: they have a flavor of their own', set('controlPlane', { flavor: 'k.large' }), { cluster: ['change', 0], 'control plane': ['roll', 1] }],
    ['of one group rolls that group', ({ spec }) => { spec.topology.workers.machineDeployments[1]!.variables = { overrides: [{ name: 'worker', value: { flavor: 'k.large' } }] }; }, { 'workers az2': ['roll', 1] }],
    ['of a zone rolls the group', ({ spec }) => { spec.topology.workers.machineDeployments[0]!.failureDomain = 'az3'; }, { 'workers az1': ['roll', 1] }],
    ['of sizes scales', ({ spec }) => { spec.topology.controlPlane.replicas = 3; spec.topology.workers.machineDeployments[2]!.replicas = 2; }, { 'control plane': ['scale', 2], 'workers az3': ['scale', 2] }],
    ['of groups makes and deletes them', ({ spec }) => { spec.topology.workers.machineDeployments[0]!.name = 'gpu'; }, { 'workers gpu': ['create', 1], 'workers az1': ['delete', 1] }],
    ['of the bastion touches no node', set('bastion', { enabled: false }), { cluster: ['change', 0] }],
    ['of the routes touches no node', set('network', { routes: [{ destination: '172.16.0.0/12', nextHop: '10.20.0.9' }] }), { cluster: ['change', 0] }],
    ['of the taints of the control plane rolls it alone', set('controlPlane', { taints: [{ key: 'a', effect: 'NoSchedule' }] }), { 'control plane': ['roll', 1] }],
    ['of the subnet cannot be', set('network', { nodeCidr: '10.99.0.0/24' }), { cluster: ['refuse', 0] }],
  ])('%s', (_what, change, expected) => expect(planned(change)).toMatchObject(expected));

  const toClass = (name: string) => example(({ spec }) => Object.assign(spec.topology, { classRef: { name, namespace: 'keelson-system' } }));
  test.each([
    ['whose workers differ rolls workers', 'openstack-v2', { 'workers az1': ['roll', 1], 'workers az2': ['roll', 1] }],
    ['whose control plane differs too rolls everything', 'openstack-v3', { 'control plane': ['roll', 1], 'workers az1': ['roll', 1], 'workers az2': ['roll', 1] }],
  ])('of the class to one %s', (_what, name, expected) => {
    const steps = plan({ before: example(), after: toClass(name), versions: withLaterClasses }).filter(({ action }) => action !== 'keep');
    expect(Object.fromEntries(steps.map(({ part, action, machines }) => [part, [action, machines]]))).toEqual(expected);
    for (const { because } of steps) expect(because).toEqual([`class openstack-v1 → ${name}`, expect.stringMatching(/^(files\[\d+\]\.content|kubeadmConfigSpec\.clusterConfiguration\.etcd)/)]);
  });

  test('of the class to one that this release does not make says that every machine may go', () => {
    const steps = plan({ before: example(), after: toClass('openstack-v2') });
    expect(steps.map(({ part, action, machines, because }) => [part, action, machines, because])).toEqual([
      ['cluster', 'change', 0], ['control plane', 'roll', 1], ['workers az1', 'roll', 1], ['workers az2', 'roll', 1], ['workers az3', 'roll', 0],
    ].map((one) => [...one, ['class keelson-system/openstack-v1 → keelson-system/openstack-v2']]));
  });

  test('says which fields it is because of', () => {
    const roll = plan({ before: example(), after: example(set('worker', { flavor: 'k.large' })) }).find(({ part }) => part === 'workers az1');
    expect(roll).toMatchObject({ because: ['flavor'], how: 'one after the other, after the control plane' });
  });

  test('a new cluster is made', () => {
    expect(plan({ before: undefined, after: example() }).map(({ part, action, machines }) => [part, action, machines])).toEqual([['cluster', 'create', 0], ['control plane', 'create', 1], ['workers az1', 'create', 1], ['workers az2', 'create', 1], ['workers az3', 'create', 0]]);
  });
});

test('differences go as deep as both sides do', () => {
  expect(differences({ a: [{ b: 1 }, { b: 2 }], c: 1 }, { a: [{ b: 1 }, { b: 3 }], d: 1 })).toEqual(['a[1].b', 'c', 'd']);
  expect(differences({ a: 1 }, { a: { b: 1 } })).toEqual(['a']);
});
