/** Cinder's volumes in simulated servers: what is written to one is there wherever it is attached next. Of root and of a user without rights alike. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSpec } from '../../../sandbox/machines/index.ts';
import { orphans, type Whereabouts } from '../../e2e/orphans.ts';
import { toolsBin } from '../../fixtures/needs.ts';
import { World } from './world.ts';

const network = 'aa0a0b0c-0000-4000-8000-000000000001';
const servers = { one: 'aa000000-0000-4000-8000-000000000001', two: 'aa000000-0000-4000-8000-000000000002' } as const;
const volumes = { data: 'dd000000-1111-4222-8333-000000000001', copy: 'dd000000-1111-4222-8333-000000000002', etcd: 'ee000000-1111-4222-8333-000000000003', root: 'ff000000-1111-4222-8333-000000000004' } as const;
const snapshot = 'cc000000-1111-4222-8333-000000000001';

/** Registers the tests in the suite that is being described. */
export function volumeCases({ asNobody = false }: { readonly asNobody?: boolean } = {}): void {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-volumes-'));
  let world: World;
  type Name = keyof typeof servers;
  const spec = (name: Name, given: Partial<ServerSpec> = {}): ServerSpec => ({
    id: servers[name], name, hostname: name, zone: 'az1', flavor: { name: 'k.small', vcpus: 2, ramMb: 4096, diskGb: 20 }, image: { id: 'image', name: 'keelson-node-v1.36.3' }, userData: '#cloud-config\n{}\n',
    ports: [{ id: `b${servers[name].slice(1)}`, networkId: network, mac: `fa:16:3e:66:01:0${servers[name].slice(-1)}`, address: `10.67.0.1${servers[name].slice(-1)}`, prefixLength: 24, dnsServers: [], mtu: 1450, hostRoutes: [] }],
    ...given,
  });
  const on = async (name: Name, script: string): Promise<string> => {
    const { code, stdout, stderr } = await world.exec(servers[name], ['sh', '-c', script]);
    if (code !== 0) throw new Error(`${name}: ${script}: ${stderr || stdout}`);
    return stdout.trim();
  };
  const eventually = async (name: Name, script: string): Promise<string> => {
    for (let left = 200; ; left -= 1) {
      const { code, stdout, stderr } = await world.exec(servers[name], ['sh', '-c', script]);
      if (code === 0) return stdout.trim();
      if (left === 0) throw new Error(`${name}: ${script}: ${stderr}\n${await world.call<string>('consoleLog', servers[name], 40)}`);
      await sleep(200);
    }
  };

  beforeAll(async () => {
    world = await World.start({ stateDir, toolsDir: toolsBin, repoDir: join(import.meta.dirname, '../../..'), worldName: `volumes-${process.pid}`, asNobody });
    await world.call('network', network, '10.67.0.1/24');
    for (const id of Object.values(volumes)) if (id !== volumes.copy) await world.call('createVolume', { id, sizeGb: 1 });
    await world.boot(spec('one', { volumes: [{ id: volumes.root, device: '/dev/vda', isRoot: true }, { id: volumes.etcd, device: '/dev/vdb', isRoot: false }], userData: [
      '#cloud-config', 'fs_setup: [{device: /dev/vdb, filesystem: ext4, label: etcd_disk}]', 'mounts: [[LABEL=etcd_disk, /var/lib/etcd]]', 'runcmd: [touch /var/lib/etcd/member, touch /var/lib/rooted]', '',
    ].join('\n') }));
    await world.boot(spec('two', { configDrive: true }));
  });
  afterAll(async () => {
    await world.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  // Without root there are no control groups, and only a server's first processes say whose they are.
  if (!asNobody) test('a server that the cloud does not list is an orphan: its processes, namespaces, control group and folder', async () => {
    const cgroups = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '5', '-type', 'd', '-name', `keelson-volumes-${process.pid}`], { encoding: 'utf8' }).split('\n').filter(Boolean);
    const place: Whereabouts = { root: world.pid, cgroups, servers: join(stateDir, 'servers') };
    expect(await orphans(place, new Set(Object.values(servers)))).toEqual([]);
    const found = await orphans(place, new Set([servers.one]));
    for (const line of [
      new RegExp(`^process \\d+ of server ${servers.two}: sh .*/init.sh `), /^namespace pid:\[\d+\] of a server that is not listed$/, /^namespace net:/, new RegExp(`^folder ${stateDir}/servers/${servers.two}$`),
      ...cgroups.map((group) => new RegExp(`^control group ${group}/${servers.two}$`)),
    ]) expect(found).toContainEqual(expect.stringMatching(line));
    expect(found.filter((line) => line.includes(servers.one))).toEqual([]);
  });

  test('cloud-init makes a file system on an attached volume and mounts it, and a reboot finds it mounted', async () => {
    await eventually('one', 'test -e /var/lib/rooted');
    expect(await on('one', 'findmnt -no TARGET /var/lib/etcd && ls /var/lib/etcd')).toBe('/var/lib/etcd\nmember');
    await world.call('reboot', servers.one, 'HARD');
    expect(await on('one', 'findmnt -no TARGET /var/lib/etcd && ls /var/lib/etcd')).toBe('/var/lib/etcd\nmember');
  });

  test('a server made with a config drive finds what it is told on a disk, another does not', async () => {
    const drive = '/dev/disk/by-label/config-2';
    const { uuid, availability_zone: zone } = JSON.parse(await on('two', `mount -t iso9660 -o ro ${drive} /mnt && cat /mnt/openstack/latest/meta_data.json && umount /mnt`)) as Record<string, string>;
    expect([uuid, zone]).toEqual([servers.two, 'az1']);
    expect((await world.exec(servers.one, ['ls', drive])).code).not.toBe(0);
  });

  test('a volume that is attached to a running server is the disk Cinder CSI looks for', async () => {
    await world.call('attachVolume', servers.one, { id: volumes.data, device: '/dev/vdc' });
    const disk = `/dev/disk/by-id/virtio-${volumes.data.slice(0, 20)}`;
    expect((await world.exec(servers.one, ['blkid', '-p', disk])).code).toBe(2);
    expect((await world.exec(servers.one, ['mount', '-t', 'ext4', disk, '/mnt'])).code).toBe(32);
    await on('one', `mkfs.ext4 -F -m0 ${disk} && mount -t ext4 -o defaults ${disk} /mnt && echo hello > /mnt/greeting`);
    expect(await on('one', `blkid -p -o export ${disk}`)).toContain('TYPE=ext4');
    expect(await on('one', `fsck -a ${disk} && blockdev --getro ${disk} && blockdev --getsize64 ${disk} && findmnt -o source --first-only --noheadings --target /mnt`)).toBe('0\n1073741824\n/dev/vdc');
  });

  test('a second server cannot have it; once detached it can, with what was written', async () => {
    await expect(world.call('attachVolume', servers.two, { id: volumes.data, device: '/dev/vdb' })).rejects.toThrow('attached to another server');
    await world.call('snapshotVolume', { id: snapshot, volumeId: volumes.data });
    await on('one', 'echo later > /mnt/later');
    await world.call('detachVolume', servers.one, volumes.data);
    expect((await world.exec(servers.one, ['sh', '-c', 'ls /mnt; ls -d /dev/vdc'])).stdout).toBe('');
    await world.call('attachVolume', servers.two, { id: volumes.data, device: '/dev/vdb' });
    expect(await on('two', 'mount -t ext4 /dev/vdb /mnt && cat /mnt/greeting /mnt/later')).toBe('hello\nlater');
    await world.call('extendVolume', volumes.data, 3);
    expect(await on('two', 'resize2fs /dev/vdb')).toContain('3 GiB');
  });

  test('a volume made from a snapshot has what was there then', async () => {
    await world.call('createVolume', { id: volumes.copy, sizeGb: 1, from: { kind: 'snapshot', id: snapshot } });
    await world.call('attachVolume', servers.two, { id: volumes.copy, device: '/dev/vdc' });
    expect(await on('two', 'mkdir -p /srv/copy && mount -t ext4 /dev/vdc /srv/copy && ls /srv/copy')).toBe('greeting');
  });

  test('a server that is deleted leaves its volumes; its root volume boots another', async () => {
    await world.call('destroy', servers.one);
    expect(existsSync(join(stateDir, 'volumes/volumes', volumes.etcd, 'content/data/member'))).toBe(true);
    await world.boot(spec('one', { volumes: [{ id: volumes.root, device: '/dev/vda', isRoot: true }] }));
    expect(await on('one', 'ls /var/lib/rooted')).toBe('/var/lib/rooted');
    await world.call('destroy', servers.one);
    await world.call('removeVolume', volumes.root);
    expect(existsSync(join(stateDir, 'volumes/volumes', volumes.root))).toBe(false);
  });
}
