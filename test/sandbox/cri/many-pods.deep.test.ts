/** Two hundred pods on one server, asked for as the kubelet does and by the kubelet itself: each has an address and runs, all are gone in the end, and nothing of them is left. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { describeWith } from '../../fixtures/needs.ts';
import { RuntimeLab } from './runtime-lab.ts';

jest.setTimeout(900_000);
const count = 200;

describeWith({ root: true, commands: ['ip', 'nft', 'unshare', 'setpriv'], tools: ['kubectl', 'kubelet'] }, `${count} pods on a server`, () => {
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

  test('a kubelet of its own brings all of them up from manifests, and takes them away with these', async () => {
    const manifests = '/etc/kubernetes/manifests';
    const seenFromHere = lab.path(manifests);
    for (const folder of [manifests, '/var/lib/kubelet']) mkdirSync(lab.path(folder), { recursive: true });
    writeFileSync(lab.path('/var/lib/kubelet/alone.yaml'), stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', staticPodPath: manifests, fileCheckFrequency: '1s', maxPods: count + 10, podCIDR: '10.168.0.0/24',
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }, authorization: { mode: 'AlwaysAllow' }, readOnlyPort: 10255, containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    }));
    for (let i = 0; i < count; i++) {
      writeFileSync(join(seenFromHere, `pod-${i}.yaml`), stringify({
        apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, namespace: 'default' },
        spec: { dnsPolicy: 'Default', terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'registry.k8s.io/kubectl:v1.36.3', command: ['sleep', '5252'] }] },
      }));
    }
    const began = performance.now();
    await lab.sh('PATH=/opt/keelson/kubernetes:$PATH GOMEMLIMIT=64MiB GOGC=50 setsid kubelet --config=/var/lib/kubelet/alone.yaml --config-dir=/etc/kubelet.conf.d > /var/log/kubelet.log 2>&1 < /dev/null &');
    const pods = async (): Promise<Pod[]> => {
      const text = await lab.sh('curl -s http://127.0.0.1:10255/pods');
      return text === '' ? [] : (JSON.parse(text) as { items?: Pod[] | null }).items ?? [];
    };
    const until = async (what: string, holds: (found: readonly Pod[]) => boolean): Promise<readonly Pod[]> => {
      for (const end = Date.now() + 400_000; ; await sleep(2000)) {
        const found = await pods();
        if (holds(found)) return found;
        if (Date.now() > end) throw new Error(`${what}: ${found.length} pods, ${found.filter(isReady).length} ready\n${(await lab.sh('tail -c 3000 /var/log/kubelet.log'))}`);
      }
    };
    const found = await until('all ready', (now) => now.length === count && now.every(isReady));
    console.log(`${count} pods by the kubelet: ${Math.round((performance.now() - began) / 100) / 10} s; kubelet ${await lab.sh('grep VmRSS /proc/$(pgrep -o kubelet)/status')}`);
    expect(new Set(found.map(({ status }) => status.podIP)).size).toBe(count);
    expect(await lab.sh('pgrep -fc "^sleep 5252"')).toBe(String(count));
    for (let i = 0; i < count; i++) rmSync(join(seenFromHere, `pod-${i}.yaml`));
    await until('all gone', (now) => now.length === 0);
    for (const end = Date.now() + 120_000; (await lab.sh('pgrep -fc "^sleep 5252"; ls /run/netns | grep -c ^pod-')) !== '0\n0'; await sleep(1000)) if (Date.now() > end) throw new Error('something of the pods is left');
    await lab.sh('pkill -o kubelet');
  });
});

interface Pod { readonly status: { readonly podIP?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }

const isReady = ({ status }: Pod): boolean => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
