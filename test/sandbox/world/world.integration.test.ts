/** A real world on a machine of its own: what it leaves of the host, how it ends, what it says when it cannot start. */
import { jest } from '@jest/globals';
import type { RelayStatus, WorldStatus } from '../../../sandbox/world/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { Machine, type Outcome } from './machine.ts';

jest.setTimeout(90_000);

const started = (outcome: Outcome): { status: WorldStatus; isNew: boolean; isResumed: boolean } => {
  if (outcome.error) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value as { status: WorldStatus; isNew: boolean; isResumed: boolean };
};
const portOf = (outcome: Outcome): number => (outcome.value as RelayStatus).port;
/** Without what a running world may show: listeners on 127.0.0.1 and the control group of its servers. */
const withoutOwn = (picture: string): string => picture.replace(/# listeners[^#]*/, '').replace(/\n\/sys\/fs\/cgroup\/\S*keelson-[0-9a-f]{8}(?=\n|$)/g, '');

describeWith({ root: true, commands: ['ip', 'nft', 'nsenter', 'unshare', 'ss', 'pgrep', 'curl', 'setpriv'] }, 'world', () => {
  let machine: Machine;
  let before: string;

  beforeEach(async () => {
    machine = new Machine();
    await machine.start();
    before = await machine.picture();
  });
  afterEach(async () => {
    await machine.do('clean');
    await machine.end();
  });

  /** Nothing of the world is there any more. */
  async function expectGone(): Promise<void> {
    await machine.empty();
    expect(await machine.picture()).toBe(before);
  }
  /** Where the machine has its control groups of version 2. */
  const cgroupRoot = (): Promise<string> => machine.sh('for d in /sys/fs/cgroup /sys/fs/cgroup/unified; do [ -e $d/cgroup.procs ] && echo $d && break; done');
  const record = async (): Promise<{ process: { pid: number } }> => JSON.parse(await machine.sh('cat /tmp/keelson-test-machine/state/world.json')) as { process: { pid: number } };

  test('while it runs the host has some listeners on 127.0.0.1 and no other change, afterwards none', async () => {
    const { status, isNew } = started(await machine.do('start'));
    expect([status.phase, isNew]).toEqual(['ready', true]);
    expect((await machine.do('tenant')).error).toBeUndefined();

    const during = await machine.picture();
    expect(withoutOwn(during)).toBe(withoutOwn(before));
    const listeners = /# listeners\n([^#]*)/.exec(during)![1]!.trim().split('\n');
    const { relays } = (await machine.do('status')).value as WorldStatus;
    expect(relays.map((relay) => relay.name)).toEqual(expect.arrayContaining(['pager', 'console', 'keystone']));
    expect(listeners).toEqual(relays.map((relay) => `tcp ${relay.address}`).sort());
    for (const listener of listeners) expect(listener).toMatch(/^tcp 127\.0\.0\.1:\d+$/);
    expect(await machine.sh('curl -s http://198.51.100.2:5000 -m 1 > /dev/null; echo $?')).toMatch(/^(7|28)$/);

    expect((await machine.do('stop')).error).toBeUndefined();
    await expectGone();
    expect(await machine.sh('cd /tmp/keelson-test-machine/state && find . -type f -not -path "./compile-cache/*" | sort')).toBe('./logs/world.log\n./world.json');
  });

  test.each([
    ['the process that holds its namespaces', 'cat /tmp/keelson-test-machine/state/world.json | grep -o "pid\\": [0-9]*" | grep -o "[0-9]*$"'],
    ['its PID 1', 'pgrep -of "^sh .*world/init.sh"'],
    ['its host-side process', 'pgrep -of "^/.*world/host/main.ts"'],
    ['the world process', 'pgrep -of "^/.*sandbox/world/main.ts"'],
  ])('kill -9 of %s ends everything; cleanUp finds the host as it was', async (_what, find) => {
    started(await machine.do('start'));
    expect((await machine.do('tenant')).error).toBeUndefined();
    expect(await machine.sh(`pid=$(${find}) && kill -9 $pid`)).toBe('');
    await machine.empty();
    expect((await machine.do('clean')).error).toBeUndefined();
    await expectGone();
    expect(await machine.sh('ls /tmp/keelson-test-machine/state/run /tmp/keelson-test-machine/state/clouds.yaml 2>&1 | grep -v "No such file"')).toBe('');
  });

  test('a server lives on its network, and dies with the world without a trace', async () => {
    started(await machine.do('start'));
    const { error, value } = await machine.do('tenant', { server: true });
    expect(error).toBeUndefined();
    const { server } = value as { server: string };
    const { value: result } = await machine.do('exec', { name: server, argv: ['sh', '-c', 'ip route get 198.51.100.2 | head -1; exit 7'] });
    expect(result).toMatchObject({ status: 7, stdout: expect.stringMatching(/^198\.51\.100\.2 via 10\.0\.0\.1 dev eth0 src 10\.0\.0\.\d+/) as string });
    expect((await machine.do('exec', { name: server, argv: ['bash', '-c', 'exec 3<>/dev/tcp/198.51.100.2/5000'] })).value).toMatchObject({ status: 0 });
    expect((await machine.do('console', { name: server })).value).toContain('keelson: server tenant');
    const status = (await machine.do('status')).value as WorldStatus;
    expect(status.servers).toEqual([{ id: server, name: 'tenant', state: 'running' }]);
    expect(withoutOwn(await machine.picture())).toBe(withoutOwn(before));

    await machine.sh(`kill -9 ${(await record()).process.pid}`);
    expect((await machine.do('clean')).error).toBeUndefined();
    await expectGone();
  });

  test('after a kill -9 a start brings a new world up, with the ports of the former one', async () => {
    started(await machine.do('start'));
    const port = portOf(await machine.do('relay', { relay: { name: 'api', target: { address: '198.51.100.2', port: 5000 } } }));
    await machine.sh(`kill -9 ${(await record()).process.pid}`);
    expect(started(await machine.do('start')).isNew).toBe(true);
    expect(portOf(await machine.do('relay', { relay: { name: 'api', target: { address: '198.51.100.2', port: 5000 } } }))).toBe(port);
    expect(await machine.sh(`curl -s http://127.0.0.1:${port}/v3`)).toContain('v3.14');
    await machine.do('stop');
    await expectGone();
  });

  test.each([
    ['kill -9 of its first process', 'kill -9'],
    ['SIGTERM, as a machine that shuts down', 'kill -TERM $(pgrep -of "^/.*world/host/main.ts") #'],
  ])('after %s the next start goes on: the cloud, the network, servers from their disks, relays', async (_what, kill) => {
    started(await machine.do('start'));
    const { server } = (await machine.do('tenant', { server: true })).value as { server: string };
    expect((await machine.do('exec', { name: server, argv: ['sh', '-c', 'echo kept > /root/kept; cat /proc/sys/kernel/random/boot_id > /run/lost'] })).value).toMatchObject({ status: 0 });
    const nova = portOf(await machine.do('relay', { relay: { name: 'nova', target: { address: '198.51.100.2', port: 8774 } } }));
    const before = (await machine.do('status')).value as WorldStatus;
    await machine.sh(`${kill} ${(await record()).process.pid}`);
    await machine.empty();

    const { status, isNew, isResumed } = started(await machine.do('start'));
    expect([isNew, isResumed]).toEqual([true, true]);
    expect(await machine.sh(`curl -s http://127.0.0.1:${nova}/`)).toContain('v2.1');
    const now = async (): Promise<WorldStatus> => JSON.parse(await machine.sh('curl -s --unix-socket /tmp/keelson-test-machine/state/run/control.sock http://world/status')) as WorldStatus;
    for (let tries = 0; tries < 300 && (await now()).servers[0]?.state !== 'running'; tries++) await new Promise((resolve) => { setTimeout(resolve, 100); });
    const after = await now();
    expect(after.servers).toEqual(before.servers);
    expect(after.counts).toEqual(before.counts);
    expect(after.relays.map(({ name, port, target }) => ({ name, port, target }))).toEqual(expect.arrayContaining(before.relays.map(({ name, port, target }) => ({ name, port, target }))));
    expect(status.id).not.toBe(before.id);
    const look = await machine.do('exec', { name: server, argv: ['bash', '-c', 'cat /root/kept; ls /run/lost; exec 3<>/dev/tcp/198.51.100.2/5000 && echo online'] });
    expect((look.value as { stdout: string }).stdout).toBe('kept\nonline\n');

    expect((await machine.do('stop')).error).toBeUndefined();
    await expectGone();
    expect(await machine.sh('ls /tmp/keelson-test-machine/state/run /tmp/keelson-test-machine/state/clouds.yaml 2>&1 | grep -v "No such file"')).toBe('');
    expect(started(await machine.do('start')).isResumed).toBe(false);
    expect(((await machine.do('status')).value as WorldStatus).servers).toEqual([]);
    await machine.do('stop');
  }, 180_000);

  test('two starts at the same time make one world, a third finds it', async () => {
    const both = (await Promise.all([machine.do('start'), machine.do('start')])).map(started);
    expect(both.map((one) => one.isNew).sort()).toEqual([false, true]);
    expect(both[0]!.status.id).toBe(both[1]!.status.id);
    expect(started(await machine.do('start')).isNew).toBe(false);
    expect(await machine.sh('pgrep -fc "^unshare .*world/init.sh"')).toBe('1');
  });

  test.each([60, 250, 600])('a start that is killed after %i ms leaves nothing that the next one cannot clean up', async (ms) => {
    const child = machine.background(machine.argv('start'));
    await new Promise((resolve) => { setTimeout(resolve, ms); });
    await machine.sh('pkill -9 -f "do.ts .*start"');
    await new Promise((resolve) => { if (child.exitCode === null && child.signalCode === null) child.once('close', resolve); else resolve(undefined); });
    const { status } = started(await machine.do('start'));
    expect(status.phase).toBe('ready');
    expect(await machine.sh('pgrep -fc "^unshare .*world/init.sh"')).toBe('1');
    await machine.do('stop');
    await expectGone();
  });

  test('a relay follows its target, closes, and refuses a port that another program has by name', async () => {
    started(await machine.do('start'));
    const pager = { name: 'door', target: { address: '198.51.100.3', port: 9099 } };
    const port = portOf(await machine.do('relay', { relay: { ...pager, port: 18080 } }));
    expect(port).toBe(18080);
    expect(await machine.sh('curl -s http://127.0.0.1:18080/healthz')).toBe('ok');
    expect(portOf(await machine.do('relay', { relay: { ...pager, target: { address: '198.51.100.2', port: 5000 } } }))).toBe(18080);
    expect(await machine.sh('curl -s http://127.0.0.1:18080/v3')).toContain('v3.14');

    const holder = machine.background([process.execPath, '-e', 'require("net").createServer().listen(18081, "127.0.0.1", () => console.log("up"))']);
    await new Promise((resolve) => { holder.stdout!.once('data', resolve); });
    const { error } = await machine.do('relay', { relay: { ...pager, port: 18081 } });
    expect(error).toMatchObject({ code: 'WORLD_PORT_TAKEN', message: expect.stringMatching(/^port 127\.0\.0\.1:18081 \(door\) is taken by \S.* \(pid \d+\); stop that program or choose another port$/) as string });
    expect(await machine.sh('curl -s http://127.0.0.1:18080/v3')).toContain('v3.14');

    expect((await machine.do('unrelay', { name: 'door' })).error).toBeUndefined();
    expect(await machine.sh('curl -s http://127.0.0.1:18080/; echo $?')).toBe('7');
    expect((await machine.do('unrelay', { name: 'door' })).error).toMatchObject({ code: 'WORLD_NOT_FOUND' });
    expect((await machine.do('exec', { name: 'no-such-server' })).error).toMatchObject({ code: 'WORLD_NOT_FOUND' });
  });

  test('a remembered port that another program took meanwhile gives way to another', async () => {
    started(await machine.do('start'));
    const relay = { name: 'api', target: { address: '198.51.100.2', port: 5000 } };
    const port = portOf(await machine.do('relay', { relay }));
    await machine.do('stop');
    const holder = machine.background([process.execPath, '-e', `require("net").createServer().listen(${port}, "127.0.0.1", () => console.log("up"))`]);
    await new Promise((resolve) => { holder.stdout!.once('data', resolve); });
    started(await machine.do('start'));
    const other = portOf(await machine.do('relay', { relay }));
    expect(other).not.toBe(port);
    expect(await machine.sh(`curl -s http://127.0.0.1:${other}/v3`)).toContain('v3.14');
  });

  test('a process that got the number of a former world is left alone', async () => {
    const stranger = machine.background(['sh', '-c', 'echo $$; exec sleep 500']);
    const pid = await new Promise<string>((resolve) => { stranger.stdout!.once('data', (data) => { resolve(String(data).trim()); }); });
    await machine.sh(`mkdir -p /tmp/keelson-test-machine/state; echo '{"version":1,"process":{"pid":${pid},"startTime":7,"startedAt":"2026-01-01T00:00:00Z"},"cgroups":[],"ports":{}}' > /tmp/keelson-test-machine/state/world.json`);
    expect((await machine.do('clean')).error).toBeUndefined();
    expect(await machine.sh(`ps -o comm= -p ${pid}`)).toBe('sleep');
  });

  test('control groups of a former world go, those of others stay', async () => {
    const root = await cgroupRoot();
    const [ours, others] = [`${root}/keelson-test-${process.pid}`, `${root}/test-${process.pid}`];
    await machine.sh(`mkdir -p ${ours}/a/b ${others} /tmp/keelson-test-machine/state; echo '{"version":1,"cgroups":["${ours}","${others}"],"ports":{}}' > /tmp/keelson-test-machine/state/world.json`);
    expect((await machine.do('clean')).error).toBeUndefined();
    expect(await machine.sh(`ls -d ${ours} ${others} 2>/dev/null; rmdir ${others}`)).toBe(others);
    expect(await machine.sh('cat /tmp/keelson-test-machine/state/world.json')).not.toContain('keelson-test');
  });

  test('what lives on in a control group of a former world ends with it', async () => {
    const ours = `${await cgroupRoot()}/keelson-test-${process.pid}`;
    await machine.sh(`mkdir -p ${ours}/a/b /tmp/keelson-test-machine/state; echo '{"version":1,"cgroups":["${ours}"],"ports":{}}' > /tmp/keelson-test-machine/state/world.json`);
    const left = machine.background(['sh', '-c', `echo 0 > ${ours}/a/b/cgroup.procs; echo up; exec sleep 500`]);
    const ended = new Promise((resolve) => { left.once('close', (_code, signal) => { resolve(signal); }); });
    await new Promise((resolve) => { left.stdout!.once('data', resolve); });
    expect((await machine.do('clean')).error).toBeUndefined();
    expect(await machine.sh(`ls -d ${ours} 2>/dev/null`)).toBe('');
    expect(await ended).toBe('SIGKILL');
  });

  test('mounts that are left under the state folder are taken away', async () => {
    await machine.sh('mkdir -p "/tmp/keelson-test-machine/state/run/servers/a b"; mount -t tmpfs tmpfs "/tmp/keelson-test-machine/state/run/servers/a b"');
    expect((await machine.do('clean')).error).toBeUndefined();
    await expectGone();
    expect(await machine.sh('ls /tmp/keelson-test-machine/state')).toBe('');
  });

  test('a full disk is said in one line', async () => {
    await machine.sh('mkdir /tmp/keelson-test-machine/small; mount -t tmpfs -o size=128k tmpfs /tmp/keelson-test-machine/small');
    expect((await machine.do('start', { state: '/tmp/keelson-test-machine/small', minimumFreeBytes: 1e9 })).error).toMatchObject({ code: 'WORLD_NO_DISK', message: expect.stringMatching(/^the file system of \/\S+\/small has 0 MiB free, the sandbox needs 954 MiB/) as string });
    await machine.sh('dd if=/dev/zero of=/tmp/keelson-test-machine/small/fill bs=1k count=1000 2>/dev/null');
    expect((await machine.do('start', { state: '/tmp/keelson-test-machine/small', minimumFreeBytes: 0 })).error).toMatchObject({ code: 'WORLD_NO_DISK', message: expect.stringMatching(/^no space left on the file system of \/\S+\/small/) as string });
    expect(await machine.processes()).toEqual([]);
  });

  test('what the kernel lacks is named', async () => {
    await machine.sh(`mkdir /tmp/keelson-test-machine/bin; printf '#!/bin/sh\\ncase "$*" in *veth*) echo "RTNETLINK answers: Operation not supported" >&2; exit 2;; esac\\nexec ${await machine.sh('command -v ip')} "$@"\\n' > /tmp/keelson-test-machine/bin/ip; chmod +x /tmp/keelson-test-machine/bin/ip`);
    const { error } = await machine.do('start', {}, ['env', `PATH=/tmp/keelson-test-machine/bin:${process.env['PATH']}`]);
    expect(error).toMatchObject({ code: 'WORLD_KERNEL_LACKS', message: expect.stringMatching(/^the kernel lacks veth \(CONFIG_VETH\): .*Operation not supported$/) as string });
    expect(await machine.processes()).toEqual([]);
  });

  test('orphans inside the world are reaped by its PID 1', async () => {
    started(await machine.do('start'));
    const init = await machine.sh('pgrep -of "^sh .*world/init.sh"');
    await machine.sh(`nsenter -t ${init} -p -m sh -c '(sleep 0.05 &) ; (sleep 0.05 &)'; sleep 0.3`);
    expect(await machine.sh('ps -eo stat=,comm= | grep ^Z')).toBe('');
  });
});
