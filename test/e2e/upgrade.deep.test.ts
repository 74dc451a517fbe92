/** A fleet of the previous Kubernetes: another flavor for its workers, then the upgrade by one minor, with the commands of docs/sandbox.md. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../fixtures/needs.ts';
import { cloudListing, doubled } from './cloud-listing.ts';
import { runDocumented } from './documented.ts';
import { eventually, Keelson } from './keelson.ts';
import { isControlPlane, Workload } from './machines.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

interface Node { metadata: { name: string; labels: Record<string, string> }; status: { nodeInfo: { kubeletVersion: string } } }
interface Pod { metadata: { name: string }; spec: { containers: { image: string }[] } }

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'an upgrade', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const demo = new Workload(keelson);
  const nodes = async () => (await keelson.json<{ items: Node[] }>('demo', ['get', 'nodes'])).items;
  const images = async () => (await keelson.json<{ items: Pod[] }>('demo', ['-n', 'kube-system', 'get', 'pods'])).items.flatMap((pod) => pod.spec.containers.map(({ image }) => image));

  test('up builds the previous Kubernetes and its clusters run it', async () => {
    expect((await keelson.run(['up', '--control-planes', '3', '--kubernetes-version', 'v1.35.4'], 5_400_000)).code).toBe(0);
    expect(new Set((await nodes()).map((node) => node.status.nodeInfo.kubeletVersion))).toEqual(new Set(['v1.35.4']));
    expect(await images()).toEqual(expect.arrayContaining(['registry.k8s.io/kube-apiserver:v1.35.4', 'registry.k8s.io/etcd:3.6.6-0', 'registry.k8s.io/kube-proxy:v1.35.4']));
  }, 5_500_000);

  test('another flavor rolls every worker and no control plane', async () => {
    const before = await demo.machines();
    expect(await runDocumented(keelson, 'worker-flavor')).toMatchObject({ code: 0 });
    const old = new Set(before.filter((machine) => !isControlPlane(machine)).map((machine) => machine.metadata.uid));
    const after = await demo.settled({ controlPlanes: 3, workers: 2 }, 900_000, (machine) => !old.has(machine.metadata.uid));
    expect(after.filter(isControlPlane).map((machine) => machine.metadata.uid).sort()).toEqual(before.filter(isControlPlane).map((machine) => machine.metadata.uid).sort());
    expect((await nodes()).filter((node) => !('node-role.kubernetes.io/control-plane' in node.metadata.labels)).map((node) => node.metadata.labels['node.kubernetes.io/instance-type'])).toEqual(['k.large', 'k.large']);
  }, 1_000_000);

  test('the upgrade by one minor rolls everything, control plane first', async () => {
    expect(await runDocumented(keelson, 'upgrade')).toMatchObject({ code: 0 });
    await demo.settled({ controlPlanes: 3, workers: 2 }, 1_800_000, (machine) => machine.spec.version === 'v1.36.3');
    expect(new Set((await nodes()).map((node) => node.status.nodeInfo.kubeletVersion))).toEqual(new Set(['v1.36.3']));
    // kubeadm has given kube-proxy its new version; the DaemonSet's last pod may still be on its way.
    await eventually('no image of the old version', 300_000, async () => ((await images()).some((image) => /v1\.35\.4|3\.6\.6/.test(image)) ? undefined : true));
    expect(doubled(await cloudListing(keelson.state))).toEqual([]);
  }, 1_900_000);
});
