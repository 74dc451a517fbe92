/** The chart addons on a plain kubeadm cluster of the sandbox: no Cluster API, no operator, nothing but kubeadm and one `helm install`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { buildImages } from '../../sandbox/images/build.ts';
import type { ExecResult, ServerSpec } from '../../sandbox/machines/index.ts';
import { builtAddons } from '../fixtures/built-addons.ts';
import { helm } from '../fixtures/helm.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { addresses, ids, initUserData, joinUserData, network, type Name } from '../sandbox/machines/kubeadm-cluster.ts';
import { World } from '../sandbox/machines/world.ts';

const tools = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubeadm', 'kubectl', 'kubelet', 'kube-proxy', 'coredns', 'helm', 'prometheus-operator', 'prometheus-config-reloader', 'prometheus', 'kube-state-metrics', 'node_exporter'];
const repository = join(import.meta.dirname, '../..');

jest.setTimeout(600_000);

describeWith({ root: true, tools, commands: ['ip', 'nft', 'unshare'] }, 'chart addons on a plain kubeadm cluster', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-addons-'));
  let world: World;

  const spec = (name: Name, userData: string): ServerSpec => ({
    id: ids[name], name, hostname: name, zone: 'az1', flavor: { name: 'k.medium', vcpus: 4, ramMb: 8192, diskGb: 40 }, image: { id: 'image', name: 'keelson-node-v1.36.3' }, userData,
    ports: [{ id: `b${ids[name].slice(1)}`, networkId: network, mac: `fa:16:3e:66:00:${addresses[name].slice(-2)}`, address: addresses[name], prefixLength: 24, gateway: '10.66.0.1', dnsServers: [], mtu: 1450, hostRoutes: [] }],
  });
  const on = (script: string, options: { stdin?: string; timeoutMs?: number } = {}, name: Name = 'cp'): Promise<ExecResult> => world.exec(ids[name], ['sh', '-c', `export KUBECONFIG=/etc/kubernetes/admin.conf HOME=/root PATH=$PATH:/opt/keelson/tools; ${script}`], options);
  const eventually = async (what: string, seconds: number, look: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      if (await look().catch(() => false)) return;
      await sleep(1000);
    }
    throw new Error(`${what}: not within ${seconds} s\n${(await on('kubectl get nodes,pods -A -o wide; kubectl get events -A --field-selector type=Warning | tail -30')).stdout}`);
  };

  beforeAll(async () => {
    const images = join(stateDir, 'images');
    await buildImages({ repository, out: images, toolsDir: toolsBin, compression: 'none', signal: AbortSignal.timeout(300_000) });
    world = await World.start({ stateDir, toolsDir: toolsBin, repoDir: repository, imagesDir: images, worldName: `addons-${process.pid}` });
    await world.call('network', network, '10.66.0.1/24');
    await world.boot(spec('cp', initUserData));
    await eventually('kubeadm init', 240, async () => (await on('cat /run/cluster-api/bootstrap-success.complete')).stdout.includes('success'));
    await world.boot(spec('w1', joinUserData));
    await eventually('two nodes Ready', 180, async () => (await on('kubectl get nodes --no-headers')).stdout.match(/ Ready /g)?.length === 2);
    // A pod network, as plain as the cluster: routes from node to node.
    const { items } = JSON.parse((await on('kubectl get nodes -o json')).stdout) as { items: { metadata: { name: Name }; spec: { podCIDR: string } }[] };
    for (const to of items) for (const from of items) if (from !== to) await on(`ip route replace ${to.spec.podCIDR} via ${addresses[to.metadata.name]}`, {}, from.metadata.name);
  }, 600_000);

  afterAll(async () => {
    await world?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }, 60_000);

  test('one helm install, and every pod of it is Ready', async () => {
    const chart = await builtAddons(join(stateDir, 'charts'));
    await helm(['package', chart, '--destination', stateDir], { HOME: stateDir });
    const archive = readFileSync(join(stateDir, 'addons-0.1.0.tgz')).toString('base64');
    expect((await on('base64 -d > /root/addons.tgz', { stdin: archive })).code).toBe(0);
    const installed = await on('helm install addons /root/addons.tgz -n keelson-system --create-namespace', { timeoutMs: 120_000 });
    expect(installed.code === 0 ? 'installed' : installed.stderr).toBe('installed');
    await eventually('every pod Ready', 300, async () => {
      const lines = (await on('kubectl get pods -n keelson-system --no-headers')).stdout.trim().split('\n');
      // prometheus-operator, kube-state-metrics, Prometheus; three DaemonSets on two nodes; the Deployment of cert-exporter.
      return lines.length >= 10 && lines.every((line) => { const [, ready = ''] = line.split(/\s+/); const [is, all] = ready.split('/'); return is === all && line.includes('Running'); });
    });
  });

  test('its Prometheus scrapes what was installed, and the control plane that kubeadm made', async () => {
    const query = encodeURIComponent('sum by (job) (up)');
    const wanted = { 'node-exporter': 2, 'net-exporter': 2, 'kube-state-metrics': 2, coredns: 2, etcd: 1, 'kube-scheduler': 1, 'kube-controller-manager': 1 };
    let up: Record<string, number> = {};
    await eventually('all targets up', 180, async () => {
      const { stdout } = await on(`kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=${query}'`);
      const { data } = JSON.parse(stdout) as { data: { result: { metric: { job: string }; value: [number, string] }[] } };
      up = Object.fromEntries(data.result.map(({ metric, value }) => [metric.job, Number(value[1])]));
      return Object.entries(wanted).every(([job, targets]) => up[job] === targets) && Object.values(up).every((targets) => targets > 0);
    }).catch((error: Error) => { throw new Error(`up: ${JSON.stringify(up)}\n${error.message}`); });
  });

  test('its policies warn of a pod that may do anything, and let it in', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bold', namespace: 'default' }, spec: { hostNetwork: true, containers: [{ name: 'x', image: 'x.test/x', securityContext: { privileged: true } }] } };
    const { code, stderr } = await on('kubectl create --dry-run=server -f -', { stdin: JSON.stringify(pod) });
    expect({ code, warning: stderr.includes('Warning:') && stderr.includes('privileged') ? 'privileged' : stderr }).toEqual({ code: 0, warning: 'privileged' });
  });
});
