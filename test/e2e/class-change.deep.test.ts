/**
 * A fleet whose Keelson is upgraded to a release with further versions of the class, and a Cluster that then moves through them:
 * the upgrade replaces no machine, and a move what its plan said, the control plane's server too.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Step } from '../../provisioner/cluster-plan/plan.ts';
import { describeWith } from '../fixtures/needs.ts';
import { cloudListing, doubled } from './cloud-listing.ts';
import { eventually, Keelson } from './keelson.ts';
import { isControlPlane, serverOf, Workload } from './machines.ts';
import { nextRelease, type Release } from './next-release.ts';
import { silences } from './silences.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

interface Named { readonly metadata: { readonly name: string; readonly generation?: number } }
interface Conditions { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }
interface Pod extends Named { readonly spec: { readonly nodeName: string; readonly containers: readonly { readonly image: string; readonly command?: readonly string[] }[] }; readonly status: { readonly phase: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }

const isTrue = ({ status }: Conditions, condition: string): boolean => status?.conditions?.some(({ type, status: is }) => type === condition && is === 'True') === true;

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'a release with further versions of the class', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const demo = new Workload(keelson);
  const size = { controlPlanes: 1, workers: 1 };
  let next: Release;

  const list = async <T>(cluster: string, args: readonly string[]): Promise<T[]> => (await keelson.json<{ items: T[] }>(cluster, args)).items;
  const generations = async (kind: string): Promise<object> => Object.fromEntries((await list<Named>('management', ['-n', demo.namespace, 'get', kind])).map(({ metadata }) => [metadata.name, metadata.generation]));
  const part = async (role: 'control plane' | 'worker', kind: string) => {
    const machines = await demo.machines(role);
    return { machines: machines.map(({ metadata }) => metadata.uid), servers: machines.map(serverOf), generations: await generations(kind) };
  };
  /** What a roll replaces or changes. */
  const parts = async () => ({
    cluster: await generations('openstackclusters.infrastructure.cluster.x-k8s.io'),
    controlPlane: await part('control plane', 'kubeadmcontrolplanes.controlplane.cluster.x-k8s.io'),
    workers: await part('worker', 'machinedeployments.cluster.x-k8s.io'),
  });
  const classes = () => list<Named & Conditions>('management', ['-n', 'keelson-system', 'get', 'clusterclasses.cluster.x-k8s.io']);
  /** The management cluster's server and those of the machines, once each. */
  const noServerBeside = async ({ controlPlane, workers }: Awaited<ReturnType<typeof parts>>): Promise<void> => {
    const own = [...controlPlane.servers, ...workers.servers];
    const listing = await cloudListing(keelson.state);
    expect(doubled(listing)).toEqual([]);
    const servers = listing.filter(({ kind }) => kind === 'servers');
    expect(servers.filter(({ id }) => !own.includes(id)).map(({ text }) => text.split(' ')[0])).toEqual(['management-1']);
    expect(servers).toHaveLength(own.length + 1);
  };
  /** Metrics of the topology extension. */
  const extension = async (): Promise<string> => (await keelson.kubectl('management', ['get', '--raw', '/api/v1/namespaces/keelson-system/services/keelson-topology-extension:metrics/proxy/metrics'])).stdout;
  const answers = async (): Promise<number> => Number(/^keelson_topology_hook_answers_total\{hook="GeneratePatches",outcome="success"\} (\d+)/m.exec(await extension())?.[1] ?? 0);
  const everyPodReady = () => eventually<true>('every pod of demo Ready', 600_000, async () => {
    const waiting = (await list<Pod>('demo', ['get', 'pods', '-A'])).filter((pod) => pod.status.phase !== 'Succeeded' && !isTrue(pod, 'Ready'));
    if (waiting.length === 0) return true;
    throw new Error(waiting.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}`).join(', '));
  });

  /** The Cluster with another class, planned and then applied; done when `isRight` of each machine. */
  const move = async (className: string, isRight: Parameters<Workload['settled']>[2]): Promise<{ plan: string[]; reasons: string[] }> => {
    const file = join(keelson.stateHome, `${className}.yaml`);
    await writeFile(file, `apiVersion: cluster.x-k8s.io/v1beta2
kind: Cluster
metadata: {name: demo, namespace: org-demo}
spec: {topology: {classRef: {name: ${className}, namespace: keelson-system}}}
`);
    const { code, stdout } = await keelson.run(['cluster', 'plan', file, '--kubeconfig', keelson.kubeconfig, '--output', 'json'], 60_000, next.tree);
    expect(code).toBe(0);
    const steps = (JSON.parse(stdout) as { steps: Step[] }[]).flatMap((one) => one.steps);
    expect(await keelson.kubectl('management', ['apply', '--server-side', '--force-conflicts', '-f', file])).toMatchObject({ code: 0 });
    await demo.settled(size, 1_200_000, isRight);
    return { plan: steps.map(({ part: what, action, machines }) => `${what}: ${action}${machines ? ` ${machines}` : ''}`), reasons: steps.flatMap(({ because }) => because.slice(0, 1)) };
  };

  test('up from the tree of the next release upgrades Keelson and replaces no machine', async () => {
    expect((await keelson.run(['up', '--workers', '1'], 2_400_000)).code).toBe(0);
    const before = await parts();
    expect((await classes()).map(({ metadata }) => metadata.name)).toEqual(['openstack-v1']);
    next = await nextRelease(join(keelson.stateHome, 'next'));
    expect((await keelson.run(['up'], 1_200_000, next.tree)).code).toBe(0);

    const pods = ['-n', 'keelson-system', 'get', 'pods', '-l', 'app.kubernetes.io/name=keelson'];
    await eventually(`pods of ${next.version} alone`, 180_000, async () => {
      const images = (await list<Pod>('management', pods)).flatMap(({ spec }) => spec.containers.map(({ image }) => image));
      return images.length === 2 && images.every((image) => image === `ghcr.io/keelson/keelson:${next.version}`) ? true : undefined;
    });
    // The operator has Cluster API ask the new extension for its handlers once a minute at least.
    await eventually('three classes whose variables are read', 180_000, async () => {
      const found = (await classes()).filter((one) => isTrue(one, 'VariablesReady'));
      return found.map(({ metadata }) => metadata.name).join() === 'openstack-v1,openstack-v2,openstack-v3' ? true : undefined;
    });
    // Cluster API looks at a Cluster whose label changes, and asks the new extension what its machines are to be.
    const asked = await answers();
    expect((await keelson.kubectl('management', ['-n', demo.namespace, 'label', 'cluster', demo.name, 'looked=at'])).code).toBe(0);
    await eventually('an answer of the new extension', 60_000, async () => ((await answers()) > asked ? true : undefined));
    // What would be replaced would be replaced now.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    expect(await extension()).toMatch(/^keelson_topology_class_mismatch\{class="openstack-v1"\} 0$/m);
    await demo.settled(size, 120_000);
    expect(await parts()).toEqual(before);
    await noServerBeside(before);
  }, 4_500_000);

  test('to the version whose workers differ: the worker is replaced, and all else stays', async () => {
    const before = await parts();
    const { plan, reasons } = await move('openstack-v2', (machine) => isControlPlane(machine) || !before.workers.machines.includes(machine.metadata.uid));
    expect(plan).toEqual(['cluster: keep', 'control plane: keep', 'workers az1: roll 1', 'workers az2: keep', 'workers az3: keep']);
    expect(reasons).toEqual(['class openstack-v1 → openstack-v2']);
    const { workers, ...rest } = await parts();
    const { workers: former, ...others } = before;
    expect(rest).toEqual(others);
    expect(former.servers).not.toContain(workers.servers[0]);
    await noServerBeside({ workers, ...rest });
    const [worker] = await demo.machines('worker');
    const { kubeletconfig } = JSON.parse((await keelson.kubectl('demo', ['get', '--raw', `/api/v1/nodes/${worker?.status?.nodeRef?.name}/proxy/configz`])).stdout) as { kubeletconfig: { podPidsLimit: number } };
    expect(kubeletconfig.podPidsLimit).toBe(8192);
    await everyPodReady();
  }, 2_000_000);

  test('to the version whose control plane differs too: its server is replaced, with what etcd holds, and no worker goes', async () => {
    expect((await keelson.kubectl('demo', ['create', 'configmap', 'kept', '--from-literal=a=b'])).code).toBe(0);
    const before = await parts();
    const isOver = new AbortController();
    const silent = silences(keelson, 'demo', isOver.signal);
    const { plan, reasons } = await move('openstack-v3', ({ metadata }) => !before.controlPlane.machines.includes(metadata.uid)).finally(() => isOver.abort());
    process.stdout.write(`the API of demo was asked every second and did not answer: ${(await silent).length ? `\n${(await silent).join('\n')}` : 'never'}\n`);
    expect(plan).toEqual(['cluster: keep', 'control plane: roll 1', 'workers az1: keep', 'workers az2: keep', 'workers az3: keep']);
    expect(reasons).toEqual(['class openstack-v2 → openstack-v3']);
    const { controlPlane, ...rest } = await parts();
    const { controlPlane: former, ...others } = before;
    expect(rest).toEqual(others);
    expect(former.servers).not.toContain(controlPlane.servers[0]);
    await noServerBeside({ controlPlane, ...rest });
    expect((await keelson.kubectl('demo', ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).stdout).toBe('b');
    const [machine] = await demo.machines('control plane');
    const etcd = await keelson.json<Pod>('demo', ['-n', 'kube-system', 'get', 'pod', `etcd-${machine?.status?.nodeRef?.name}`]);
    expect(etcd.spec.containers[0]?.command).toContain(`--quota-backend-bytes=${4 * 1024 ** 3}`);
    await everyPodReady();
    expect((await keelson.run(['up'], 900_000, next.tree)).code).toBe(0);
  }, 3_000_000);
});
