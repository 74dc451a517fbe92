/** A real world of a user without any rights, on a machine of its own: it works, it leaves nothing, and where it may not be it says why. */
import { jest } from '@jest/globals';
import type { WorldStatus } from '../../../sandbox/world/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import type { Outcome } from './machine.ts';
import { NobodysMachine } from './nobodys-machine.ts';

jest.setTimeout(90_000);

/** Inside a user namespace of its own that may have no further ones, as another user than its root and with no rights left. */
const withoutNamespaces = [
  'unshare', '--user', '--map-user=1000', '--map-group=1000', '--keep-caps', 'sh', '-c',
  'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"', 'sh',
];

describeWith({ root: true, userNamespaces: true, tools: ['one-user'], commands: ['ip', 'nft', 'nsenter', 'unshare', 'ss', 'pgrep', 'curl', 'setpriv'] }, 'world without root', () => {
  const machine = new NobodysMachine('/tmp/keelson-test-nobody');
  let before: string;
  const value = <T>({ error, value: found }: Outcome): T => {
    if (error) throw new Error(`${error.code}: ${error.message}`);
    return found as T;
  };
  const inServer = async (id: string, script: string): Promise<string> => value<{ stdout: string }>(await machine.do('exec', { name: id, argv: ['sh', '-c', script] })).stdout.trim();
  const control = (method: string, path: string, body = '{}'): Promise<string> => (
    machine.sh(`curl -s -X ${method} -H 'content-type: application/json' -d '${body}' --unix-socket ${machine.folder}/state/run/control.sock http://world${path}`));

  beforeAll(async () => {
    await machine.start();
    before = await machine.picture();
  });
  afterAll(async () => {
    await machine.do('clean').finally(() => machine.end());
  });

  test('it has a cloud, a network and a server that is root of one user; the host has listeners and no other change; kill -9 ends everything', async () => {
    expect(value<{ status: WorldStatus }>(await machine.do('start')).status.phase).toBe('ready');
    const { server } = value<{ server: string }>(await machine.do('tenant', { server: true }));
    expect((await inServer(server, 'cat /proc/self/uid_map')).split(/\s+/)).toEqual(['0', '65534', '1']);
    expect(await inServer(server, 'touch /root/a && chown 5:7 /root/a && setpriv --reuid=9 --regid=9 --clear-groups id -u')).toBe('0');
    expect(await inServer(server, 'bash -c "exec 3<>/dev/tcp/198.51.100.2/5000" && echo online')).toBe('online');
    expect((await machine.picture()).replace(/# listeners[^#]*/, '')).toBe(before.replace(/# listeners[^#]*/, ''));

    const runtime = 'until pid=$(pgrep -of container-runtime.mjs); do sleep 0.1; done; sed -n "s/^State:[[:space:]]*//p" /proc/$pid/status';
    await inServer(server, 'until [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done');
    expect(await control('POST', '/faults', '{"what": "machine", "target": "tenant", "how": "freeze"}')).toContain('"id":"machine-1"');
    expect(await inServer(server, runtime)).toMatch(/^T/);
    await control('DELETE', '/faults');
    expect(await inServer(server, runtime)).toMatch(/^S/);

    await machine.sh(`kill -9 $(grep -o 'pid": [0-9]*' ${machine.folder}/state/world.json | grep -o '[0-9]*$')`);
    await machine.empty();
    value(await machine.do('clean'));
    expect(await machine.picture()).toBe(before);
    expect(await machine.sh(`ls ${machine.folder}/state/run 2>&1`)).toContain('No such file');
  });

  test('where a plain user gets no user namespace the knob is named, and nothing is started', async () => {
    const { error } = await machine.do('start', {}, withoutNamespaces);
    expect(error).toEqual({ code: 'WORLD_NOT_ROOT', message: expect.stringMatching(/^this machine gives a plain user no user namespace: user\.max_user_namespaces is 0; allow them with "sudo sysctl user\.max_user_namespaces=\d+".* or run the command with sudo$/) as string });
    expect(await machine.processes()).toEqual([]);
  });

  test('inside a container whose engine hides parts of /proc it says how to start the container', async () => {
    await machine.sh('mount --bind /dev/null /proc/meminfo');
    const { error } = await machine.do('start');
    await machine.sh('umount /proc/meminfo');
    expect(error).toMatchObject({ code: 'WORLD_KERNEL_LACKS', message: expect.stringMatching(/^the kernel lacks a \/proc of its own \(.*"--security-opt systempaths=unconfined"\): .*(permission denied|Operation not permitted)/i) as string });
  });

  test('without the program that answers for other users it says what is missing', async () => {
    await machine.sh(`rm ${machine.folder}/tools/one-user`);
    const { error } = await machine.do('start');
    expect(error).toEqual({ code: 'WORLD_START_FAILED', message: `without root the world needs ${machine.folder}/tools/one-user; "keelson up" builds it` });
  });
});
