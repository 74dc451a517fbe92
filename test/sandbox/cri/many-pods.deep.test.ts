/** Two hundred pods on one server: each has an address and runs, all are gone in the end, and nothing of them is left. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { RuntimeLab } from './runtime-lab.ts';

jest.setTimeout(900_000);
const count = 200;

describeWith({ root: true, commands: ['ip', 'nft', 'unshare', 'setpriv'], tools: ['kubectl'] }, `${count} pods on a server`, () => {
  const lab = new RuntimeLab();
  beforeAll(() => lab.start());
  afterAll(() => lab.stop());

  test('all run with an address each, are listed, and go without a trace', async () => {
    const began = performance.now();
    const pods: string[] = [];
    // Ten at a time, as a kubelet that has just started would.
    for (let i = 0; i < count / 10; i++) {
      await Promise.all(Array.from({ length: 10 }, async () => {
        const pod = await lab.pod();
        await lab.run({ name: 'main', script: 'exec sleep 5151' }, pod);
        pods.push(pod.id);
      }));
    }
    console.log(`${count} pods: ${Math.round((performance.now() - began) / 100) / 10} s; runtime ${await lab.sh('grep VmRSS /proc/$(cat /run/systemd/units/containerd.main)/status')}`);
    expect(await lab.sh('pgrep -fc "^sleep 5151"')).toBe(String(count));
    const addresses = await Promise.all(pods.map(async (podSandboxId) => (await lab.call<{ status: { network: { ip: string } } }>('PodSandboxStatus', { podSandboxId })).status.network.ip));
    expect(new Set(addresses).size).toBe(count);
    expect((await lab.call<{ containers: unknown[] }>('ListContainers', { filter: { state: { state: 'CONTAINER_RUNNING' } } })).containers).toHaveLength(count);
    for (const podSandboxId of pods) await lab.call('RemovePodSandbox', { podSandboxId });
    expect(await lab.sh('pgrep -fc "^sleep 5151"; ls /run/netns | grep -c ^pod-; find /run/keelson/cgroup/containers -mindepth 1 -type d | wc -l; grep -c keelson-cri/pods /proc/self/mountinfo')).toBe('0\n0\n0\n0');
  });
});
