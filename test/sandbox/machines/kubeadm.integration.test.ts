/** Three simulated servers boot from user data and become a Kubernetes cluster; everything is asked of it through the real kubelet with the real kubectl. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { ExecResult, ServerSpec } from '../../../sandbox/machines/index.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { startedAt } from '../../fixtures/started-at.ts';
import { writeTestImage } from './test-image.ts';
import { addresses, ids, initUserData, joinUserData, network, outside, type Name } from './kubeadm-cluster.ts';
import { cgroups, crictl, link, machineState, read } from './machine.ts';
import { World } from './world.ts';

const tools = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubeadm', 'kubectl', 'kubelet', 'kube-proxy', 'coredns'];

// A busy machine takes several seconds for one kubectl.
jest.setTimeout(120_000);

describeWith({ root: true, tools, commands: ['ip', 'nft', 'unshare'] }, 'a kubeadm cluster on simulated servers', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-machines-'));
  const worldName = `test-${process.pid}`;
  let world: World;
  const machineBefore = machineState();

  const spec = (name: Name, userData: string): ServerSpec => ({
    id: ids[name], name, hostname: name, zone: 'az1', flavor: { name: 'k.medium', vcpus: 4, ramMb: 8192, diskGb: 40 }, image: { id: 'image', name: 'keelson-node-v1.36.3' }, userData,
    ports: [{ id: `b${ids[name].slice(1)}`, networkId: network, mac: `fa:16:3e:66:00:${addresses[name].slice(-2)}`, address: addresses[name], prefixLength: 24, gateway: '10.66.0.1', dnsServers: [], mtu: 1450, hostRoutes: [] }],
  });
  const on = (name: Name, script: string, options: { stdin?: string; timeoutMs?: number } = {}): Promise<ExecResult> => world.exec(ids[name], ['sh', '-c', script], options);
  const kubectl = (args: string, options: { stdin?: string; timeoutMs?: number } = {}): Promise<ExecResult> => on('cp', `KUBECONFIG=/etc/kubernetes/admin.conf kubectl ${args}`, options);
  const json = async <T>(args: string): Promise<T> => JSON.parse((await kubectl(`${args} -o json`)).stdout) as T;
  const podOn = async (node: Name): Promise<{ name: string; ip: string; restarts: number }> => {
    const { items } = await json<{ items: { metadata: { name: string }; status: { podIP: string; containerStatuses: { restartCount: number; ready: boolean }[] } }[] }>(`get pods -l app=web --field-selector spec.nodeName=${node}`);
    const [pod] = items;
    return { name: pod!.metadata.name, ip: pod!.status.podIP, restarts: pod!.status.containerStatuses[0]!.restartCount };
  };
  /** What a script prints that runs in the web pod of a node. */
  const inWeb = async (node: Name, script: string): Promise<string> => {
    const result = await kubectl(`exec -i ${(await podOn(node)).name} -- node --input-type=module -`, { stdin: script });
    if (result.code !== 0) throw new Error(result.stderr);
    return result.stdout.trim();
  };
  const eventually = async <T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> => {
    const end = Date.now() + seconds * 1000;
    let last: unknown;
    while (Date.now() < end) {
      try {
        const found = await look();
        if (found) return found;
      } catch (error) {
        last = error;
      }
      await sleep(500);
    }
    throw new Error(`${what}: not within ${seconds} s; ${last instanceof Error ? last.message : ''}\n${(await kubectl('get nodes,pods -A -o wide')).stdout}\n${(await kubectl('get events -A --field-selector type=Warning')).stdout.slice(-3000)}`);
  };
  const setRoutes = async (): Promise<void> => {
    const { items } = await json<{ items: { metadata: { name: Name }; spec: { podCIDR: string } }[] }>('get nodes');
    for (const to of items) for (const from of items) if (from !== to) await on(from.metadata.name, `ip route replace ${to.spec.podCIDR} via ${addresses[to.metadata.name]}`);
  };

  beforeAll(async () => {
    writeTestImage(join(stateDir, 'images'));
    world = await World.start({ stateDir, toolsDir: toolsBin, repoDir: join(import.meta.dirname, '../../..'), imagesDir: join(stateDir, 'images'), worldName });
    await world.call('network', network, '10.66.0.1/24');
    await world.call('outside', outside);
    await world.boot(spec('cp', initUserData));
    await eventually('kubeadm init', 240, async () => (await on('cp', 'cat /run/cluster-api/bootstrap-success.complete')).stdout.includes('success'));
    await Promise.all([world.boot(spec('w1', joinUserData)), world.boot(spec('w2', joinUserData))]);
    await eventually('three nodes Ready', 180, async () => (await kubectl('get nodes --no-headers')).stdout.match(/ Ready /g)?.length === 3);
    await setRoutes();
    const applied = await kubectl('apply -f -', { stdin: readFileSync(join(import.meta.dirname, 'workload.yaml'), 'utf8') });
    if (applied.code !== 0) throw new Error(applied.stderr);
    await eventually('web on both workers', 180, async () => (await kubectl('get pods -l app=web --no-headers')).stdout.match(/ 1\/1 +Running/g)?.length === 2);
  }, 600_000);

  afterAll(async () => {
    await world?.stop();
    if (stateDir) rmSync(stateDir, { recursive: true, force: true });
  }, 60_000);

  test('nodes have the capacity of their flavor, the address of their port and the provider id of their user data', async () => {
    const { items } = await json<{ items: { metadata: { name: string }; spec: { providerID?: string }; status: { capacity: Record<string, string>; nodeInfo: Record<string, string>; addresses: { type: string; address: string }[] } }[] }>('get nodes');
    const cp = items.find((node) => node.metadata.name === 'cp')!;
    expect(cp.status.capacity).toMatchObject({ cpu: '4', memory: '8Gi' });
    expect(cp.spec.providerID).toBe(`openstack:///${ids.cp}`);
    expect(cp.status.nodeInfo).toMatchObject({ osImage: 'Keelson sandbox node', kubeletVersion: 'v1.36.3' });
    // Where the machine has no DMI tables, the machine id (the same digits) takes the place of the product UUID.
    expect(cp.status.nodeInfo['systemUUID']?.replaceAll('-', '')).toBe(ids.cp.replaceAll('-', ''));
    expect(items.map((node) => node.status.addresses.find((a) => a.type === 'InternalIP')?.address).sort()).toEqual(Object.values(addresses).sort());
  });

  test('kube-proxy and CoreDNS run as kubeadm deploys them', async () => {
    await eventually('kube-proxy on all nodes', 120, async () => (await kubectl('get pods -n kube-system -l k8s-app=kube-proxy --no-headers')).stdout.match(/1\/1 +Running/g)?.length === 3);
    await eventually('CoreDNS', 120, async () => (await kubectl('get pods -n kube-system -l k8s-app=kube-dns --no-headers')).stdout.match(/1\/1 +Running/g)?.length === 2);
  }, 240_000);

  test('a pod resolves a Service by name and reaches its pods on both nodes', async () => {
    const hosts = await eventually('answers of both pods', 60, async () => {
      const text = await inWeb('w1', `const seen = new Set(); for (let i = 0; i < 20; i++) seen.add((await (await fetch('http://web.default.svc.cluster.local/', { headers: { connection: 'close' } })).json()).host); console.log([...seen].sort().join());`);
      return text.includes(',') && text;
    });
    expect(hosts.split(',').sort()).toEqual([(await podOn('w1')).name, (await podOn('w2')).name].sort());
  }, 90_000);

  test('pods keep their address among themselves and have the address of the node outside', async () => {
    const [one, two] = [await podOn('w1'), await podOn('w2')];
    const seen = await inWeb('w1', `console.log((await (await fetch('http://${two.ip}:8000/')).json()).remote)`);
    expect(seen.replace('::ffff:', '')).toBe(one.ip);
    expect(await inWeb('w1', `console.log(await (await fetch('http://${outside}/')).text())`)).toBe(addresses.w1);
  });

  test('an image of ours is its layers and nothing of the machine', async () => {
    const answer = JSON.parse(await inWeb('w1', `console.log(await (await fetch('http://127.0.0.1:8000/')).text())`)) as { root: string[]; app: string[]; uid: number; env: string };
    expect(answer.root.sort()).toEqual(expect.arrayContaining(['app', 'dev', 'etc', 'lib', 'lib64', 'proc', 'sys', 'usr']));
    expect(answer.root).not.toContain('bin');
    expect(answer).toMatchObject({ uid: 1001, env: 'hello' });
    expect(answer.app.sort()).toEqual(['hidden', 'server.mjs']);
    expect(await inWeb('w1', `import { readdirSync } from 'node:fs'; console.log(readdirSync('/app/hidden').join())`)).toBe('two.txt');
    expect((await kubectl(`exec ${(await podOn('w1')).name} -- sh -c true`)).code).not.toBe(0);
  });

  test('a host port leads to the pod', async () => {
    const answer = await on('cp', `node -e "fetch('http://${addresses.w2}:18000/').then((r) => r.json()).then((a) => console.log(a.host))"`);
    expect(answer.stdout.trim()).toBe((await podOn('w2')).name);
  });

  test('logs show both streams, whole', async () => {
    await kubectl('wait --for=condition=Ready pod/shell --timeout=60s');
    const { stdout } = await kubectl('logs shell');
    expect(stdout).toContain('uid=1234 gid=2345 groups=2345,3456,4567');
    expect(stdout).toContain('to stderr');
  }, 90_000);

  test('identity, privileges and mounts are those of the pod', async () => {
    const { stdout } = await kubectl(`exec shell -- sh -c 'id; grep -E "NoNewPrivs|CapEff" /proc/self/status; touch /file 2>&1; cat /scratch/init /scratch/hook /secret/password; echo; stat -c %g /scratch; hostname; ls -d /made; ps ax | wc -l; cat /proc/1/comm'`);
    expect(stdout).toMatch(/uid=1234 gid=2345 groups=2345,3456,4567/);
    expect(stdout).toMatch(/CapEff:\s0+$/m);
    expect(stdout).toMatch(/NoNewPrivs:\s1/);
    expect(stdout).toMatch(/Read-only file system/);
    expect(stdout).toMatch(/from init\nhook\ns3cret\n3456\nshell\n\/made\n\d\nsleep/);
  });

  test('exec returns exit codes and carries 20 MB of standard input both ways', async () => {
    expect((await kubectl('exec shell -- sh -c "exit 7"')).code).toBe(7);
    const text = 'keelson\n'.repeat(2_500_000);
    const echoed = await kubectl('exec -i shell -- cat', { stdin: text });
    expect(echoed.stdout.length).toBe(text.length);
    expect(echoed.stdout === text).toBe(true);
  }, 120_000);

  test('exec has a terminal of the right size', async () => {
    const { stdout } = await on('cp', `KUBECONFIG=/etc/kubernetes/admin.conf script -qec 'stty rows 33 cols 99; kubectl exec -it shell -- sh -c "for i in \\$(seq 100); do [ \\"\\$(stty size)\\" = \\"33 99\\" ] && break; sleep 0.1; done; tty; stty size"' /dev/null`);
    expect(stdout).toMatch(/\/dev\/pts\/\d+\r?\n33 99/);
  });

  test('attach reaches the standard input of a container', async () => {
    await kubectl('wait --for=condition=Ready pod/terminal --timeout=60s');
    // Its standard input stays open until the container has answered.
    const attached = on('cp', `(echo hello; until [ -e /tmp/answered ]; do sleep 0.1; done; pkill -f "^kubectl attach") | KUBECONFIG=/etc/kubernetes/admin.conf kubectl attach -i terminal`);
    await eventually('the answer', 60, async () => (await kubectl('logs terminal')).stdout.includes('read: hello')).finally(() => on('cp', 'touch /tmp/answered'));
    await attached;
    expect((await kubectl('logs terminal')).stdout).toMatch(/\/dev\/pts\/\d+\r?\n(hello\r?\n)?read: hello/);
  }, 90_000);

  test.each(['true', 'false'])('port-forward reaches a pod (WebSocket: %s)', async (isWebSocket) => {
    const { name } = await podOn('w2');
    const script = `export KUBECONFIG=/etc/kubernetes/admin.conf KUBECTL_PORT_FORWARD_WEBSOCKETS=${isWebSocket}; rm -f /tmp/forward.log
      kubectl port-forward pod/${name} 28000:8000 > /tmp/forward.log 2>&1 & forward=$!
      until grep -qs Forwarding /tmp/forward.log; do sleep 0.1; done
      node --input-type=module -e "
        const hosts = await Promise.all(Array.from({ length: 10 }, async () => (await (await fetch('http://127.0.0.1:28000/')).json()).host));
        const body = 'x'.repeat(3_000_000);
        const echo = await (await fetch('http://127.0.0.1:28000/echo', { method: 'POST', body })).text();
        console.log(new Set(hosts).size, hosts[0], echo === body);"
      kill $forward; wait $forward 2>/dev/null; cat /tmp/forward.log >&2`;
    const { stdout, stderr } = await on('cp', script);
    expect(`${stdout}${stderr}`).toContain(`1 ${name} true`);
  }, 60_000);

  test('port-forward to a static pod on the node network reaches etcd, as the control plane provider does', async () => {
    const script = `export KUBECONFIG=/etc/kubernetes/admin.conf
      kubectl -n kube-system port-forward pod/etcd-cp 22381:2381 > /tmp/etcd.log 2>&1 & forward=$!
      until grep -q Forwarding /tmp/etcd.log; do sleep 0.1; done
      node -e "fetch('http://127.0.0.1:22381/health').then((r) => r.text()).then(console.log)"; kill $forward`;
    expect((await on('cp', script)).stdout).toContain('"health":"true"');
  }, 60_000);

  test('an unknown image and an unknown tag end in ImagePullBackOff with the reason', async () => {
    for (const [pod, why] of [['unknown', /no image of that name/], ['wrong-tag', /the sandbox has only registry.k8s.io\/kube-proxy:v1.36.3/]] as const) {
      await eventually(`${pod} backs off`, 60, async () => (await kubectl(`get pod ${pod} --no-headers`)).stdout.includes('ImagePullBackOff'));
      expect((await kubectl(`describe pod ${pod}`)).stdout).toMatch(why);
    }
  }, 130_000);

  test('a job reports its exit code and termination message; a missing program is said', async () => {
    const state = await eventually('the job fails', 60, async () => {
      const { items } = await json<{ items: { status: { containerStatuses?: { state: { terminated?: { exitCode: number; message: string } } }[] } }[] }>('get pods -l job-name=fails');
      return items[0]?.status.containerStatuses?.[0]?.state.terminated;
    });
    expect(state).toMatchObject({ exitCode: 42, message: 'why\n' });
    expect((await kubectl('get pod no-such-program -o jsonpath="{.status.containerStatuses[0].state.terminated.message}{.status.containerStatuses[0].state.waiting.message}"')).stdout).toMatch(/exec: "no-such-program": executable file not found in \$PATH/);
  }, 70_000);

  test('containers of a pod share their processes when it asks for it', async () => {
    await kubectl('wait --for=condition=Ready pod/shared-pids --timeout=60s');
    expect((await kubectl('exec shared-pids -c two -- ps ax')).stdout).toContain('sleep 4711');
  }, 70_000);

  test('a debug container sees the processes of its target', async () => {
    await kubectl('debug shell --image=registry.k8s.io/kubectl:v1.36.3 --target=shell --container=debugger --profile=general -- sh -c "cat /proc/1/comm"');
    await eventually('the debug container', 60, async () => (await kubectl('logs shell -c debugger')).stdout === 'sleep\n');
  }, 90_000);

  test('a privileged pod on the node\'s namespaces sees the server, and its mounts travel', async () => {
    await kubectl('wait --for=condition=Ready pod/privileged --timeout=60s');
    expect((await kubectl('exec privileged -c mounter -- ps ax')).stdout).toMatch(/kubelet --/);
    expect((await kubectl('exec privileged -c mounter -- ip -brief address show eth0')).stdout).toContain('10.66.0.');
    await eventually('the mount arrives', 30, async () => (await kubectl('exec privileged -c receiver -- ls /shared/made')).stdout.includes('by-the-container'));
  }, 100_000);

  test('a container that burns CPU is seen burning', async () => {
    const usage = await eventually('CPU figures', 90, async () => {
      const { spec: podSpec } = await json<{ spec: { nodeName: string } }>('get pod burn');
      const summary = JSON.parse((await kubectl(`get --raw /api/v1/nodes/${podSpec.nodeName}/proxy/stats/summary`)).stdout) as { pods: { podRef: { name: string }; containers: { cpu?: { usageNanoCores?: number }; memory?: { workingSetBytes?: number } }[] }[] };
      const of = (name: string) => summary.pods.find((pod) => pod.podRef.name === name)?.containers[0];
      const burn = of('burn');
      return burn?.cpu?.usageNanoCores && burn.memory?.workingSetBytes ? { cores: burn.cpu.usageNanoCores / 1e9, memory: burn.memory.workingSetBytes } : undefined;
    });
    expect(usage.cores).toBeGreaterThan(0.1);
    expect(usage.memory).toBeGreaterThan(100_000);
    await kubectl('delete pod burn --wait=false');
  }, 120_000);

  test('a container that exits or becomes unhealthy is started again', async () => {
    const before = await podOn('w1');
    await inWeb('w1', `await fetch('http://127.0.0.1:8000/exit').catch(() => undefined)`).catch(() => undefined);
    await eventually('a restart after exit', 60, async () => (await podOn('w1')).restarts === before.restarts + 1);
    const { items } = await json<{ items: { status: { containerStatuses: { lastState: { terminated: { exitCode: number } } }[] } }[] }>('get pods -l app=web --field-selector spec.nodeName=w1');
    expect(items[0]!.status.containerStatuses[0]!.lastState.terminated.exitCode).toBe(3);
    const other = await podOn('w2');
    await inWeb('w2', `await fetch('http://127.0.0.1:8000/sick')`);
    await eventually('a restart after failed liveness probes', 60, async () => (await podOn('w2')).restarts === other.restarts + 1);
    expect((await kubectl(`logs ${other.name} --previous`)).stdout).toContain('got SIGTERM');
  }, 140_000);

  test('the log goes on in a new file when the kubelet rotates it', async () => {
    const pod = await podOn('w1');
    await eventually('the pod is ready again', 60, async () => (await kubectl(`get pod ${pod.name} --no-headers`)).stdout.includes('1/1'));
    const file = `$(ls /var/log/pods/default_${pod.name}_*/web/*.log | tail -n 1)`;
    await on('w1', `mv ${file} ${file}.moved; cat > /opt/keelson/programs-crictl.mjs; cp /opt/keelson/programs/api.proto /opt/keelson/; node /opt/keelson/programs-crictl.mjs ReopenContainerLog web`, { stdin: await crictl() });
    await inWeb('w1', `await fetch('http://127.0.0.1:8000/after-rotation')`);
    await eventually('the new file', 20, async () => (await kubectl(`logs ${pod.name}`)).stdout.includes('/after-rotation'));
  }, 90_000);

  test('the kubelet rotates a log that has grown, and kubectl shows what came after', async () => {
    // 12 MB of lines of 4 KB, then one line a second; the kubelet rotates at containerLogMaxSize, 10 MiB by default, and looks every ten seconds.
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: chatty}\nspec: {terminationGracePeriodSeconds: 0, nodeName: w1, containers: [{name: chatty, image: "registry.k8s.io/kubectl:v1.36.3", command: [sh, -c, "l=$(head -c 4000 /dev/zero | tr \'\\\\0\' x); i=0; while [ $i -lt 3000 ]; do echo $l; i=$((i + 1)); done; while :; do echo beat $(date +%s); sleep 1; done"]}]}\n';
    expect((await kubectl('apply -f -', { stdin: pod })).code).toBe(0);
    await eventually('a rotated log', 120, async () => (await on('w1', 'ls /var/log/pods/default_chatty_*/chatty/')).stdout.trim().split('\n').length > 1);
    // What was still to be written when it was rotated: less than what was rotated.
    await eventually('the log that is written now', 30, async () => {
      const bytes = Number((await on('w1', 'stat -c %s /var/log/pods/default_chatty_*/chatty/0.log')).stdout);
      return bytes > 0 && bytes < 10 * 2 ** 20;
    });
    const beat = async (): Promise<number> => Number(/beat (\d+)\n$/.exec((await kubectl('logs chatty --tail=1')).stdout)?.[1] ?? 0);
    const first = await eventually('a beat', 60, beat);
    await eventually('beats that go on', 30, async () => (await beat()) > first);
    await kubectl('delete pod chatty --wait=false');
  }, 200_000);

  test('pods come back when the container runtime is restarted', async () => {
    const before = await podOn('w2');
    await on('w2', 'systemctl restart containerd');
    await eventually('the web pod of w2 runs again', 120, async () => {
      const now = await podOn('w2');
      return now.restarts > before.restarts && (await kubectl(`get pod ${now.name} --no-headers`)).stdout.includes('1/1');
    });
    const answer = await on('cp', `node -e "fetch('http://${(await podOn('w2')).ip}:8000/').then((r) => console.log(r.status))"`);
    expect(answer.stdout).toContain('200');
  }, 150_000);

  test('a server that reboots keeps its disk, runs its user data no second time and joins in again', async () => {
    await world.call('reboot', ids.w2, 'HARD');
    expect((await on('w2', 'cat /root/boots')).stdout).toBe('once\n');
    await setRoutes();
    await eventually('the web pod of w2 after the reboot', 150, async () => {
      const { status } = await json<{ status: { conditions: { type: string; status: string }[] } }>('get node w2');
      const isReady = status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      const answer = await on('cp', `node -e "fetch('http://${(await podOn('w2')).ip}:8000/', { signal: AbortSignal.timeout(2000) }).then((r) => console.log(r.status))"`);
      return isReady && answer.stdout.includes('200');
    });
    expect((await on('w2', 'cat /root/boots')).stdout).toBe('once\n');
    expect(await world.call<string>('consoleLog', ids.w2, 200)).toContain('Cloud-init v.');
  }, 200_000);

  test('a server whose init dies is reported', async () => {
    await on('w1', 'kill -TERM 1').catch(() => undefined);
    await eventually('the host notices', 30, () => Promise.resolve(world.exited.includes(ids.w1)));
    await world.call('startServer', ids.w1);
    expect((await on('w1', 'hostname')).stdout).toBe('w1\n');
  }, 60_000);

  test('a destroyed server leaves no process, namespace, mount, device, cgroup or file', async () => {
    const marker = `/${worldName}/`;
    /** @param beganBy seconds from the machine's boot: the number of a namespace that is gone may be that of a new one, and who began later holds that (see test/e2e/host-view.ts) */
    const inspect = (beganBy = Infinity) => ({
      processes: readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cgroup`).includes(ids.w2)).length,
      namespaces: new Set(readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && startedAt(pid) <= beganBy).map((pid) => link(`/proc/${pid}/ns/net`))),
      mounts: read(`/proc/${world.pid}/mountinfo`).split('\n').filter((line) => line.includes(ids.w2) || line.includes(marker)).length,
      files: existsSync(`${stateDir}/servers/${ids.w2}`),
    });
    const namespace = (await on('w2', 'readlink /proc/self/ns/net')).stdout.trim();
    expect(inspect().processes).toBeGreaterThan(5);
    expect(inspect().namespaces).toContain(namespace);
    const destroyedAt = Number(read('/proc/uptime').split(' ')[0]);
    await world.call('destroy', ids.w2);
    const after = inspect(destroyedAt);
    expect(after).toMatchObject({ processes: 0, mounts: 0, files: false });
    expect(after.namespaces).not.toContain(namespace);
    expect(await world.run('ip', '-brief', 'link')).not.toContain(`tap${`b${ids.w2.slice(1)}`.replaceAll('-', '').slice(0, 11)}`);
    expect(cgroups(`keelson-${worldName}`)).not.toContain(ids.w2);
    await expect(world.exec(ids.w2, ['true'])).rejects.toThrow(/no server/);
  });

  test('the end of the world is the end of everything in it', async () => {
    await world.stop();
    expect(readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cgroup`).includes(worldName))).toEqual([]);
    expect(cgroups(`keelson-${worldName}`)).toBe('');
    expect(read('/proc/self/mountinfo')).not.toContain(stateDir);
  }, 60_000);

  test('the machine is as it was: kernel settings, devices, routes, firewall, named namespaces', () => {
    expect(machineState()).toEqual(machineBefore);
  });
});
