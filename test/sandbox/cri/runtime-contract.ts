/** What a container runtime does when it is asked directly, without a kubelet: how containers end, what they may write, how their logs go on, what a restart leaves. */
import { readFileSync } from 'node:fs';
import type { RuntimeLab } from './runtime-lab.ts';

/** Tests; called inside of a describe. @param lab started and stopped here */
export function runtimeContract(lab: RuntimeLab): void {
  const running = async (text: string, container: string): Promise<void> => {
    for (const end = Date.now() + 20_000; !(await lab.log(container)).includes(text);) if (Date.now() > end) throw new Error(`it did not say ${text}`);
  };

  /** Repeats a command of the server until it succeeds: a program is there a moment after the words that announce it. */
  const until = async (command: string): Promise<void> => {
    if ((await lab.sh(`for i in $(seq 200); do ${command} && echo done && break; sleep 0.1; done`)) !== 'done') throw new Error(`never: ${command}`);
  };

  beforeAll(() => lab.start());
  afterAll(() => lab.stop());

  test.each([
    ['0', 'exit 0', 0, 'Completed'], ['7', 'exit 7', 7, 'Error'], ['that of a child that was killed', '(exec sh -c "kill -9 \\$\\$"); exit $?', 137, 'Error'],
    ['that of a program that is not there', 'exec /no/such', 127, 'Error'],
  ])('the exit code is %s', async (_what, script, exitCode, reason) => {
    expect(await lab.ended(await lab.run({ name: 'ends', script }))).toMatchObject({ exitCode, reason });
  });

  test('a first process that is killed from outside has exit code 137', async () => {
    const container = await lab.run({ name: 'victim', script: 'exec sleep 4141' });
    await until('pkill -9 -f "^sleep 4141"');
    expect(await lab.ended(container)).toMatchObject({ exitCode: 137, reason: 'Error' });
  });

  test.each<['POD' | 'NODE', string]>([['POD', 'of its pod'], ['NODE', 'of the server']])('the same holds among the processes %s', async (pid) => {
    const container = await lab.run({ name: 'shared', script: 'echo $$; exec sleep 4545', pid });
    await running('\n', container);
    expect(Number(await lab.log(container))).toBeGreaterThan(1);
    await until('pkill -9 -f "^sleep 4545"');
    expect(await lab.ended(container)).toMatchObject({ exitCode: 137, reason: 'Error' });
  });

  test('a container with a terminal has one, and its exit code comes through', async () => {
    const container = await lab.run({ name: 'terminal', script: 'tty; exit 9', tty: true });
    expect(await lab.ended(container)).toMatchObject({ exitCode: 9 });
    expect(await lab.log(container)).toMatch(/^\/dev\/pts\/\d+\r?\n$/);
  });

  test('nothing but its own output is in the log of a container that was killed', async () => {
    const container = await lab.run({ name: 'quiet', script: 'echo mine; echo also mine >&2; exec sleep 4646' });
    await running('also mine', container);
    await until('pkill -9 -f "^sleep 4646"');
    await lab.ended(container);
    expect(await lab.log(container)).toBe('mine\nalso mine\n');
  });

  test.each([['SIGTERM unless told', undefined, 'TERM'], ['the one that is asked for', 'SIGUSR1', 'USR1']])('stopping sends %s and waits for the end', async (_what, stopSignal, name) => {
    const container = await lab.run({ name: 'polite', script: `trap "echo got ${name}; exit 5" ${name}; echo up; while :; do sleep 0.1; done`, ...(stopSignal ? { stopSignal } : {}) });
    await running('up', container);
    await lab.call('StopContainer', { containerId: container, timeout: 20 });
    expect(await lab.status(container)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 5 });
    expect(await lab.log(container)).toBe(`up\ngot ${name}\n`);
  });

  test('who does not listen is killed after the time, children and all', async () => {
    const container = await lab.run({ name: 'stubborn', script: 'trap "" TERM; sleep 4242 & echo up; while :; do sleep 0.1; done' });
    await running('up', container);
    await until('pgrep -f "^sleep 4242" > /dev/null');
    const began = Date.now();
    await lab.call('StopContainer', { containerId: container, timeout: 1 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
    expect((await lab.status(container)).exitCode).toBe(137);
    expect(await lab.sh('pgrep -fc "^sleep 4242"')).toBe('0');
  });

  test('a read-only volume can be read and not written, its writable neighbour both; the server sees what was written', async () => {
    await lab.sh('mkdir -p /var/lib/volume/deep && echo there > /var/lib/volume/deep/file');
    const script = 'cat /ro/deep/file; echo x > /ro/deep/other || echo refused; rm -f /ro/deep/file || echo refused; chmod 777 /ro/deep || echo refused; echo written > /rw/deep/new; mount -o remount,rw /ro 2> /dev/null || echo refused';
    const container = await lab.run({ name: 'reader', script, mounts: [{ containerPath: '/ro', hostPath: '/var/lib/volume', readonly: true }, { containerPath: '/rw', hostPath: '/var/lib/volume' }] });
    await lab.ended(container);
    const said = await lab.log(container);
    expect(said.split('\n').filter((line) => line === 'there' || line === 'refused')).toEqual(['there', 'refused', 'refused', 'refused', 'refused']);
    expect(said.match(/Read-only file system/g)).toHaveLength(3);
    expect(await lab.sh('cat /var/lib/volume/deep/new')).toBe('written');
  });

  test('a privileged container has the disks of its server, one that comes later too, and what it mounts from one is there in the server; others have none', async () => {
    const disk = '"$(readlink -f /dev/vdb)"';
    const script = `until [ -e /dev/vdb ]; do sleep 0.1; done; echo content > ${disk}/data/file; mkdir /shared/disk; mount --bind ${disk}/data /shared/disk; echo mounted; sleep 1000`;
    const container = await lab.run({ name: 'mounter', script, isPrivileged: true, mounts: [{ containerPath: '/shared', hostPath: '/var/lib/shared', propagation: 'PROPAGATION_BIDIRECTIONAL' }] });
    await lab.attachVolume('dd000000-1111-4222-8333-000000000009', '/dev/vdb');
    await running('mounted', container);
    expect(await lab.sh('cat /var/lib/shared/disk/file; findmnt -no SOURCE /var/lib/shared/disk')).toBe('content\n/dev/vdb');
    const other = await lab.run({ name: 'other', script: 'ls /dev' });
    await lab.ended(other);
    expect(await lab.log(other)).not.toMatch(/vdb|keelson/);
  });

  test('a log that is rotated while it is written loses nothing', async () => {
    const container = await lab.run({ name: 'counts', script: 'i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i + 1)); done; until [ -e /told/to-end ]; do sleep 0.1; done; echo end', mounts: [{ containerPath: '/told', hostPath: '/var/lib/told' }] });
    const { logPath } = await lab.status(container);
    const parts: string[] = [];
    for (let part = 0; part < 3; part++) {
      // As the kubelet does it (pkg/kubelet/logs/container_log_manager.go, rotateLatestLog).
      await lab.sh(`mv ${logPath} ${logPath}.${part}`);
      await lab.call('ReopenContainerLog', { containerId: container });
      parts.push(`${logPath}.${part}`);
    }
    await lab.sh('touch /var/lib/told/to-end');
    await lab.ended(container);
    const lines = [...parts, logPath].flatMap((path) => readFileSync(lab.path(path), 'utf8').split('\n').filter(Boolean).map((line) => line.split(' ')[3]));
    expect(lines).toEqual([...Array.from({ length: 3000 }, (_, i) => String(i)), 'end']);
    await expect(lab.call('ReopenContainerLog', { containerId: container })).rejects.toMatchObject({ message: expect.stringContaining('is not running') as string });
  });

  test('after a kill -9 of the runtime its containers are gone without a trace, and new ones run', async () => {
    const container = await lab.run({ name: 'orphan', script: 'echo up; sleep 4343' });
    await running('up', container);
    const traces = 'ls /run/netns | grep -c ^pod-; find /run/keelson/cgroup/containers -mindepth 1 -type d | wc -l; grep -c keelson-cri/pods /proc/self/mountinfo; nft list tables';
    await lab.sh('kill -9 $(cat /run/systemd/units/containerd.main)');
    for (const end = Date.now() + 20_000; (await lab.sh('pgrep -fc "^sleep 4343"')) !== '0';) if (Date.now() > end) throw new Error('the container lives on');
    await lab.ready();
    expect((await lab.call<{ containers: unknown[] }>('ListContainers', {})).containers).toEqual([]);
    expect((await lab.call<{ items: unknown[] }>('ListPodSandbox', {})).items).toEqual([]);
    expect(await lab.sh(traces)).toBe('0\n0\n0\ntable ip keelson');
    // The podCIDR is remembered: the kubelet tells it once.
    const pod = await lab.pod();
    expect((await lab.call<{ status: { network: { ip: string } } }>('PodSandboxStatus', { podSandboxId: pod.id })).status.network.ip).toMatch(/^10\.168\.0\./);
    expect(await lab.ended(await lab.run({ name: 'next', script: 'exit 3' }, pod))).toMatchObject({ exitCode: 3 });
  });
}
